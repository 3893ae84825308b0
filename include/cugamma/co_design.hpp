#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "cugamma/evaluator.hpp"
#include "cugamma/genetic_search.hpp"
#include "cugamma/search_run.hpp"

namespace cugamma {

/// A layer of a network in the form that is mapped, and how often the network runs it.
struct weighted_layer {
  layer l;
  std::int64_t count = 1;
};

/// What a co-design may build and spend.
struct co_design_options {
  double area_budget_um2 = 0;  ///< for PEs, L1 and L2 (budget_area_um2)
  std::int32_t pe_limit = 4096;
  std::int64_t evaluations = 10000;  ///< a layer, on the machine that wins
  std::function<bool()> interrupted;
};

/// One machine for a whole network.
struct co_design_result {
  accelerator machine;  ///< PEs, L1 and L2 chosen, all else the base's
  double area_um2 = 0;  ///< of these, at most the budget
  double total = 0;     ///< the objective of the network; infinite if a layer has no mapping
  /// Searches of the layers on that machine, in their order, with their logs.
  std::vector<genetic_search> searches;
  run_summary run;  ///< evaluations: of all machines
  std::int64_t machines = 0;
};

/// The network's objective from its layers': latency and energy add up, EDP is the product of both
/// sums. Infinite if a layer has no mapping.
double network_total(objective o,
                     std::span<const weighted_layer> layers,
                     std::span<const std::optional<candidate>> best,
                     const accelerator& a);

/// Makes the space of a layer on a machine; the indices in it are set by the caller.
using space_maker = std::function<search_space(const layer&, const accelerator&)>;

/// Searches PEs, L1 and L2 within a budget, and a mapping of every layer on them, that minimise the
/// first objective of the network. Machines over the whole budget compete in rounds: each round
/// triples the evaluations of those left and keeps the best third; a second heat competes around
/// the winner with its buffers cut to what its mappings use. Throws input_error if the objective is
/// none of latency, energy, EDP, or the budget does not pay for one PE.
co_design_result co_design(std::span<const weighted_layer> layers,
                           const accelerator& base,
                           const space_maker& make_space,
                           const search_options& search,
                           const co_design_options& options,
                           evaluator& score);

}  // namespace cugamma
