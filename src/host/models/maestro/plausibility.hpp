#pragma once

#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/models/cost.hpp"
#include "models/maestro/counts.hpp"

namespace cugamma {

/// What speaks against the counts of a legal mapping: implausible_macs, implausible_traffic,
/// implausible_inner_work, and exceeds_l1, exceeds_l2.
/// implausible_macs: the counted MACs are not the layer's (not asked of a strided layer, whose
/// inner levels ignore the stride). implausible_traffic: L2 sends less than the input or the
/// filter, or takes less than the output. implausible_inner_work: inner_work_error is not 0.
/// The bits are returned as a number, of each lane.
template <class N>
CUGAMMA_HD constexpr N check_counts(const basic_counts<N>& n, const maestro_problem& p) {
  using core::is_positive;
  using core::select;
  const layer_totals& l = p.layer;
  const accelerator& a = p.machine;
  const N none(0);
  const N macs(l.macs);
  N status = select((n.input_l2_read < N(l.input_elems)) | (n.filter_l2_read < N(l.filter_elems)) |
                        (n.output_l2_write < N(l.output_elems)),
                    N(implausible_traffic),
                    none);
  status = status + select(is_positive(n.inner_work_error), N(implausible_inner_work), none);
  if (l.unit_stride) {
    status = status + select((n.num_macs < macs) | (n.num_macs > macs), N(implausible_macs), none);
  }
  if (a.l1_size_elems != unlimited) {
    status = status + select(n.l1_size_elems > N(a.l1_size_elems), N(exceeds_l1), none);
  }
  if (a.l2_size_elems != unlimited) {
    status = status + select(n.l2_size_elems > N(a.l2_size_elems), N(exceeds_l2), none);
  }
  return status;
}

/// implausible_runtime if the runtime is faster than num_pes x simd_lanes MACs a cycle, else 0.
CUGAMMA_HD constexpr std::uint32_t check_runtime(std::int64_t runtime_cycles,
                                                 const maestro_problem& p,
                                                 std::int32_t num_pes) {
  // Wide integers: a product of 64 bits could overflow, and many GPUs have hardly any double.
  const std::int64_t macs_per_cycle = std::int64_t{num_pes} * p.machine.simd_lanes;
  const bool is_faster = static_cast<__int128>(runtime_cycles) * macs_per_cycle < p.layer.macs;
  return is_faster ? implausible_runtime : 0u;
}

}  // namespace cugamma
