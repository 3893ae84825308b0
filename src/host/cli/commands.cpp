#include "cli/commands.hpp"

#include <array>

namespace cugamma::cli {

std::span<const command> commands() {
  static constexpr std::array table{
      command{"evaluate",
              "print the figures of the mappings in a MAESTRO mapping file",
              run_evaluate},
      command{"search", "search the best mapping of a network's layers", run_search},
      command{"sweep", "search on each of several accelerators or networks", run_sweep},
      command{"certify", "prove the optimum of a layer, or a gap to it", run_certify},
      command{"compare", "compare search algorithms at equal evaluations and time", run_compare},
      command{"flexibility",
              "search the 16 flexibility classes of an accelerator style",
              run_flexibility},
      command{"report", "make a page of one search or compare several", run_report},
      command{"validate", "compare all back ends on random mappings", run_validate},
      command{"bench", "time the back ends on random populations", run_bench},
      command{"models", "list the cost models", run_models},
      command{"networks", "list the networks", run_networks},
      command{"accelerators", "list the accelerators", run_accelerators},
  };
  return table;
}

}  // namespace cugamma::cli
