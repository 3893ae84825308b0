#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "cugamma/evaluator.hpp"
#include "cugamma/genetic_search.hpp"

namespace cugamma {

/// When the searches of a run end: each at its own number of generations or evaluations, all of
/// them when the time is up or `interrupted` answers true (asked once a generation).
struct stop_rule {
  /// Generations bred after the first population.
  std::int64_t generations = std::numeric_limits<std::int64_t>::max() - 1;
  std::int64_t evaluations = std::numeric_limits<std::int64_t>::max();
  double seconds = std::numeric_limits<double>::infinity();
  std::function<bool()> interrupted;
};

/// The state of a search after a generation.
struct history_entry {
  std::int64_t generation = 0;  ///< 0: the first population
  std::int64_t evaluations = 0;
  std::optional<fitness> best;
};

/// How the search of one layer went.
struct search_log {
  std::vector<history_entry> history;
  double seconds = 0;  ///< from the start of the run to the end of this search
};

/// How a run went.
struct run_summary {
  std::vector<search_log> logs;
  double seconds = 0;           ///< of the whole run
  double evaluate_seconds = 0;  ///< of it, in the evaluator
  std::int64_t evaluations = 0;
  bool was_interrupted = false;
};

/// Advances several searches side by side, one generation of each as one batch, until the rule
/// stops them. `progress`, if given, sees the summary after every generation. The genomes of a
/// search name their layer and accelerator by index into the given tables. `start` is where a run
/// of restored searches goes on. Throws what the evaluator throws.
run_summary run_searches(std::span<genetic_search> searches,
                         std::span<const layer> layers,
                         std::span<const accelerator> accelerators,
                         evaluator& score,
                         const stop_rule& stop,
                         const std::function<void(const run_summary&)>& progress = {},
                         run_summary start = {});

}  // namespace cugamma
