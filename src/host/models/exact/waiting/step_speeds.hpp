#pragma once

#include "cugamma/problem/accelerator.hpp"
#include "models/exact/waiting/step_classes.hpp"
#include "problem/noc_delay.hpp"

/// How long a step takes.
namespace cugamma::exact::waiting {

/// Bandwidths and delays of an accelerator. U: what numbers are divided by; P: a plain number.
template <class U, class P = U>
struct noc_speeds {
  core::divisor<U> noc_bw;
  core::divisor<U> offchip_bw;
  core::divisor<U> simd_lanes;
  P most_at_once;  ///< elements that pass what is off chip in a cycle
  P delay;         ///< of the NoC, cycles
};

template <class U, class P = U>
constexpr noc_speeds<U, P> make_noc_speeds(const accelerator& a) {
  using core::make_divisor;
  return {make_divisor(U(a.noc_bw)),
          make_divisor(U(a.offchip_bw)),
          make_divisor(U(a.simd_lanes)),
          static_cast<P>(a.offchip_bw),
          static_cast<P>(noc_delay(a))};
}

/// Cycles of what a step does. Speeds: noc_speeds.
template <class W, class Speeds>
struct step_speeds {
  const Speeds& of;
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
    return of.simd_lanes.value == 1 ? all : ceil_div(all, of.simd_lanes);
  }
};

}  // namespace cugamma::exact::waiting
