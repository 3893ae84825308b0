#pragma once

#include <cstdint>

#include "cugamma/accelerator.hpp"
#include "cugamma/cost.hpp"
#include "cugamma/hd.hpp"
#include "cugamma/layer.hpp"

namespace cugamma {

/// What speaks against believing the figures of a legal mapping: the implausible_* bits and
/// exceeds_l1, exceeds_l2. num_pes: the PEs of the individual.
/// implausible_macs: the counted MACs are not the layer's (not asked of a strided layer, whose
/// inner levels ignore the stride). implausible_runtime: faster than num_pes x simd_lanes MACs a
/// cycle. implausible_traffic: L2 sends less than the input or the filter, or takes less than the
/// output. implausible_inner_work: inner_work_error is not 0.
CUGAMMA_HD constexpr std::uint32_t check_plausibility(const layer& l,
                                                      const accelerator& a,
                                                      std::int32_t num_pes,
                                                      const cost& c) {
  std::uint32_t status = 0;
  const bool unit = l.stride_y == 1 && l.stride_x == 1;
  const std::int64_t macs = layer_macs(l);
  const std::int64_t macs_per_cycle = std::int64_t{num_pes} * a.simd_lanes;
  if (unit && c.num_macs != macs) status |= implausible_macs;
  // The least number of cycles, rounded up; no product that could overflow.
  if (c.runtime_cycles < (macs + macs_per_cycle - 1) / macs_per_cycle) {
    status |= implausible_runtime;
  }
  if (c.input_l2_read < input_elems(l) || c.filter_l2_read < filter_elems(l) ||
      c.output_l2_write < output_elems(l)) {
    status |= implausible_traffic;
  }
  if (c.inner_work_error != 0) status |= implausible_inner_work;
  if (a.l1_size_elems != unlimited && c.l1_size_elems > a.l1_size_elems) status |= exceeds_l1;
  if (a.l2_size_elems != unlimited && c.l2_size_elems > a.l2_size_elems) status |= exceeds_l2;
  return status;
}

}  // namespace cugamma
