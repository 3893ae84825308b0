#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <tuple>
#include <vector>

#include "cugamma/genetic_search.hpp"
#include "search/for_each_index.hpp"
#include "search/seen_set.hpp"

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

/// Parents and children together, numbered, children from behind the parents: those that selection
/// chooses from. Keeps its memory from call to call.
class distinct_pool {
 public:
  struct member {
    std::uint64_t key;  ///< coarse_key of its fitness
    std::uint32_t index;
  };

  /// Looks at two lists until the next call, in time linear in their sizes. precondition: fewer
  /// than 2^32 members
  void assign(std::span<const fitness> parents, std::span<const fitness> children) {
    parents_ = parents;
    children_ = children;
    find_different();
  }

  const fitness& rank_of(std::uint32_t i) const {
    return i < parents_.size() ? parents_[i] : children_[i - parents_.size()];
  }

  /// Whether member a comes before member b, by fitness, then by index.
  bool is_fitter(std::uint32_t a, std::uint32_t b) const {
    return std::tie(rank_of(a), a) < std::tie(rank_of(b), b);
  }

  /// The members whose violation is finite; of those that rank the same only the first. In the
  /// order of their indices, unless whoever chooses reorders them.
  std::span<const member> different() const { return different_; }
  std::span<member> different() { return different_; }

 private:
  static constexpr std::size_t block = 1 << 14;

  void find_different() {
    const std::size_t count = parents_.size() + children_.size();
    hashes_.resize(count);
    is_new_.resize(count);
    for_each_index(count, [&](std::size_t i) {
      hashes_[i] = hash(rank_of(static_cast<std::uint32_t>(i)));
    });
    if (count > room_) {
      taken_ = seen_set::unbounded(count);
      room_ = count;
    }
    taken_.clear();
    taken_.insert(hashes_, is_new_);
    list_different();
  }

  bool is_different(std::size_t i) const {
    return is_new_[i] != 0 && std::isfinite(rank_of(static_cast<std::uint32_t>(i)).violation);
  }

  void list_different() {
    std::vector<std::size_t> places((is_new_.size() + block - 1) / block + 1);
    for_each_block(is_new_.size(), block, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i)
        places[begin / block + 1] += is_different(i) ? 1 : 0;
    });
    std::partial_sum(places.begin(), places.end(), places.begin());
    different_.resize(places.back());
    for_each_block(is_new_.size(), block, [&](std::size_t begin, std::size_t end) {
      std::size_t at = places[begin / block];
      for (std::size_t i = begin; i < end; ++i) {
        const auto index = static_cast<std::uint32_t>(i);
        if (is_different(i)) different_[at++] = {coarse_key(rank_of(index)), index};
      }
    });
  }

  std::span<const fitness> parents_;
  std::span<const fitness> children_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint8_t> is_new_;
  seen_set taken_;
  std::size_t room_ = 0;  ///< of taken_
  std::vector<member> different_;
};

}  // namespace cugamma
