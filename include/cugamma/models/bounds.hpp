#pragma once

#include <algorithm>
#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// Cycles below which no plausible mapping of a layer gets, because of its MACs and because of its
/// traffic.
struct cycle_bounds {
  std::int64_t compute = 0;  ///< MACs / (PEs x lanes), rounded up
  std::int64_t traffic = 0;
  CUGAMMA_HD constexpr std::int64_t larger() const { return std::max(compute, traffic); }
  friend constexpr bool operator==(const cycle_bounds&, const cycle_bounds&) = default;
};

/// Compulsory traffic of input and filter through a NoC. A step that moves V elements takes at
/// least h + ceil(V / bw) - 1 cycles, h = hops x hop latency; a plausible mapping moves each tensor
/// at least once. With h >= 1 the steps' cycles therefore add up to tensors / bw or more; with h =
/// 0 a step may move up to 2 bw - 1 elements in its one cycle, which halves the bound. Output is
/// left out: the first step hides its own.
CUGAMMA_HD constexpr std::int64_t noc_bound_cycles(const layer& l, const accelerator& a) {
  const std::int64_t elems = input_elems(l) + filter_elems(l);
  const bool has_head = std::int64_t{a.noc_hops} * a.noc_hop_latency >= 1;
  return has_head ? (elems + a.noc_bw - 1) / a.noc_bw : elems / (2 * std::int64_t{a.noc_bw});
}

/// The same off chip: a step takes at least one cycle and at least floor(V / bw), V the tiles of
/// input and filter that L2 holds, and all steps together hold each tensor at least once. So a
/// cycle stands for fewer than 2 bw elements.
CUGAMMA_HD constexpr std::int64_t offchip_bound_cycles(const layer& l, const accelerator& a) {
  return (input_elems(l) + filter_elems(l)) / (2 * std::int64_t{a.offchip_bw});
}

/// precondition: the layer has stride 1; of a strided one the unit-stride form has the same MACs
/// and no more elements
CUGAMMA_HD constexpr cycle_bounds bounds_of(const layer& l,
                                            const accelerator& a,
                                            std::int32_t num_pes) {
  const std::int64_t rate = std::int64_t{num_pes} * a.simd_lanes;
  return {(layer_macs(l) + rate - 1) / rate,
          std::max(noc_bound_cycles(l, a), offchip_bound_cycles(l, a))};
}

}  // namespace cugamma
