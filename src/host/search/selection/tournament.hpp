#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "numbers/random.hpp"
#include "search/selection/distinct_pool.hpp"
#include "search/selection/selection.hpp"
#include "search/threads/for_each_index.hpp"

namespace cugamma {

/// Picks the winners of tournaments: each the fittest of `size` random members of a pool, who can
/// win again. Time linear in the number of winners and the pool. Keeps its memory from call to
/// call.
class tournament {
 public:
  /// The `elite` fittest, then winners up to `most` in all: a function of pool, seed and
  /// generation. Valid until the next call.
  std::span<const std::uint32_t> winners(distinct_pool& pool,
                                         std::size_t most,
                                         std::size_t elite,
                                         int size,
                                         std::uint64_t seed,
                                         std::uint32_t generation) {
    const std::span<const std::uint32_t> members = pool.different();
    winners_.resize(members.empty() ? 0 : most);
    for_each_index(winners_.size(), [&](std::size_t i) {
      random_stream random(seed, generation, i, draws_of_selection);
      winners_[i] = winner(pool, members, size, random);
    });
    std::ranges::copy(fittest_.best(pool, std::min(elite, winners_.size())), winners_.begin());
    return winners_;
  }

 private:
  /// No attempt at breeding an individual has this number.
  static constexpr std::uint32_t draws_of_selection = 1u << 12;

  static std::uint32_t winner(const distinct_pool& pool,
                              std::span<const std::uint32_t> members,
                              int size,
                              random_stream& random) {
    const auto count = static_cast<std::int32_t>(members.size());
    std::uint32_t best = members[random.below(count)];
    for (int i = 1; i < size; ++i) {
      const std::uint32_t rival = members[random.below(count)];
      if (pool.is_fitter(rival, best)) best = rival;
    }
    return best;
  }

  selection fittest_;
  std::vector<std::uint32_t> winners_;
};

}  // namespace cugamma
