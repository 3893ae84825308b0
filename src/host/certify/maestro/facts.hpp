#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certify/engine.hpp"
#include "models/maestro/closed/tilings.hpp"
#include "models/maestro/counts.hpp"

/// The proof of an optimum under MAESTRO's model: docs/certify.md holds the bounds and why they
/// hold. Levels are called outer and inner; all tiles are in output coordinates.
namespace cugamma::maestro_proof {

using core::C;
using core::free_dims;
using core::K;
using core::X;
using core::Y;
using number = std::int64_t;

/// A loop order of a level, told apart from others by the loops that may have steps.
struct loop_order {
  std::array<int, free_dims> position{};  ///< of K, C, Y, X, the outermost lowest
  std::array<dimension, gene_dimension_count> dimensions{};  ///< the whole order, outermost first
};

/// The cluster sizes that give so many clusters, which is all that the outer level sees of them.
struct cluster_range {
  number clusters = 1;
  number low = 1;
  number high = 1;
};

/// What a proof reads of its problem.
struct facts {
  certify_problem problem;
  core::two_level_layer<number> layer;
  layer_totals totals;
  number head = 1;  ///< cycles of the NoC's head, or 1 where it may be longer than a step
  /// Whether every mapping's runtime is the closed form's; if not, that is a lower bound of it.
  bool is_wide = true;
  number fastest = 0;  ///< runtime of PEs that are never idle; less fails test 2
  /// Those that the space allows, one for each way in which the dimensions of a set (as bits) can
  /// stand; by set.
  std::array<std::vector<loop_order>, 1 << free_dims> orders;
  std::array<std::vector<loop_order>, 1 << free_dims> inner_orders;  ///< the same, inner level
  std::vector<cluster_range> clusters;                               ///< most clusters first
  std::array<std::vector<number>, free_dims> tiles;        ///< of the outer level, ascending
  std::array<std::vector<number>, free_dims> least_inner;  ///< see least_inner_tile; by tile
  bool has_free_inner = true;  ///< inner tiles may be 1 wherever the dimension is not parallel

  number outputs(int d) const { return layer.outputs[d]; }
  bool may_be_parallel(std::size_t level, int d) const {
    return contains(problem.space.levels[level].parallel, d) && core::has(layer.tensors.present, d);
  }
};

/// What a mapping of the closed form moves and takes.
struct movement {
  number runtime = 0;
  number input = 0;
  number filter = 0;
  number output = 0;
};

/// Why nothing can be proved of a problem under MAESTRO's model; nothing if something can.
std::optional<std::string> obstacle(const certify_problem& problem);

/// Why a problem's optimum cannot be proved, but a floor can; nothing if it can.
std::optional<std::string> search_obstacle(const certify_problem& problem);

/// The objective's value that no mapping that counts is below, whatever its levels and constraints:
/// every tensor moved once, in the least cycles of the busiest PE. precondition: no obstacle
double floor_of(const certify_problem& problem);

/// precondition: no obstacle, no search_obstacle
facts facts_of(const certify_problem& problem);

/// The objective's value of a mapping with these counts. Grows with each of them, rounding
/// included: so what bounds them gives a bound of the value.
double value_of(const facts& f, const movement& m);

/// Cycles in which so many elements pass the NoC, besides its head.
inline number noc_cycles(const facts& f, number elems) {
  const number width = f.problem.machine.noc_bw;
  return (elems + width - 1) / width;
}

/// Whether the objective's value depends on the runtime.
bool depends_on_runtime(const facts& f);

/// Elements of L1 that a PE needs for inner tiles, and whether it has them.
bool fits_l1(const facts& f, const number (&inner_tile)[free_dims]);

/// Whether the space allows an inner tile below an outer one.
bool allows_inner(const facts& f, int d, number outer_tile, number inner_tile);

/// The MACs that the inner level counts for a dimension that is not parallel there, when it is
/// handed a full tile and, last, the rest of the dimension, are right.
bool counts_inner(const facts& f, int d, number outer_tile, number inner_tile);

}  // namespace cugamma::maestro_proof
