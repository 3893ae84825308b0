#include "search/co_design/heat_options.hpp"

#include <utility>

namespace cugamma {

run_options heat_options(const co_design_options& options,
                         int heat,
                         std::size_t machines,
                         std::function<co_design_state(const run_summary&)> save) {
  run_options run;
  run.stop.interrupted = options.interrupted;
  run.wants_checkpoint = options.wants_checkpoint;
  if (options.progress) {
    run.progress = [&options, heat, machines](const run_summary& now) {
      options.progress({now, heat, machines, options.area_budget_um2});
    };
  }
  if (options.checkpoint) {
    run.checkpoint = [&options, save = std::move(save)](const run_summary& now) {
      options.checkpoint(save(now));
    };
  }
  return run;
}

}  // namespace cugamma
