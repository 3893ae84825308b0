#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/evaluate/network_figures.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "cugamma/search/search_run.hpp"

namespace cugamma {

/// A layer of a network in the form that is mapped, and how often the network runs it.
struct weighted_layer {
  layer l;
  std::int64_t count = 1;
};

/// A co-design between two generations: all that continuing it needs.
struct co_design_state {
  run_summary run;                    ///< with a log for each of `searches`
  std::vector<std::string> searches;  ///< where the contest stands, then its searches
};

/// How a co-design comes along.
struct co_design_progress {
  const run_summary& run;  ///< of all accelerators so far, with the logs of those left
  int heat = 1;            ///< of two
  std::size_t machines_left = 0;
  double area_budget_um2 = 0;  ///< that these spend
};

/// Accelerators that compete at a time, at most.
inline constexpr int most_contest_machines = 60;

/// The most PEs that are tried where nobody says how many.
inline constexpr std::int32_t default_pe_limit = 4096;

/// What a co-design may build and spend.
struct co_design_options {
  double area_budget_um2 = 0;  ///< for PEs, L1 and L2 (budget_area_um2)
  std::int32_t pe_limit = default_pe_limit;
  std::int64_t evaluations = 10000;  ///< a layer, on the accelerator that wins
  /// Of the whole contest; every round gets its share of what is left.
  double seconds = std::numeric_limits<double>::infinity();
  std::function<bool()> interrupted;
  /// Mappings that the searches of a layer, by its index, start from.
  std::function<std::vector<genome>(std::size_t, const search_space&)> initial;
  std::function<void(const co_design_progress&)> progress;  ///< after every generation
  /// Asked after every generation: whether `checkpoint` shall be called. It is also called when the
  /// contest is interrupted.
  std::function<bool()> wants_checkpoint;
  std::function<void(co_design_state)> checkpoint;
};

/// One accelerator for a whole network.
struct co_design_result {
  accelerator machine;  ///< PEs chosen, L1 and L2 as the mappings need, all else the base's
  double area_um2 = 0;  ///< of these, at most the budget
  double total = 0;     ///< the network's first objective; infinite if a layer has no mapping
  /// Searches of the layers on that accelerator, in their order, with their logs.
  std::vector<genetic_search> searches;
  run_summary run;  ///< evaluations: of all accelerators
  std::int64_t machines = 0;
};

/// Makes the space of a layer on an accelerator; the indices in it are set by the caller.
using space_maker = std::function<search_space(const layer&, const accelerator&)>;

/// What a co-design is about. The layers and the evaluator must outlive it.
struct co_design_problem {
  std::span<const weighted_layer> layers;
  accelerator base;  ///< all that is not searched: NoC, off-chip memory, constants, ...
  space_maker make_space;
  evaluator& score;
};

/// Searches PEs, L1 and L2 within a budget, and a mapping of every layer on them, that minimise the
/// objectives of the network (network_figures), in their order. The search's limits hold for the
/// network; every layer keeps them too, throughput excepted. Accelerators over the whole budget
/// compete in rounds: each round triples the evaluations of those left and keeps the best third; a
/// second heat competes around the winner with its buffers cut to what its mappings use, and starts
/// from these. With budget_area as the first objective, and a limit on what mappings decide
/// (latency, energy, ...), the smallest accelerator is searched that keeps the limits: contests
/// over budgets between the largest that fails and the smallest that does not, whose mappings
/// minimise the limited figures; the budget may be infinite then. `resume` is where an interrupted
/// contest of the same arguments goes on. Throws input_error if the first objective is another
/// figure of the accelerator alone (the least accelerator would win), the budget does not pay for
/// one PE or for the PEs that a limit asks for, or `resume` is of another contest.
co_design_result co_design(const co_design_problem& problem,
                           const search_options& search,
                           const co_design_options& options,
                           const co_design_state* resume = nullptr);

}  // namespace cugamma
