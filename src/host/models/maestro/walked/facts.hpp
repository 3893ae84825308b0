#pragma once

#include <cstdint>

#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "numbers/number.hpp"

namespace cugamma::core {

/// Indices of the gene dimensions in the core's arrays, which are padded to eight for SIMD.
enum : int { K = 0, C = 1, Y = 2, X = 3, R = 4, S = 5 };
inline constexpr int dims = gene_dimension_count;
inline constexpr int padded_dims = 8;

CUGAMMA_HD constexpr unsigned bit(int d) { return 1u << d; }
CUGAMMA_HD constexpr bool has(unsigned set, int d) { return (set >> d & 1u) != 0; }

/// Which dimensions index which tensor, as sets of bits.
struct couplings {
  unsigned input = bit(C) | bit(Y) | bit(X);
  unsigned filter = bit(K) | bit(C) | bit(R) | bit(S);
  unsigned output = bit(K) | bit(Y) | bit(X);
  unsigned present = 0x3f;  ///< dimensions that the layer type has
  bool windowed = true;     ///< Y and X slide over R and S
  /// MAESTRO lists a tensor's dimensions in an order of its own, and the last spatial one decides
  /// whether a spatial edge is partial. conv: K C Y X R S; gemm (input M K, filter K N, output M
  /// N): the reverse.
  bool ascending = true;
};

CUGAMMA_HD constexpr couplings couplings_of(layer_type type) {
  couplings c;
  if (type == layer_type::dsconv) {
    c.filter = bit(C) | bit(R) | bit(S);
    c.output = bit(C) | bit(Y) | bit(X);
    c.present = 0x3f & ~bit(K);
  } else if (type == layer_type::gemm) {
    c.present = bit(K) | bit(C) | bit(Y);
    c.windowed = false;
    c.ascending = false;
  }
  return c;
}

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
  return {static_cast<U>(static_cast<std::int64_t>(a.noc_hops) * a.noc_hop_latency),
          make_divisor(static_cast<U>(a.noc_bw)),
          make_divisor(static_cast<U>(a.offchip_bw)),
          make_divisor(static_cast<U>(a.simd_lanes))};
}

}  // namespace cugamma::core
