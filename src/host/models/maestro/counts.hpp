#pragma once

#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "models/maestro/energy.hpp"
#include "models/maestro/tensors.hpp"
#include "numbers/number.hpp"

namespace cugamma {

/// Totals of a layer that mappings are judged by, computed once for a batch.
struct layer_totals {
  std::int64_t macs = 0;
  std::int64_t input_elems = 0;
  std::int64_t filter_elems = 0;
  std::int64_t output_elems = 0;
  bool unit_stride = true;
  l2_fill fill;
};

CUGAMMA_HD constexpr l2_fill fill_of(const layer& l) {
  const tensor_set t = tensors_of(l);
  return {static_cast<double>(elems(t.input, l)),
          static_cast<double>(elems(t.filter, l)),
          static_cast<double>(unit_stride_output_elems(t, l))};
}

CUGAMMA_HD constexpr layer_totals totals_of(const layer& l) {
  return {layer_macs(l),
          input_elems(l),
          filter_elems(l),
          output_elems(l),
          l.stride_y == 1 && l.stride_x == 1,
          fill_of(l)};
}

/// What MAESTRO's model counts for a mapping; all figures but the runtime follow from these and the
/// problem. N: one mapping (std::int64_t) or one a SIMD lane.
template <class N>
struct basic_counts {
  N num_macs{};
  N output_l1{};      ///< see activity
  N input_l2_read{};  ///< elements that leave L2 for the PEs
  N filter_l2_read{};
  N output_l2_write{};
  N l1_size_elems{};  ///< L1 a PE needs, double buffered
  N l2_size_elems{};
  /// Largest |counted - own| / own MACs over the tiles handed down.
  core::real_of<N> inner_work_error{};
};
using maestro_counts = basic_counts<std::int64_t>;

/// What counts are judged by.
struct maestro_problem {
  const layer_totals& layer;
  const accelerator& machine;
};

}  // namespace cugamma
