#pragma once

#include <cstdint>

#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "models/two_level/couplings.hpp"
#include "numbers/number.hpp"
#include "problem/noc_delay.hpp"

namespace cugamma::core {

inline constexpr int padded_dims = 8;  ///< of arrays of dimensions, for SIMD

/// What the core needs to know of a layer, computed once for a batch.
template <class U>
struct layer_facts {
  U size[padded_dims];  ///< K C Y X R S in input coordinates; 1 where the type has no such
                        ///< dimension
  couplings tensors;
};

template <class U>
CUGAMMA_HD constexpr layer_facts<U> make_layer_facts(const layer& l) {
  layer_facts<U> f{};
  f.tensors = couplings_of(l.type);
  for (int d = 0; d < padded_dims; ++d) {
    f.size[d] = d < dims && has(f.tensors.present, d) ? static_cast<U>(l.size[d]) : U{1};
  }
  return f;
}

/// What the core needs to know of an accelerator, computed once for a batch.
template <class U>
struct machine_facts {
  U head_cycles;  ///< zero-load delay of the NoC: hops x hop latency
  divisor<U> noc_bw;
  divisor<U> offchip_bw;
  divisor<U> simd_lanes;
};

template <class U>
CUGAMMA_HD constexpr machine_facts<U> make_machine_facts(const accelerator& a) {
  return {static_cast<U>(noc_delay(a)),
          make_divisor(static_cast<U>(a.noc_bw)),
          make_divisor(static_cast<U>(a.offchip_bw)),
          make_divisor(static_cast<U>(a.simd_lanes))};
}

}  // namespace cugamma::core
