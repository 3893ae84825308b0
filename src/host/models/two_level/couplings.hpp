#pragma once

#include "cugamma/hd.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma::core {

/// Indices of the gene dimensions in arrays.
enum : int { K = 0, C = 1, Y = 2, X = 3, R = 4, S = 5 };
inline constexpr int dims = gene_dimension_count;

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

}  // namespace cugamma::core
