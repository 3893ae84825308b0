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
  std::int64_t front_size = 0;  ///< 0 where no front is searched
  double hypervolume = 0;       ///< see pareto_front
};

/// How the search of one layer went.
struct search_log {
  std::vector<history_entry> history;
  double seconds = 0;  ///< from the start of the run to the end of this search
};

/// Where the seconds of a run went.
struct time_shares {
  double breed = 0;     ///< proposing individuals, duplicates turned away
  double select = 0;    ///< ranking them and choosing parents
  double evaluate = 0;  ///< scoring them
  /// Either side waiting for the other beyond that: 0 as long as one generation is bred, scored and
  /// ranked before the next.
  double wait_host = 0;
  double wait_device = 0;  ///< see wait_host
  double other = 0;        ///< reporting progress, writing checkpoints

  double sum() const { return breed + select + evaluate + wait_host + wait_device + other; }
};

/// How a run went.
struct run_summary {
  std::vector<search_log> logs;
  double seconds = 0;  ///< of the whole run
  time_shares time;    ///< of these seconds
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
