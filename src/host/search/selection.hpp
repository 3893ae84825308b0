#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "cugamma/genetic_search.hpp"
#include "search/for_each_index.hpp"

namespace cugamma {

/// A number that orders like fitness, except that some that differ get the same one.
inline std::uint64_t coarse_key(const fitness& f) {
  const double value = (f.violation > 0 ? f.violation : f.values[0]) + 0.0;  // no -0
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t ordered = bits ^ (bits >> 63 != 0 ? ~std::uint64_t{0} : 1ull << 63);
  return (f.violation > 0 ? 1ull << 63 : 0) | ordered >> 1;
}

/// 64-bit hash of a fitness, never 0; equal ones have equal hashes.
inline std::uint64_t hash(const fitness& f) {
  std::uint64_t h = 0x9E3779B97F4A7C15u;
  const auto mix = [&h](double value) {
    h = (h ^ std::bit_cast<std::uint64_t>(value + 0.0)) * 0xFF51AFD7ED558CCDu;
    h ^= h >> 32;
  };
  mix(f.violation);
  for (const double value : f.values) mix(value);
  return std::max<std::uint64_t>(h, 1);
}

/// Picks the fittest of two pools, parents and children, in time linear in their sizes. Of those
/// that rank the same only the first counts. Keeps its memory, below 100 bytes for each of the
/// members, from call to call.
class selection {
 public:
  /// The most that are put in order, best first.
  static constexpr std::size_t most_ordered = 4096;

  /// Indices of the `most` fittest, children counted from behind the parents, fewer if there are
  /// not so many that rank differently and whose violation is finite; in order if at most
  /// most_ordered. Valid until the next call. precondition: fewer than 2^32 members
  std::span<const std::uint32_t> best(std::span<const fitness> parents,
                                      std::span<const fitness> children,
                                      std::size_t most) {
    parents_ = parents;
    children_ = children;
    find_different();
    const std::size_t keep = std::min(most, different_.size());
    choose(keep);
    if (keep <= most_ordered) std::sort(chosen_.begin(), chosen_.end(), fitter{*this});
    return chosen_;
  }

 private:
  const fitness& rank_of(std::uint32_t i) const {
    return i < parents_.size() ? parents_[i] : children_[i - parents_.size()];
  }

  /// Orders members by fitness, then by index.
  struct fitter {
    const selection& of;
    bool operator()(std::uint32_t a, std::uint32_t b) const {
      return std::tie(of.rank_of(a), a) < std::tie(of.rank_of(b), b);
    }
  };

  struct member {
    std::uint64_t key;
    std::uint32_t index;
  };

  /// False if the hash is there already. precondition: a free slot
  bool take(std::uint64_t hash) {
    std::size_t at = hash & (taken_.size() - 1);
    while (taken_[at] != 0 && taken_[at] != hash) at = (at + 1) & (taken_.size() - 1);
    const bool is_new = taken_[at] == 0;
    taken_[at] = hash;
    return is_new;
  }

  void find_different() {
    constexpr std::size_t ahead = 16;  // hides the memory's latency
    const std::size_t count = parents_.size() + children_.size();
    hashes_.resize(count);
    for_each_index(count, [&](std::size_t i) {
      hashes_[i] = hash(rank_of(static_cast<std::uint32_t>(i)));
    });
    taken_.assign(std::bit_ceil(2 * count + 1), 0);
    different_.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i + ahead < count) {
        __builtin_prefetch(&taken_[hashes_[i + ahead] & (taken_.size() - 1)], 1);
      }
      const fitness& f = rank_of(i);
      if (std::isfinite(f.violation) && take(hashes_[i])) different_.push_back({coarse_key(f), i});
    }
  }

  /// Only members whose key is that of the last one chosen are compared in full.
  void choose(std::size_t keep) {
    chosen_.clear();
    if (keep == 0) return;
    const auto last = different_.begin() + static_cast<std::ptrdiff_t>(keep - 1);
    const auto by_key = [](const member& a, const member& b) { return a.key < b.key; };
    std::nth_element(different_.begin(), last, different_.end(), by_key);
    const std::uint64_t last_key = last->key;
    tied_.clear();
    for (const member& m : different_) {
      if (m.key < last_key) chosen_.push_back(m.index);
      if (m.key == last_key) tied_.push_back(m.index);
    }
    const auto open = static_cast<std::ptrdiff_t>(keep - chosen_.size());
    std::nth_element(tied_.begin(), tied_.begin() + (open - 1), tied_.end(), fitter{*this});
    chosen_.insert(chosen_.end(), tied_.begin(), tied_.begin() + open);
  }

  std::span<const fitness> parents_;
  std::span<const fitness> children_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint64_t> taken_;
  std::vector<member> different_;
  std::vector<std::uint32_t> chosen_;
  std::vector<std::uint32_t> tied_;
};

}  // namespace cugamma
