#pragma once

#include <cstdint>
#include <type_traits>

namespace cugamma {

/// Energy, area and power constants, MAESTRO's by default (DSE_cost-database.hpp,
/// DSE_scaling-coefficients.hpp, BASE_constants.hpp of commit 4eb08d1). An accelerator file may
/// override each.
struct cost_constants {
  double mac_energy_nj = 0.00023;
  double l1_energy_macs = 1.68;   ///< energy of one L1 access, in MACs
  double l2_energy_macs = 18.61;  ///< energy of one L2 access, in MACs
  /// Energy of one access of a cluster buffer, in MACs; 0 is MAESTRO's view, which prices none.
  double cluster_energy_macs = 1.68;
  /// Energy of an element that moves between L2 and the memory off chip, in MACs; 0: not counted.
  double dram_energy_macs = 0;
  double mac_area_um2 = 283;
  double mac_power_mw = 1.2223;
  double sram_area_um2_per_byte = 0.104;
  double sram_power_mw_per_byte = 0.00345;
  double bus_area_um2 = 101.7938;
  double bus_power_mw = 0.8;
  double bus_c1 = 14.662;
  double bus_c0 = 28.895;
  double arbiter_area_um2 = 395.473;
  double arbiter_power_mw = 0.34;
  double arbiter_c2 = 1.2886;
  double arbiter_c1 = 5.5814;
  double arbiter_c0 = -23.711;
  double budget_pe_area_um2 = 282;                 ///< of an area budget (DiGamma, DATE 2022)
  double budget_buffer_area_um2_per_byte = 0.688;  ///< of an area budget, L1 and L2
  friend constexpr bool operator==(const cost_constants&, const cost_constants&) = default;
};

inline constexpr std::int64_t unlimited = -1;

/// The accelerator a layer is mapped onto. Buffer sizes in elements (one byte each), bandwidths in
/// elements per cycle, latencies in cycles. The NoC figures hold for the NoC of every cluster
/// level, as in MAESTRO.
struct accelerator {
  std::int32_t num_pes = 256;
  std::int32_t simd_lanes = 1;  ///< MACs per PE and cycle
  std::int32_t noc_bw = 81920000;
  std::int32_t noc_hops = 1;
  std::int32_t noc_hop_latency = 1;
  std::int32_t offchip_bw = 81920000;
  std::int64_t l1_size_elems = unlimited;  ///< per PE
  std::int64_t l2_size_elems = unlimited;
  std::int64_t cluster_buffer_elems = unlimited;  ///< of each buffer between L2 and the L1s
  cost_constants constants;
  friend constexpr bool operator==(const accelerator&, const accelerator&) = default;
};
static_assert(std::is_trivially_copyable_v<accelerator>);

/// The accelerator of the programs where neither a file nor an option says otherwise: a NoC of 64
/// bytes a cycle, and the 32 GB/s of two channels of LPDDR4 at a clock of 1 GHz. The defaults above
/// are those of GAMMA, whose NoC and memory never make anyone wait.
constexpr accelerator usual_accelerator() {
  accelerator a;
  a.noc_bw = 64;
  a.offchip_bw = 32;
  return a;
}

/// Throws input_error naming the first figure that no accelerator has: PEs, lanes or a bandwidth
/// below 1, hops or a latency below 0, a buffer below -1, a constant that is not finite.
void check(const accelerator& a);

}  // namespace cugamma
