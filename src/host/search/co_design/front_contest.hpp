#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "cugamma/search/co_design.hpp"

namespace cugamma {

/// The fronts of a network's layers on one accelerator.
struct machine_fronts {
  accelerator machine;
  std::vector<genetic_search> searches;  ///< of each layer
  std::vector<search_log> logs;
};

/// Which of some accelerators have a part in the front of the network.
using front_judge = std::function<std::vector<std::size_t>(std::span<const machine_fronts>)>;

struct front_contest_result {
  std::vector<machine_fronts> machines;  ///< in the order of their PEs
  run_summary run;                       ///< of all accelerators, without logs
  std::int64_t machines_tried = 0;
};

/// Searches the fronts of a network's layers on several accelerators, which differ in PEs; L1 and
/// L2 are what mappings need. A first heat takes every second power of the most PEs, with a third
/// of the evaluations; the second all evaluations on those that `judge` keeps and on accelerators
/// with 1/sqrt(2) and sqrt(2) as many PEs, whose searches start from the mappings of these. Limits
/// are the network's, as for co_design, and so is `resume`.
front_contest_result search_machine_fronts(const co_design_problem& problem,
                                           const search_options& search,
                                           const co_design_options& options,
                                           const front_judge& judge,
                                           const co_design_state* resume = nullptr);

}  // namespace cugamma
