#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/search/genetic_search.hpp"

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
  std::optional<search_rank> best;
  std::int64_t front_size = 0;  ///< 0 where no front is searched
  double hypervolume = 0;       ///< see pareto_front
};

/// How the search of one layer went.
struct search_log {
  std::vector<history_entry> history;
  double seconds = 0;  ///< from the start of the run to the end of this search
};

/// Where the seconds of a run went. The host breeds and ranks while the scoring side scores another
/// group of searches, so both have the whole run: breed + select + wait_device + other is its
/// length, and so is evaluate + wait_host. Where groups are bred side by side, the host's are means
/// of theirs.
struct time_shares {
  double breed = 0;        ///< host: proposing individuals, duplicates turned away
  double select = 0;       ///< host: ranking them and choosing parents
  double evaluate = 0;     ///< scoring side: scoring them; the mean of several evaluators
  double wait_host = 0;    ///< scoring side: nothing to score
  double wait_device = 0;  ///< host: waiting for scores
  double other = 0;        ///< host: progress, checkpoints, waiting for other groups and processes

  double host() const { return breed + select + wait_device + other; }
  double scoring() const { return evaluate + wait_host; }
  time_shares& operator+=(const time_shares& more);
};

/// How a run went.
struct run_summary {
  std::vector<search_log> logs;  ///< of each search
  double seconds = 0;            ///< of the whole run
  time_shares time;              ///< of these seconds
  std::int64_t generations = 0;  ///< that every search went through, unless it ended before
  std::int64_t evaluations = 0;  ///< of all processes
  bool was_interrupted = false;
};

class run_peers;

/// How a run goes about it. Of these, only `stop`, `islands` and `migration_interval` decide what
/// the searches find.
struct run_options {
  stop_rule stop;
  /// So many searches in a row are islands of one layer: they share its evaluations, and the best
  /// parents of each go to the next, those of the last to the first.
  int islands = 1;
  /// Generations from one exchange to the next, 0: none. Parents that leave after a generation
  /// breed at their new place two generations later, so that no island waits for another.
  std::int64_t migration_interval = 0;
  /// Groups of searches for each evaluator, each of which is bred while others are scored or bred;
  /// 1: all searches are one group; nothing: as many as pay.
  std::optional<int> groups;
  /// Other processes that run the rest of the searches: search i of all runs in process i modulo
  /// their number, in order. All processes end at the same generation.
  run_peers* peers = nullptr;
  /// Sees the summary after every generation, while the next one may be under way.
  std::function<void(const run_summary&)> progress;
  /// Asked after every generation (in process 0): whether `checkpoint` shall be called. It is also
  /// called when the run is interrupted. No search has a generation under way then.
  std::function<bool()> wants_checkpoint;
  std::function<void(const run_summary&)> checkpoint;
};

/// Advances several searches side by side until the rule stops them; the evaluators share the work.
/// The genomes of a search name their layer and accelerator by index into the given tables. `start`
/// is where a run of restored searches goes on. The searches' results are a function of the
/// searches, the rule, the islands and the migration interval alone, unless a time limit or an
/// interrupt ends them. Throws what an evaluator throws.
run_summary run_searches(std::span<genetic_search> searches,
                         std::span<const layer> layers,
                         std::span<const accelerator> accelerators,
                         std::span<evaluator* const> evaluators,
                         const run_options& options,
                         run_summary start = {});

/// The same with one evaluator and no islands; `progress`, if given, sees the summary after every
/// generation.
run_summary run_searches(std::span<genetic_search> searches,
                         std::span<const layer> layers,
                         std::span<const accelerator> accelerators,
                         evaluator& score,
                         const stop_rule& stop,
                         const std::function<void(const run_summary&)>& progress = {},
                         run_summary start = {});

}  // namespace cugamma
