#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// A set of genome dimensions, bit index_of(d); bit no_dimension stands for "none".
using dimension_mask = std::uint8_t;

CUGAMMA_HD constexpr dimension_mask mask_of(dimension d) {
  return static_cast<dimension_mask>(1u << index_of(d));
}
CUGAMMA_HD constexpr bool contains(dimension_mask mask, int d) { return (mask >> d & 1u) != 0; }
inline constexpr dimension_mask no_second_parallel = 1u << no_dimension;

/// What a tile may be, before the rules that hold for every mapping (not above the tile of the
/// level above; R and S whole unless parallel from there down).
struct tile_rule {
  std::int32_t low = 1;
  std::int32_t high = max_tile;
  /// Index of the dimension whose tile at the level above (at the top: whose bound) this tile
  /// equals; no_dimension: free within low .. high.
  std::int32_t same_as_above = no_dimension;
  /// Not above the tile of this dimension at the level above; no_dimension: no such bound.
  std::int32_t at_most_tile_of = no_dimension;
  friend constexpr bool operator==(const tile_rule&, const tile_rule&) = default;
};

/// What a cluster size may be.
struct cluster_rule {
  std::int32_t low = 1;
  std::int32_t high = 65535;
  /// Not above the tile of this dimension at the level above; no_dimension: no such bound.
  std::int32_t at_most_tile_of = no_dimension;
  friend constexpr bool operator==(const cluster_rule&, const cluster_rule&) = default;
};

/// What one cluster level may be.
struct level_rule {
  dimension_mask parallel = 0;  ///< allowed parallel dimensions, at least one
  /// Allowed second parallel dimensions; with bit no_dimension, having none is allowed.
  dimension_mask second_parallel = no_second_parallel;
  std::uint8_t fixed_positions = 0;         ///< length of the loop order prefix that is given
  std::array<dimension, 6> order_prefix{};  ///< the given outermost loops
  cluster_rule cluster;                     ///< of levels below the top
  std::array<tile_rule, gene_dimension_count> tiles{};
  friend constexpr bool operator==(const level_rule&, const level_rule&) = default;
};

/// Everything a search may propose for one layer on one accelerator; plain data that every operator
/// reads. Levels are numbered from the top.
struct search_space {
  layer target;                                            ///< as the cost model searches it
  std::array<std::int32_t, gene_dimension_count> bound{};  ///< largest top tile: K C Y' X' R S
  std::array<level_rule, max_genome_levels> levels{};
  std::int32_t levels_min = 2;
  std::int32_t levels_max = 2;
  bool factors_only = false;  ///< every tile divides the one above it
  bool search_pes = false;    ///< PEs are part of the genome, within pes_min .. pes_max
  std::int32_t pes_min = 1;   ///< both the accelerator's unless search_pes
  std::int32_t pes_max = 1;
  std::int64_t l1_size_elems = unlimited;
  std::int64_t l2_size_elems = unlimited;
  std::int64_t cluster_buffer_elems = unlimited;
  /// Buffers hold output rows and the union of the input's, as the exact model counts; else outputs
  /// take as many rows as the input and neighbours' input counts twice, as MAESTRO counts.
  bool counts_exact_sizes = false;
  std::uint16_t layer_index = 0;        ///< written into every genome
  std::uint16_t accelerator_index = 0;  ///< written into every genome
  friend constexpr bool operator==(const search_space&, const search_space&) = default;
};
static_assert(std::is_trivially_copyable_v<search_space>);

/// What a user may ask of a search space besides layer and accelerator.
struct space_options {
  int levels_min = 2;
  int levels_max = 2;
  bool parallel_rs = false;       ///< R and S may be parallel
  std::int32_t cluster_size = 0;  ///< the same for every level; 0: free
  bool factors_only = false;
};

/// Why no genome can hold a mapping of the layer ("dimension K allows tiles up to ..."), if none
/// can.
std::optional<std::string> genome_obstacle(const layer& l);

/// GAMMA's space for a layer: any of K, C, Y, X (R, S) parallel, any order, any tile. Dimensions of
/// size 1 are not offered for parallelism unless there is no other. Throws input_error if the layer
/// has no genome form or is too large for one, or if the options contradict each other or the
/// accelerator.
search_space make_search_space(const layer& l,
                               const accelerator& a,
                               const space_options& options = {});

/// Throws input_error naming the first contradiction in a space (empty masks, empty ranges, levels
/// outside 1 .. 3, cluster sizes above the PEs). Constraint files are checked with it.
void check(const search_space& space);

}  // namespace cugamma
