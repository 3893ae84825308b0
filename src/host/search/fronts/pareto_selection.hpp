#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cugamma/search/pareto.hpp"
#include "search/selection/distinct_pool.hpp"

namespace cugamma {

/// NSGA-II's selection with constrained domination: feasible members before the others, front by
/// front, of the front that does not fit whole those with the most room around them; then what is
/// infeasible, least violation first.
class pareto_selection {
 public:
  /// The `most` chosen, in that order; fewer if there are not so many different ones. O(n log^2 n).
  /// Valid until the next call.
  std::span<const std::uint32_t> best(distinct_pool& pool, std::size_t most, int objectives);

 private:
  void split(distinct_pool& pool);
  void take_fronts(std::size_t most, int objectives);
  /// One front, most room first.
  void take_front(std::span<const std::uint32_t> front, std::size_t most, int objectives);
  void take_infeasible(const distinct_pool& pool, std::size_t most);

  std::vector<std::uint32_t> feasible_;
  std::vector<objective_values> points_;  ///< of the feasible
  std::vector<std::uint32_t> infeasible_;
  std::vector<std::uint32_t> chosen_;
};

}  // namespace cugamma
