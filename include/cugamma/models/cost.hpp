#pragma once

#include <cstdint>
#include <type_traits>

#include "cugamma/hd.hpp"

namespace cugamma {

/// Why a mapping is not to be believed or not to be used; bits of cost::status. 0: legal,
/// plausible, fits. The first eight make a mapping illegal (no figures then); the rest judge its
/// figures.
enum status_bit : std::uint32_t {
  clusters_exceed_pes = 1u << 0,
  tile_exceeds_dim = 1u << 1,
  window_exceeds_tile = 1u << 2,
  partial_filter = 1u << 3,  ///< partial R/S
  offset_exceeds_size = 1u << 4,
  bad_structure =
      1u
      << 5,  ///< no or more than two SpatialMaps in a level, more than four levels, an empty tile

  no_work = 1u << 6,  ///< found in the analysis: no tile of a level holds a whole filter window
  edge_exceeds_tile = 1u << 7,  ///< found in the analysis: a strided edge larger than its tile

  implausible_macs = 1u << 8,         ///< test 1: counted MACs differ from layer_macs
  implausible_runtime = 1u << 9,      ///< test 2: faster than the PEs could be
  implausible_traffic = 1u << 10,     ///< test 3: L2 moves less than a tensor
  implausible_inner_work = 1u << 11,  ///< test 4: an inner level miscounts its tile
  exceeds_l1 = 1u << 16,
  exceeds_l2 = 1u << 17,
  exceeds_cluster_buffer = 1u << 18,
};
inline constexpr std::uint32_t too_large_mask = exceeds_l1 | exceeds_l2 | exceeds_cluster_buffer;
inline constexpr std::uint32_t illegal_mask = 0xffu;
inline constexpr std::uint32_t implausible_mask = 0xf00u;

CUGAMMA_HD constexpr bool is_legal(std::uint32_t status) { return (status & illegal_mask) == 0; }

/// The figures of one mapping: all that objectives, limits, rankings and network totals read, the
/// same bits on every back end. What a cost model derives them from stays in its report. An illegal
/// mapping has only its status.
struct cost {
  std::int64_t runtime_cycles = 0;
  std::int64_t num_macs = 0;       ///< as the model counts them; layer_macs when it conserves work
  double energy_nj = 0;            ///< what a search minimises
  double second_energy_nj = 0;     ///< for MAESTRO's model the energy column of MAESTRO's CSV
  std::int64_t l1_size_elems = 0;  ///< L1 a PE needs, double buffered
  std::int64_t l2_size_elems = 0;  ///< L2 needed, double buffered
  /// Largest cluster buffer needed, double buffered; 0 in MAESTRO's model, which sizes none.
  std::int64_t cluster_buffer_elems = 0;
  std::uint32_t status = 0;  ///< status_bit
  /// How far the model contradicts itself, 0: not at all; for MAESTRO's model the largest
  /// |counted - own| / own MACs over the tiles handed to inner levels.
  float doubt = 0;
  friend constexpr bool operator==(const cost&, const cost&) = default;
};
static_assert(std::is_trivially_copyable_v<cost> && sizeof(cost) == 64);

}  // namespace cugamma
