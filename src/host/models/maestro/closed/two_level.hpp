#pragma once

#include "models/maestro/walked/facts.hpp"
#include "models/two_level/genes.hpp"
#include "numbers/number.hpp"

/// What the closed form takes: mappings of two levels that are parallel in one of K, C, Y, X each
/// and leave R and S whole, and a layer made ready for them.
///
/// N is one mapping (a plain number) or one mapping a SIMD lane. Of type N is what belongs to one
/// dimension and what a step moves of a tensor. Products over several dimensions are of type
/// wide_of<N>.
namespace cugamma::core {

/// A layer as the closed form needs it, the same for all lanes.
template <class U>
struct two_level_layer {
  U outputs[free_dims];  ///< K, C, Y', X'
  U halo[free_dims];     ///< input rows (columns) beyond the outputs': R - 1 for Y, S - 1 for X
  U window;              ///< R x S
  couplings tensors;
};

template <class U>
CUGAMMA_HD constexpr two_level_layer<U> make_two_level_layer(const layer_facts<U>& facts) {
  two_level_layer<U> layer{};
  layer.tensors = facts.tensors;
  for (int d = 0; d < free_dims; ++d) {
    layer.halo[d] = facts.tensors.windowed && d >= Y ? facts.size[d + 2] - 1 : U{0};
    layer.outputs[d] = facts.size[d] - layer.halo[d];
  }
  layer.window = facts.size[R] * facts.size[S];
  return layer;
}

/// Lanes whose mapping is a legal loop nest.
template <class N, class U>
CUGAMMA_HD constexpr mask_of<N> is_legal_nest(const two_level_genes<N>& genes,
                                              const two_level_layer<U>& layer) {
  mask_of<N> legal = (genes.cluster_size <= genes.pes) & (genes.cluster_size >= N(1));
  for (int d = 0; d < free_dims; ++d) {
    legal = legal & (genes.tile[0][d] <= N(layer.outputs[d])) &
            (genes.tile[1][d] <= genes.tile[0][d]) & (genes.tile[1][d] >= N(1));
  }
  return legal;
}

/// Of four values, one for each free dimension, that of each lane's spatial dimension.
template <class N>
CUGAMMA_HD constexpr N at_spatial(const mask_of<N> (&spatial)[free_dims], N k, N c, N y, N x) {
  return select(spatial[K], k, select(spatial[C], c, select(spatial[Y], y, x)));
}

template <class N>
CUGAMMA_HD constexpr mask_of<N> no_lane() {
  return N(1) < N(0);
}

/// Lanes whose spatial dimension is in a set.
template <class N>
CUGAMMA_HD constexpr mask_of<N> spatial_in(const mask_of<N> (&spatial)[free_dims], unsigned set) {
  mask_of<N> in = no_lane<N>();
  for (int d = 0; d < free_dims; ++d) {
    if (has(set, d)) in = in | spatial[d];
  }
  return in;
}

}  // namespace cugamma::core
