#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "search/distinct_pool.hpp"

namespace cugamma {

/// Picks the fittest of a pool in time linear in its size, reordering its members. Keeps its memory
/// from call to call.
class selection {
 public:
  /// The most that are put in order, best first.
  static constexpr std::size_t most_ordered = 4096;

  /// The `most` fittest, fewer if there are not so many different ones; in order if at most
  /// most_ordered. Valid until the next call.
  std::span<const std::uint32_t> best(distinct_pool& pool, std::size_t most) {
    const std::size_t keep = std::min(most, pool.different().size());
    const auto fitter = [&](std::uint32_t a, std::uint32_t b) { return pool.is_fitter(a, b); };
    choose(pool, keep);
    if (keep <= most_ordered) std::sort(chosen_.begin(), chosen_.end(), fitter);
    return chosen_;
  }

 private:
  using member = distinct_pool::member;

  /// Only members whose key is that of the last one chosen are compared in full.
  void choose(distinct_pool& pool, std::size_t keep) {
    chosen_.clear();
    if (keep == 0) return;
    const std::span<member> members = pool.different();
    const auto last = members.begin() + static_cast<std::ptrdiff_t>(keep - 1);
    const auto by_key = [](const member& a, const member& b) { return a.key < b.key; };
    std::nth_element(members.begin(), last, members.end(), by_key);
    const std::uint64_t last_key = last->key;
    tied_.clear();
    for (const member& m : members) {
      if (m.key < last_key) chosen_.push_back(m.index);
      if (m.key == last_key) tied_.push_back(m.index);
    }
    const auto open = static_cast<std::ptrdiff_t>(keep - chosen_.size());
    const auto fitter = [&](std::uint32_t a, std::uint32_t b) { return pool.is_fitter(a, b); };
    std::nth_element(tied_.begin(), tied_.begin() + (open - 1), tied_.end(), fitter);
    chosen_.insert(chosen_.end(), tied_.begin(), tied_.begin() + open);
  }

  std::vector<std::uint32_t> chosen_;
  std::vector<std::uint32_t> tied_;
};

}  // namespace cugamma
