#pragma once

#include "cugamma/problem/accelerator.hpp"
#include "models/exact/waiting/step_classes.hpp"

/// How long a step takes.
namespace cugamma::exact::waiting {

/// Bandwidths and delays of an accelerator. U is a plain number.
template <class U>
struct noc_speeds {
  core::divisor<U> noc_bw;
  core::divisor<U> offchip_bw;
  core::divisor<U> simd_lanes;
  U delay;  ///< of the NoC, cycles
};

template <class U>
constexpr noc_speeds<U> make_noc_speeds(const accelerator& a) {
  return {core::make_divisor(static_cast<U>(a.noc_bw)),
          core::make_divisor(static_cast<U>(a.offchip_bw)),
          core::make_divisor(static_cast<U>(a.simd_lanes)),
          static_cast<U>(std::int64_t{a.noc_hops} * a.noc_hop_latency)};
}

/// Cycles of what a step does.
template <class W, class U>
struct step_speeds {
  const noc_speeds<U>& of;
  W delay;
  W filter;  ///< R x S

  CUGAMMA_HD constexpr W elements(const input_elements<W>& e) const {
    return e.input + e.filter * filter;
  }
  /// Cycles on the NoC. It takes as long for two that it moves at once as for the larger.
  CUGAMMA_HD constexpr W passing(W count) const {
    return select(count > W(0), delay + ceil_div(count, of.noc_bw) - W(1), W(0));
  }
  CUGAMMA_HD constexpr W off_chip(W count) const { return ceil_div(count, of.offchip_bw); }
  CUGAMMA_HD constexpr W computing(W macs) const {
    const W all = filter * macs;
    return of.simd_lanes.value == U(1) ? all : ceil_div(all, of.simd_lanes);
  }
};

}  // namespace cugamma::exact::waiting
