#pragma once

#include <cstdint>
#include <type_traits>

#include "cugamma/hd.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/models/tensors.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// Elements read from and written to L1 (all PEs together) and L2, per tensor.
struct access_counts {
  std::int64_t input_l1_read = 0;
  std::int64_t input_l1_write = 0;
  std::int64_t input_l2_read = 0;
  std::int64_t input_l2_write = 0;
  std::int64_t filter_l1_read = 0;
  std::int64_t filter_l1_write = 0;
  std::int64_t filter_l2_read = 0;
  std::int64_t filter_l2_write = 0;
  std::int64_t output_l1_read = 0;
  std::int64_t output_l1_write = 0;
  std::int64_t output_l2_read = 0;
  std::int64_t output_l2_write = 0;
  friend constexpr bool operator==(const access_counts&, const access_counts&) = default;
};
static_assert(std::is_trivially_copyable_v<access_counts>);

/// The twelve access counts behind a cost: four of them were counted (MACs, the traffic of the
/// three tensors), L2 is filled with each tensor once, and L1 is written with what L2 sends and
/// serves every MAC. precondition: the cost is of this layer and legal.
CUGAMMA_HD constexpr access_counts accesses(const cost& c, const layer& l) {
  const tensor_set t = tensors_of(l);
  access_counts a;
  a.input_l1_read = a.filter_l1_read = a.output_l1_read = a.output_l1_write = c.num_macs;
  a.input_l1_write = a.input_l2_read = c.input_l2_read;
  a.filter_l1_write = a.filter_l2_read = c.filter_l2_read;
  a.output_l2_write = c.output_l2_write;
  a.input_l2_write = elems(t.input, l);
  a.filter_l2_write = elems(t.filter, l);
  a.output_l2_read = unit_stride_output_elems(t, l);
  return a;
}

/// Elements read from and written to L1, all tensors.
CUGAMMA_HD constexpr std::int64_t l1_accesses(const access_counts& a) {
  return a.input_l1_read + a.input_l1_write + a.filter_l1_read + a.filter_l1_write +
         a.output_l1_read + a.output_l1_write;
}
/// Elements read from and written to L2, all tensors.
CUGAMMA_HD constexpr std::int64_t l2_accesses(const access_counts& a) {
  return a.input_l2_read + a.input_l2_write + a.filter_l2_read + a.filter_l2_write +
         a.output_l2_read + a.output_l2_write;
}

/// Elements that fill L2 or leave it whatever the mapping: each tensor once.
CUGAMMA_HD constexpr std::int64_t l2_fill_elems(const layer& l) {
  const tensor_set t = tensors_of(l);
  return elems(t.input, l) + elems(t.filter, l) + unit_stride_output_elems(t, l);
}

/// Energy of a layer: (MACs + l1_energy_macs x L1 accesses + l2_energy_macs x L2 accesses) x
/// mac_energy_nj, the total that MAESTRO prints on the screen (API_user-interface-v2.hpp,
/// PrintAnalysisResultsSingleCluster).
CUGAMMA_HD constexpr double energy_nj(std::int64_t num_macs,
                                      std::int64_t l1_accesses,
                                      std::int64_t l2_accesses,
                                      const cost_constants& k) {
  const double l1 = k.l1_energy_macs * static_cast<double>(l1_accesses);
  const double l2 = k.l2_energy_macs * static_cast<double>(l2_accesses);
  return (static_cast<double>(num_macs) + l1 + l2) * k.mac_energy_nj;
}
CUGAMMA_HD constexpr double energy_nj(std::int64_t num_macs,
                                      const access_counts& a,
                                      const cost_constants& k) {
  return energy_nj(num_macs, l1_accesses(a), l2_accesses(a), k);
}
/// l2_fill: l2_fill_elems of the cost's layer.
CUGAMMA_HD constexpr double energy_nj(const cost& c,
                                      std::int64_t l2_fill,
                                      const cost_constants& k) {
  const std::int64_t sent = c.input_l2_read + c.filter_l2_read;
  return energy_nj(c.num_macs, 4 * c.num_macs + sent, l2_fill + sent + c.output_l2_write, k);
}
CUGAMMA_HD constexpr double energy_nj(const cost& c, const layer& l, const accelerator& a) {
  return energy_nj(c, l2_fill_elems(l), a.constants);
}

/// The energy column of MAESTRO's CSV for a layer alone in its file (API_user-interface-v2.hpp,
/// OutputResults): L2 without the reads of the output; L1 only for one level, because with more it
/// is added before it was counted; never the MACs.
CUGAMMA_HD constexpr double maestro_csv_energy_nj(const access_counts& a,
                                                  const cost_constants& k,
                                                  int level_count) {
  double macs = static_cast<double>(a.input_l2_read) * k.l2_energy_macs;
  macs += static_cast<double>(a.input_l2_write) * k.l2_energy_macs;
  macs += static_cast<double>(a.filter_l2_read) * k.l2_energy_macs;
  macs += static_cast<double>(a.filter_l2_write) * k.l2_energy_macs;
  macs += static_cast<double>(a.output_l2_write) * k.l2_energy_macs;
  if (level_count == 1) {
    macs += static_cast<double>(a.input_l1_read) * k.l1_energy_macs;
    macs += static_cast<double>(a.input_l1_write) * k.l1_energy_macs;
    macs += static_cast<double>(a.filter_l1_read) * k.l1_energy_macs;
    macs += static_cast<double>(a.filter_l1_write) * k.l1_energy_macs;
    macs += static_cast<double>(a.output_l1_read) * k.l1_energy_macs;
    macs += static_cast<double>(a.output_l1_write) * k.l1_energy_macs;
  }
  return macs * k.mac_energy_nj;
}
CUGAMMA_HD constexpr double maestro_csv_energy_nj(const cost& c,
                                                  const layer& l,
                                                  const accelerator& a,
                                                  int level_count) {
  return maestro_csv_energy_nj(accesses(c, l), a.constants, level_count);
}

}  // namespace cugamma
