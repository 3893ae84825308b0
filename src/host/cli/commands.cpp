#include "cli/commands.hpp"

#include <array>

#include "cli/timeloop/timeloop_commands.hpp"

namespace cugamma::cli {

std::span<const command> commands() {
  static constexpr std::array table{
      command{"evaluate",
              "print the figures of the mappings in a MAESTRO mapping file",
              run_evaluate,
              true},
      command{"search", "search the best mapping of a network's layers", run_search, true},
      command{"sweep", "search on each of several accelerators or networks", run_sweep, true},
      command{"certify", "prove the optimum of a layer, or a gap to it", run_certify, true},
      command{"compare",
              "compare search algorithms at equal evaluations and time",
              run_compare,
              true},
      command{"flexibility",
              "search the 16 flexibility classes of an accelerator style",
              run_flexibility,
              true},
      command{"report", "make a page of one search or compare several", run_report},
      command{"validate", "compare all back ends on random mappings", run_validate, true},
      command{"bench", "time the back ends on random populations", run_bench, true},
      command{"models", "list the cost models", run_models},
      command{"networks", "list the networks", run_networks},
      command{"accelerators", "list the accelerators", run_accelerators},
  };
  return table;
}

std::span<const command> commands_of(const file_cost_model& model) {
  static constexpr std::array of_timeloop{
      command{"evaluate", "print the figures of mappings", run_timeloop_evaluate},
      command{"search", "search the best mapping", run_timeloop_search},
      command{"certify", "prove the optimum, or a gap to it", run_timeloop_certify},
      command{"compare",
              "compare search algorithms at equal evaluations and time",
              run_timeloop_compare},
      command{"validate", "compare all back ends on random mappings", run_timeloop_validate},
      command{"bench", "time the back ends on random populations", run_timeloop_bench},
  };
  if (model.name == "timeloop") return of_timeloop;
  return {};
}

}  // namespace cugamma::cli
