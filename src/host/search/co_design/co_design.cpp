#include "cugamma/search/co_design.hpp"

#include <fmt/core.h>

#include "cugamma/error.hpp"
#include "search/co_design/contest.hpp"
#include "search/co_design/smallest_machine.hpp"

namespace cugamma {

co_design_result co_design(const co_design_problem& problem,
                           const search_options& search,
                           const co_design_options& options,
                           const co_design_state* resume) {
  const objective o = search.objectives.at(0);
  if (o == objective::budget_area && !limited_figures(search.limits).empty()) {
    smallest_machine smallest(problem, search, options);
    if (resume != nullptr) smallest.restore(*resume);
    return smallest.finish();
  }
  if (is_of_machine(o)) {
    throw input_error(
        fmt::format("co-design of a network for {}: the least accelerator would win; minimise what "
                    "mappings decide (latency, energy, EDP, LAP, ...) and bound {} by a limit, or "
                    "minimise budget-area within limits on what they decide (--limit "
                    "latency=CYCLES)",
                    name_of(o),
                    name_of(o)));
  }
  contest both(problem, search.objectives, search, options);
  if (resume != nullptr) {
    both.restore(*resume);
  } else {
    both.begin();
  }
  heat_winner won = both.finish();
  return both.result_of(std::move(won), both.run());
}

}  // namespace cugamma
