#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/evaluate/timeloop_back_ends.hpp"
#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/constraints.hpp"
#include "cugamma/models/timeloop/genome.hpp"
#include "cugamma/models/timeloop/problem.hpp"
#include "cugamma/models/timeloop/scoring.hpp"
#include "cugamma/search/pareto.hpp"

/// The genetic search of mappings that Timeloop's model prices.
namespace cugamma::timeloop {

/// What a search can minimise; utilization is maximised.
enum class figure : std::uint8_t { edp, latency, energy, utilization, accesses };

/// An objective: a figure, of one level where it belongs to one.
struct objective {
  figure what = figure::edp;
  int level = -1;  ///< of accesses: 0 is the innermost
  friend bool operator==(const objective&, const objective&) = default;
};

/// Reads names with commas between them: edp, latency (delay), energy, utilization, accesses-1 (of
/// level 1), last_level_accesses (of the outermost); letter case does not matter. Throws
/// input_error for another name, and for more than max_objectives.
std::vector<objective> parse_objectives(std::string_view list, const architecture& a);
std::string name_of(const objective& o);
/// The unit of what is minimised: for utilization the cycles that decide it.
std::string_view unit_of(const objective& o);

/// A bound that a figure must keep: at most, of utilization at least.
struct objective_limit {
  objective o;
  double bound = 0;
};

/// Reads "latency=500000,energy=1e9". Throws input_error.
std::vector<objective_limit> parse_limits(std::string_view list, const architecture& a);

/// How a search goes about it. All but `seconds` and what follows it decide what it finds.
struct search_options {
  std::vector<objective> objectives{{}};  ///< the first ranks; the others decide ties
  /// Two or three objectives make a front in place of one winner.
  bool is_front = false;
  std::vector<objective_limit> limits;
  std::uint64_t seed = 1;
  std::int64_t population = 64;          ///< of each island
  int islands = 1;                       ///< parts that breed apart, on as many cores
  std::int64_t migration_interval = 20;  ///< generations from one exchange to the next
  /// Generations without a better best after which an island starts afresh; 0: never.
  std::int64_t patience = 40;
  bool draws_only = false;       ///< every proposal is drawn anew: a random search to compare with
  bool explores_bypass = false;  ///< false: every level keeps every tensor that it may
  std::int64_t evaluations = 100'000;  ///< valid mappings that are scored
  double seconds = std::numeric_limits<double>::infinity();
  std::function<bool()> interrupted;  ///< asked once a generation
  std::string state;                  ///< to go on from, as keep_state got it; empty: none
  std::function<bool()> wants_state;  ///< asked once a generation: whether keep_state is to be told
  std::function<void(std::string)> keep_state;  ///< told states to go on from, always the last one
};

/// Sets what the mapper settings of Timeloop's files ask for: the objectives, and the evaluations
/// if they have a search_size.
void set_from(const mapper_settings& m, const architecture& a, search_options& o);

/// A mapping that was scored.
struct candidate {
  genome mapping;
  cost figures;
  objective_values values{};  ///< to be minimised; 0 beyond the objectives
};

/// When a search got better.
struct improvement {
  std::int64_t evaluations = 0;  ///< so far; with islands those of its own times the islands
  double seconds = 0;
  candidate found;
};

struct search_result {
  std::optional<candidate> best;
  std::vector<candidate> front;      ///< if one was asked for, in the order of values
  std::vector<improvement> history;  ///< of the first objective; the last one is the best
  std::int64_t evaluations = 0;      ///< valid mappings that were scored
  /// Proposals that the model rejected, by reason; 0 where all are valid by construction.
  std::array<std::int64_t, num_rejections> rejected{};
  std::int64_t over_limit = 0;  ///< valid mappings beyond a limit
  std::int64_t proposals = 0;   ///< drawn or bred, with duplicates and those that broke a rule
  double seconds = 0;
  bool was_interrupted = false;
};

/// Searches the mappings of a problem onto an architecture that keep constraints. What it finds is
/// a function of these and the options, also where it went on from a state. Throws input_error for
/// a problem that genomes cannot hold, no objective, a front of other than two or three, less than
/// two individuals an island, and a state that is damaged or of another search.
search_result search_mappings(const architecture& a,
                              const problem& p,
                              const constraints& c,
                              const search_options& options,
                              const score_function& score);

/// The same on the back end cpu.
search_result search_mappings(const architecture& a,
                              const problem& p,
                              const constraints& c,
                              const search_options& options);

}  // namespace cugamma::timeloop
