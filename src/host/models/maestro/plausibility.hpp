#pragma once

#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// Totals of a layer that the tests compare with, computed once for a batch.
struct layer_totals {
  std::int64_t macs = 0;
  std::int64_t input_elems = 0;
  std::int64_t filter_elems = 0;
  std::int64_t output_elems = 0;
  bool unit_stride = true;
};

CUGAMMA_HD constexpr layer_totals totals_of(const layer& l) {
  return {layer_macs(l),
          input_elems(l),
          filter_elems(l),
          output_elems(l),
          l.stride_y == 1 && l.stride_x == 1};
}

/// What speaks against believing the figures of a legal mapping: the implausible_* bits and
/// exceeds_l1, exceeds_l2. num_pes: the PEs of the individual.
/// implausible_macs: the counted MACs are not the layer's (not asked of a strided layer, whose
/// inner levels ignore the stride). implausible_runtime: faster than num_pes x simd_lanes MACs a
/// cycle. implausible_traffic: L2 sends less than the input or the filter, or takes less than the
/// output. implausible_inner_work: inner_work_error is not 0.
CUGAMMA_HD constexpr std::uint32_t check_plausibility(const layer_totals& l,
                                                      const accelerator& a,
                                                      std::int32_t num_pes,
                                                      const cost& c) {
  std::uint32_t status = 0;
  if (l.unit_stride && c.num_macs != l.macs) status |= implausible_macs;
  // Wide integers: a product of 64 bits could overflow, and many GPUs have hardly any double.
  const std::int64_t macs_per_cycle = std::int64_t{num_pes} * a.simd_lanes;
  if (static_cast<__int128>(c.runtime_cycles) * macs_per_cycle < l.macs) {
    status |= implausible_runtime;
  }
  if (c.input_l2_read < l.input_elems || c.filter_l2_read < l.filter_elems ||
      c.output_l2_write < l.output_elems) {
    status |= implausible_traffic;
  }
  if (c.inner_work_error != 0) status |= implausible_inner_work;
  if (a.l1_size_elems != unlimited && c.l1_size_elems > a.l1_size_elems) status |= exceeds_l1;
  if (a.l2_size_elems != unlimited && c.l2_size_elems > a.l2_size_elems) status |= exceeds_l2;
  return status;
}
CUGAMMA_HD constexpr std::uint32_t check_plausibility(const layer& l,
                                                      const accelerator& a,
                                                      std::int32_t num_pes,
                                                      const cost& c) {
  return check_plausibility(totals_of(l), a, num_pes, c);
}

}  // namespace cugamma
