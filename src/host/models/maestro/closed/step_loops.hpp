#pragma once

#include "models/maestro/closed/shares.hpp"

/// The loops of a level from the outermost to the innermost, and what one handed tile makes of
/// them: what stepwise.hpp sums over.
namespace cugamma::core {

template <class N>
CUGAMMA_HD constexpr mask_of<N> are_equal(N a, N b) {
  return (a <= b) & (a >= b);
}

/// Lanes whose dimension, given as a bit, is in a set of dimensions.
template <class N>
CUGAMMA_HD constexpr mask_of<N> is_in(N dim_bit, unsigned set) {
  mask_of<N> in = no_lane<N>();
  for (int d = 0; d < free_dims; ++d) {
    if (has(set, d)) in = in | are_equal(dim_bit, N(1 << d));
  }
  return in;
}

/// The loop of a level over a free dimension. [size]: of the handed tile in the loop's dimension,
/// full_tile or edge_tile. Sizes in output coordinates.
template <class N>
struct level_loop {
  N position;
  N dim_bit;
  N halo;
  N whole;       ///< tile
  N edge;        ///< partial tile
  N short_tile;  ///< the tile of a handed edge, which may be smaller than one
  N steady[2];   ///< steps after the first that hold whole tiles
  N edges[2];    ///< 1: a step with a partial tile follows
};

/// What the spatial loop of a level contributes to a step. [size]: of the handed tile in the
/// spatial dimension.
template <class N>
struct level_shares {
  spatial_share<N> macs[2];
  spatial_share<N> out[2];
  ingress_share<N> in[2];
};

/// A level's loops in order.
template <class N>
struct ordered_loops {
  level_loop<N> loop[free_dims];
  level_shares<N> shares;
  N spatial_bit;
  mask_of<N> spatial[free_dims];  ///< this loop is the spatial one
  mask_of<N> in_input[free_dims], in_filter[free_dims], in_output[free_dims];
  mask_of<N> spatial_in_input, spatial_in_filter;
};

namespace detail {

template <class N>
CUGAMMA_HD constexpr void exchange(mask_of<N> really, N& a, N& b) {
  const N first = select(really, b, a);
  b = select(really, a, b);
  a = first;
}

/// Puts two loops in order.
template <class N>
CUGAMMA_HD constexpr void order(level_loop<N>& a, level_loop<N>& b) {
  const mask_of<N> wrong = b.position < a.position;
  exchange(wrong, a.position, b.position);
  exchange(wrong, a.dim_bit, b.dim_bit);
  exchange(wrong, a.halo, b.halo);
  exchange(wrong, a.whole, b.whole);
  exchange(wrong, a.edge, b.edge);
  exchange(wrong, a.short_tile, b.short_tile);
  for (int size = full_tile; size <= edge_tile; ++size) {
    exchange(wrong, a.steady[size], b.steady[size]);
    exchange(wrong, a.edges[size], b.edges[size]);
  }
}

template <class N>
CUGAMMA_HD constexpr level_shares<N> make_shares(const spatial_dim<N>& spatial,
                                                 const spatial_rounds<N> (&rounds)[2],
                                                 mask_of<N> in_output) {
  const N one(1);
  level_shares<N> shares;
  for (int size = full_tile; size <= edge_tile; ++size) {
    const spatial_share<N> out = volume_share(spatial, rounds[size], spatial.out_unique);
    shares.macs[size] = slowest_share(spatial, rounds[size], in_output);
    shares.out[size] = {select(in_output, out.before_edge, one),
                        select(in_output, out.at_edge, one)};
    shares.in[size] = make_ingress_share(spatial, rounds[size], one > N(0));
  }
  return shares;
}

}  // namespace detail

/// of, rounds: by size of the handed tile. edges: the tilings that edge sizes come from.
template <class N, class U>
CUGAMMA_HD constexpr ordered_loops<N> order_loops(const two_level_genes<N>& genes,
                                                  const two_level_layer<U>& layer,
                                                  int level,
                                                  const tilings<N> (&of)[2],
                                                  const tilings<N>& edges,
                                                  const spatial_dim<N>& spatial,
                                                  const spatial_rounds<N> (&rounds)[2]) {
  const N one(1);
  const auto& is_spatial = genes.spatial[level];
  ordered_loops<N> loops;
  for (int d = 0; d < free_dims; ++d) {
    level_loop<N>& loop = loops.loop[d];
    const N tile = genes.tile[level][d];
    const mask_of<N> smaller = of[edge_tile][d].full < one;
    loop.position = genes.position[level][d];
    loop.dim_bit = N(1 << d);
    loop.halo = N(layer.halo[d]);
    loop.whole = tile;
    loop.edge = edges[d].edge;
    loop.short_tile = select(smaller, loop.edge, tile);
    for (int size = full_tile; size <= edge_tile; ++size) {
      const tiling<N>& tiles = of[size][d];
      const N steady = select(tiles.full < one, N(0), tiles.full - one);
      const N edge_steps = select(tiles.partial & (tiles.full >= one), one, N(0));
      loop.steady[size] = select(is_spatial[d], rounds[size].before_edge - one, steady);
      loop.edges[size] = select(is_spatial[d], rounds[size].edges, edge_steps);
    }
  }
  detail::order(loops.loop[0], loops.loop[1]);
  detail::order(loops.loop[2], loops.loop[3]);
  detail::order(loops.loop[0], loops.loop[2]);
  detail::order(loops.loop[1], loops.loop[3]);
  detail::order(loops.loop[1], loops.loop[2]);
  loops.spatial_bit = at_spatial(is_spatial, N(1 << K), N(1 << C), N(1 << Y), N(1 << X));
  for (int i = 0; i < free_dims; ++i) {
    const N dim_bit = loops.loop[i].dim_bit;
    loops.spatial[i] = are_equal(dim_bit, loops.spatial_bit);
    loops.in_input[i] = is_in(dim_bit, layer.tensors.input);
    loops.in_filter[i] = is_in(dim_bit, layer.tensors.filter);
    loops.in_output[i] = is_in(dim_bit, layer.tensors.output);
  }
  loops.spatial_in_input = spatial_in<N>(is_spatial, layer.tensors.input);
  loops.spatial_in_filter = spatial_in<N>(is_spatial, layer.tensors.filter);
  loops.shares =
      detail::make_shares(spatial, rounds, spatial_in<N>(is_spatial, layer.tensors.output));
  return loops;
}

/// The loops as one handed tile runs them. [edge]: the loop, [spatial]: the spatial loop is at its
/// partial tile.
template <class N>
struct handed_loops {
  N steady[free_dims];
  N edges[free_dims];
  N macs[free_dims][2];  ///< by edge: factors of the MACs of the slowest sub-cluster
  N out[free_dims][2];   ///< by edge: factors of what leaves
  N in[free_dims][2];    ///< by spatial: what enters where this loop moves
  N first_in;            ///< what enters in the first step
  N first_out;
};

namespace detail {

/// Adds what enters of one tensor. in_tensor: loops that the tensor depends on. tile: of a handed
/// tile, in input coordinates. window: what the tensor's other dimensions hold.
template <class N>
CUGAMMA_HD constexpr void add_ingress(const ordered_loops<N>& loops,
                                      const mask_of<N> (&in_tensor)[free_dims],
                                      mask_of<N> spatial_in_tensor,
                                      const N (&tile)[free_dims],
                                      const ingress_share<N>& share,
                                      N window,
                                      handed_loops<N>& handed) {
  const N one(1), none(0);
  N factor[free_dims];
  N inside[free_dims + 1];  // product of the factors of the loops inside
  mask_of<N> reloads[free_dims + 1];
  inside[free_dims] = one;
  reloads[free_dims] = no_lane<N>();
  for (int i = free_dims - 1; i >= 0; --i) {
    factor[i] = select(in_tensor[i] & !loops.spatial[i], tile[i], one);
    inside[i] = inside[i + 1] * factor[i];
    reloads[i] = reloads[i + 1] | (in_tensor[i] & (handed.steady[i] + handed.edges[i] > none));
  }
  N outside = window;
  mask_of<N> spatial_outside = no_lane<N>();
  for (int i = 0; i < free_dims; ++i) {
    const mask_of<N> again = reloads[i + 1];
    const N whole = loops.loop[i].whole;
    const N own = select(loops.spatial[i], one, select(again, whole + loops.loop[i].halo, whole));
    const N volume = select(in_tensor[i], outside * inside[i + 1] * own, none);
    const mask_of<N> whole_tile = spatial_outside | (loops.spatial[i] & again);
    for (int s = 0; s < 2; ++s) {
      const N by_spatial = select(whole_tile, share.of[s][1], share.of[s][0]);
      handed.in[i][s] = handed.in[i][s] + volume * select(spatial_in_tensor, by_spatial, one);
    }
    outside = outside * factor[i];
    spatial_outside = spatial_outside | loops.spatial[i];
  }
  handed.first_in = handed.first_in + outside * select(spatial_in_tensor, share.of[0][1], one);
}

}  // namespace detail

/// at_edge: the dimensions in which the handed tile is at the edge of the level above.
template <class N, class U>
CUGAMMA_HD constexpr handed_loops<N> hand_tile(const ordered_loops<N>& loops,
                                               const two_level_layer<U>& layer,
                                               unsigned at_edge) {
  const N one(1);
  const mask_of<N> spatial_at_edge = is_in(loops.spatial_bit, at_edge);
  handed_loops<N> handed;
  N tile[free_dims];
  handed.first_out = one;
  for (int i = 0; i < free_dims; ++i) {
    const level_loop<N>& loop = loops.loop[i];
    const mask_of<N> loop_at_edge = is_in(loop.dim_bit, at_edge);
    const N size = select(loop_at_edge, loop.short_tile, loop.whole);
    tile[i] = size + loop.halo;
    handed.steady[i] = select(loop_at_edge, loop.steady[edge_tile], loop.steady[full_tile]);
    handed.edges[i] = select(loop_at_edge, loop.edges[edge_tile], loop.edges[full_tile]);
    const auto factor = [&](const spatial_share<N>(&of)[2], N whole, N edge, N(&out)[2]) {
      out[0] = select(loops.spatial[i],
                      select(spatial_at_edge, of[edge_tile].before_edge, of[full_tile].before_edge),
                      whole);
      out[1] = select(loops.spatial[i],
                      select(spatial_at_edge, of[edge_tile].at_edge, of[full_tile].at_edge),
                      edge);
    };
    factor(loops.shares.macs, size, loop.edge, handed.macs[i]);
    factor(loops.shares.out,
           select(loops.in_output[i], size, one),
           select(loops.in_output[i], loop.edge, one),
           handed.out[i]);
    handed.in[i][0] = handed.in[i][1] = N(0);
    handed.first_out = handed.first_out * handed.out[i][0];
  }
  ingress_share<N> share;
  for (int s = 0; s < 2; ++s) {
    for (int w = 0; w < 2; ++w) {
      share.of[s][w] = select(spatial_at_edge,
                              loops.shares.in[edge_tile].of[s][w],
                              loops.shares.in[full_tile].of[s][w]);
    }
  }
  handed.first_in = N(0);
  const N window(layer.window);
  detail::add_ingress(loops, loops.in_input, loops.spatial_in_input, tile, share, one, handed);
  detail::add_ingress(loops, loops.in_filter, loops.spatial_in_filter, tile, share, window, handed);
  return handed;
}

}  // namespace cugamma::core
