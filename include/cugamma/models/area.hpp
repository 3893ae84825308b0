#pragma once

#include <cstdint>
#include <type_traits>

#include "cugamma/hd.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"

namespace cugamma {

/// Area and power of an accelerator with just the buffers that a mapping needs.
struct hardware_cost {
  double area_um2 = 0;
  double power_mw = 0;
  double pe_power_mw = 0;  ///< MAC units of all PEs
  double l1_power_mw = 0;  ///< L1 of all PEs
  double l2_power_mw = 0;
  double noc_power_mw = 0;  ///< bus and arbiter
};
static_assert(std::is_trivially_copyable_v<hardware_cost>);

namespace detail {

CUGAMMA_HD constexpr double at_least(double value, double floor) {
  return value < floor ? floor : value;
}

}  // namespace detail

/// The accelerator that `c` needs: num_pes PEs of simd_lanes MACs and an L1 of c.l1_size_elems
/// bytes each, an L2 of c.l2_size_elems bytes, one bus of noc_bw lanes and a matrix arbiter over
/// all PEs (DSE_hardware_modules.hpp, Accelerator). num_pes: those of the individual.
CUGAMMA_HD constexpr hardware_cost hardware(const cost& c,
                                            const accelerator& a,
                                            std::int32_t num_pes) {
  const cost_constants& k = a.constants;
  const double pes = num_pes;
  const double lanes = a.simd_lanes;
  const double l1_bytes = detail::at_least(static_cast<double>(c.l1_size_elems), 1);
  const double l2_bytes = detail::at_least(static_cast<double>(c.l2_size_elems), 1);
  const double bus = (k.bus_c1 * pes + k.bus_c0) * static_cast<double>(a.noc_bw);
  const double arbiter = k.arbiter_c2 * pes * pes + k.arbiter_c1 * pes + k.arbiter_c0;

  hardware_cost h;
  h.pe_power_mw = k.mac_power_mw * lanes * pes;
  h.l1_power_mw = k.sram_power_mw_per_byte * l1_bytes * pes;
  h.l2_power_mw = k.sram_power_mw_per_byte * l2_bytes;
  h.noc_power_mw = k.bus_power_mw * bus / 1000 +
                   detail::at_least(k.arbiter_power_mw * arbiter / 1000, k.arbiter_power_mw);
  h.power_mw = h.pe_power_mw + h.l1_power_mw + h.l2_power_mw + h.noc_power_mw;

  const double pe_area = k.mac_area_um2 * lanes + k.sram_area_um2_per_byte * l1_bytes;
  const double noc_area =
      k.bus_area_um2 * bus + detail::at_least(k.arbiter_area_um2 * arbiter, k.arbiter_area_um2);
  h.area_um2 = pe_area * pes + k.sram_area_um2_per_byte * l2_bytes + noc_area;
  return h;
}

CUGAMMA_HD constexpr double area_um2(const cost& c, const accelerator& a, std::int32_t num_pes) {
  return hardware(c, a, num_pes).area_um2;
}
CUGAMMA_HD constexpr double power_mw(const cost& c, const accelerator& a, std::int32_t num_pes) {
  return hardware(c, a, num_pes).power_mw;
}

/// Area that counts against a budget in hardware co-exploration: PEs and bytes of buffer alone
/// (DiGamma, DATE 2022).
CUGAMMA_HD constexpr double budget_area_um2(const cost_constants& k,
                                            std::int32_t num_pes,
                                            std::int64_t l1_elems,
                                            std::int64_t l2_elems) {
  const double bytes = static_cast<double>(l1_elems) * num_pes + static_cast<double>(l2_elems);
  return k.budget_pe_area_um2 * num_pes + k.budget_buffer_area_um2_per_byte * bytes;
}

}  // namespace cugamma
