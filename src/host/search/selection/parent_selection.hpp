#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cugamma/search/genetic_search.hpp"
#include "search/fronts/pareto_selection.hpp"
#include "search/selection/distinct_pool.hpp"
#include "search/selection/selection.hpp"
#include "search/selection/tournament.hpp"

namespace cugamma {

/// Chooses who breeds, by the rule of a search.
class parent_selection {
 public:
  /// Indices of the next parents, children counted from behind the parents. Valid until the next
  /// call.
  std::span<const std::uint32_t> choose(const search_options& options,
                                        std::span<const search_rank> parents,
                                        std::span<const search_rank> children,
                                        std::int64_t generation) {
    pool_.assign(parents, children);
    const std::size_t most = share(options, options.parents_ratio, 2);
    switch (options.selection) {
      case selection_rule::pareto:
        return spread_.best(pool_, most, static_cast<int>(options.objectives.size()));
      case selection_rule::tournament:
        return drawn_.winners(pool_,
                              most,
                              share(options, options.elite_ratio, 1),
                              options.tournament_size,
                              options.seed,
                              static_cast<std::uint32_t>(generation));
      default:
        return fittest_.best(pool_, most);
    }
  }

 private:
  static std::size_t share(const search_options& options, double ratio, double least) {
    const double size = std::round(ratio * static_cast<double>(options.population));
    return static_cast<std::size_t>(std::max(least, size));
  }

  distinct_pool pool_;
  selection fittest_;
  tournament drawn_;
  pareto_selection spread_;
};

}  // namespace cugamma
