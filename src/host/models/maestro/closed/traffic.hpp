#pragma once

#include "models/maestro/closed/shares.hpp"

/// What the outer level moves between L2 and the sub-clusters, the MACs that it counts, and bounds
/// on what one step of a level moves.
namespace cugamma::core {

/// How often the directives outside a directive repeat its steps.
template <class N>
struct outer_repeats {
  wide_of<N> of[free_dims];              ///< by free dimension: the temporal directives outside it
  wide_of<N> of_spatial;                 ///< of the spatial directive
  mask_of<N> inside_spatial[free_dims];  ///< the spatial directive is outside this one
};

template <class N>
CUGAMMA_HD constexpr outer_repeats<N> count_repeats(const two_level_genes<N>& genes,
                                                    const outer_level<N>& outer) {
  using W = wide_of<N>;
  const auto& position = genes.position[0];
  outer_repeats<N> repeats;
  repeats.of_spatial = W(1);
  for (int d = 0; d < free_dims; ++d) {
    repeats.of[d] = W(1);
    for (int e = 0; e < free_dims; ++e) {
      if (e == d) continue;
      repeats.of[d] = repeats.of[d] * W(select(position[e] < position[d], outer.steps[e], N(1)));
    }
    repeats.inside_spatial[d] = outer.position < position[d];
    repeats.of_spatial =
        repeats.of_spatial * W(select(position[d] < outer.position, outer.steps[d], N(1)));
  }
  return repeats;
}

/// Lanes in which a directive inside `position` moves the tensor: it then reloads whole.
template <class N>
CUGAMMA_HD constexpr mask_of<N> reloads(const two_level_genes<N>& genes,
                                        const outer_level<N>& outer,
                                        unsigned tensor,
                                        mask_of<N> in_tensor,
                                        N position) {
  const mask_of<N> spatial_moves =
      in_tensor & (outer.rounds.before_edge + outer.rounds.edges > N(1));
  mask_of<N> any_moves = spatial_moves & (position < outer.position);
  for (int d = 0; d < free_dims; ++d) {
    if (has(tensor, d))
      any_moves = any_moves | ((position < genes.position[0][d]) & (outer.steps[d] > N(1)));
  }
  return any_moves;
}

/// Elements, in the first step and over all. N: a wide number.
template <class N>
struct tensor_traffic {
  N first;
  N total;
};

/// Elements of an input tensor that leave L2. in_tensor: the spatial dimension indexes the tensor.
template <class N, class U>
CUGAMMA_HD constexpr tensor_traffic<wide_of<N>> ingress(const two_level_genes<N>& genes,
                                                        const outer_level<N>& outer,
                                                        const outer_repeats<N>& repeats,
                                                        const two_level_layer<U>& layer,
                                                        unsigned tensor,
                                                        mask_of<N> in_tensor) {
  using W = wide_of<N>;
  const spatial_rounds<N>& rounds = outer.rounds;
  const ingress_share<N> share = make_ingress_share(outer.spatial, rounds, in_tensor);
  N tile[free_dims];
  N volume(has(tensor, R) ? layer.window : U{1});
  for (int d = 0; d < free_dims; ++d) {
    tile[d] = select(genes.spatial[0][d], N(1), genes.tile[0][d] + N(layer.halo[d]));
    if (has(tensor, d)) volume = volume * tile[d];
  }
  const W again = W(rounds.before_edge) * W(share.of[0][1]) + W(rounds.edges) * W(share.of[1][1]);
  const N first = volume * share.of[0][1];
  W total = W(first);
  for (int d = 0; d < free_dims; ++d) {
    if (!has(tensor, d)) continue;
    N moved = volume;
    if (layer.halo[d] > U{0}) {
      N next(has(tensor, R) ? layer.window : U{1});
      for (int e = 0; e < free_dims; ++e) {
        if (has(tensor, e)) next = next * (e == d ? genes.tile[0][e] : tile[e]);
      }
      moved = select(reloads(genes, outer, tensor, in_tensor, genes.position[0][d]), volume, next);
    }
    const W spatial = select(repeats.inside_spatial[d], again, W(share.of[0][0]));
    total = total + W(outer.steps[d] - N(1)) * repeats.of[d] * (W(moved) * spatial);
  }
  const mask_of<N> reload = reloads(genes, outer, tensor, in_tensor, outer.position);
  const W by_spatial =
      W(rounds.before_edge - N(1)) * W(select(reload, share.of[0][1], share.of[0][0])) +
      W(rounds.edges) * W(select(reload, share.of[1][1], share.of[1][0]));
  total = total + select(in_tensor, repeats.of_spatial * (W(volume) * by_spatial), W(0));
  return {W(first), total};
}

/// Elements of the output that enter L2.
template <class N, class U>
CUGAMMA_HD constexpr tensor_traffic<wide_of<N>> egress(const two_level_genes<N>& genes,
                                                       const outer_level<N>& outer,
                                                       const two_level_layer<U>& layer) {
  using W = wide_of<N>;
  const spatial_rounds<N>& rounds = outer.rounds;
  const spatial_share<N> share = volume_share(outer.spatial, rounds, outer.spatial.out_unique);
  N first(select(outer.in_output, share.before_edge, N(1)));
  W total(select(outer.in_output, over_rounds(rounds, share), rounds.before_edge + rounds.edges));
  for (int d = 0; d < free_dims; ++d) {
    const mask_of<N> spatial = genes.spatial[0][d];
    if (has(layer.tensors.output, d)) {
      first = first * select(spatial, N(1), genes.tile[0][d]);
      total = total * W(select(spatial, N(1), N(layer.outputs[d])));
    } else {
      total = total * W(outer.steps[d]);
    }
  }
  return {W(first), total};
}

template <class N, class U>
CUGAMMA_HD constexpr wide_of<N> counted_macs(const two_level_genes<N>& genes,
                                             const outer_level<N>& outer,
                                             const two_level_layer<U>& layer) {
  using W = wide_of<N>;
  const spatial_share<N> share = volume_share(outer.spatial, outer.rounds, outer.spatial.edge);
  W macs = W(layer.window) * W(over_rounds(outer.rounds, share));
  for (int d = 0; d < free_dims; ++d) {
    macs = macs * W(select(genes.spatial[0][d], N(1), N(layer.outputs[d])));
  }
  return macs;
}

/// What no volume of a step of a level exceeds, in elements.
template <class W>
struct volume_bounds {
  W in;
  W out;
};

/// spatial: the spatial dimension of the level; of: how the level cuts its tiles.
template <class N, class U>
CUGAMMA_HD constexpr volume_bounds<wide_of<N>> bound_volumes(const two_level_genes<N>& genes,
                                                             const two_level_layer<U>& layer,
                                                             int level,
                                                             const spatial_dim<N>& spatial,
                                                             const tilings<N>& of) {
  using W = wide_of<N>;
  const auto& is_spatial = genes.spatial[level];
  const N active = min_of(spatial.clusters, spatial_tiles(is_spatial, of));
  W input = W(1), filter = W(layer.window), output = W(1);
  for (int d = 0; d < free_dims; ++d) {
    const N tile = genes.tile[level][d] + N(layer.halo[d]);
    const N held = select(is_spatial[d], tile * active, tile);
    const N produced =
        select(is_spatial[d], max_of(tile, active * spatial.tile), genes.tile[level][d]);
    if (has(layer.tensors.input, d)) input = input * W(held);
    if (has(layer.tensors.filter, d)) filter = filter * W(held);
    if (has(layer.tensors.output, d)) output = output * W(produced);
  }
  return {input + filter, output};
}

/// Lanes in which all volumes are up to a limit.
template <class W>
CUGAMMA_HD constexpr mask_of<W> are_within(const volume_bounds<W>& volumes, W limit) {
  return (volumes.in <= limit) & (volumes.out <= limit);
}

}  // namespace cugamma::core
