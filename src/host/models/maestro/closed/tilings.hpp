#pragma once

#include "models/maestro/closed/two_level.hpp"
#include "models/maestro/inner_edges.hpp"

/// How the two levels of a mapping cut what they are handed into tiles, and how their spatial
/// dimension deals the tiles to sub-clusters.
namespace cugamma::core {

/// A size cut into tiles.
template <class N>
struct tiling {
  N full;              ///< whole tiles
  N rest;              ///< what they leave
  mask_of<N> partial;  ///< they leave something
  N edge;              ///< the last tile: the rest, or a whole one if there is none
  N count;             ///< tiles, the partial one included
};

template <class N>
CUGAMMA_HD constexpr tiling<N> cut_into(N size, N tile) {
  tiling<N> t;
  t.full = floor_div(size, tile);
  t.rest = size - t.full * tile;
  t.partial = t.rest > N(0);
  t.edge = select(t.partial, t.rest, tile);
  t.count = t.full + select(t.partial, N(1), N(0));
  return t;
}

/// The rounds in which a level's sub-clusters take the tiles of the spatial dimension: so
/// count_spatial_steps() of walked/level.hpp, from a size that is cut already.
template <class N>
struct spatial_rounds {
  N before_edge;         ///< Init and Steady rounds
  N edges;               ///< Edge rounds, 0 or 1
  mask_of<N> init_edge;  ///< the first round does not fill the sub-clusters
  N partial;             ///< 1: the last active sub-cluster of the Edge round has a partial tile
  N active;              ///< active sub-clusters of an edge round
};

template <class N>
CUGAMMA_HD constexpr spatial_rounds<N> deal_to(N clusters, const tiling<N>& tiles) {
  const N whole = floor_div(tiles.full, clusters);
  const N left = tiles.full - whole * clusters;
  const mask_of<N> at_once = tiles.count <= clusters;
  const mask_of<N> some = left > N(0);
  spatial_rounds<N> rounds;
  rounds.before_edge = select(at_once, N(1), whole);
  rounds.edges = select(at_once, N(0), select(some | tiles.partial, N(1), N(0)));
  rounds.init_edge = tiles.full < clusters;
  rounds.partial = select(at_once, N(0), select(some & tiles.partial, N(1), N(0)));
  rounds.active = select(at_once, tiles.count, max_of(left, N(1)));
  return rounds;
}

/// The spatial dimension of one level: its sizes and what a step moves with it.
template <class N>
struct spatial_dim {
  N tile;        ///< in output coordinates, which is also the offset
  N edge;        ///< the partial tile in output coordinates
  N halo;        ///< what input coordinates add
  N unique;      ///< part of the edge tile that its neighbour does not hold, input coordinates
  N out_unique;  ///< the same in output coordinates
  N clusters;
  N active;           ///< sub-clusters at an edge
  mask_of<N> single;  ///< one sub-cluster is active at an edge
};

/// The tiling of each lane's spatial dimension.
template <class N>
CUGAMMA_HD constexpr tiling<N> spatial_tiling(const mask_of<N> (&spatial)[free_dims],
                                              const tiling<N> (&of)[free_dims],
                                              const N (&tile)[free_dims]) {
  tiling<N> t;
  t.full = at_spatial(spatial, of[K].full, of[C].full, of[Y].full, of[X].full);
  t.rest = at_spatial(spatial, of[K].rest, of[C].rest, of[Y].rest, of[X].rest);
  t.partial = t.rest > N(0);
  t.edge = select(t.partial, t.rest, at_spatial(spatial, tile[K], tile[C], tile[Y], tile[X]));
  t.count = t.full + select(t.partial, N(1), N(0));
  return t;
}

/// edges: the tiling that edge sizes come from. active: sub-clusters at an edge.
template <class N, class U>
CUGAMMA_HD constexpr spatial_dim<N> make_spatial_dim(const mask_of<N> (&spatial)[free_dims],
                                                     const N (&tile)[free_dims],
                                                     const two_level_layer<U>& layer,
                                                     const tiling<N>& edges,
                                                     N clusters,
                                                     N active) {
  const unsigned windows = layer.tensors.windowed ? bit(Y) | bit(X) : 0u;
  return {at_spatial(spatial, tile[K], tile[C], tile[Y], tile[X]),
          edges.edge,
          at_spatial(spatial, N(0), N(0), N(layer.halo[Y]), N(layer.halo[X])),
          edges.rest,
          select(spatial_in<N>(spatial, windows), edges.edge, edges.rest),
          clusters,
          active,
          active <= N(1)};
}

/// Tiles of each lane's spatial dimension.
template <class N>
CUGAMMA_HD constexpr N spatial_tiles(const mask_of<N> (&spatial)[free_dims],
                                     const tiling<N> (&of)[free_dims]) {
  return at_spatial(spatial, of[K].count, of[C].count, of[Y].count, of[X].count);
}

/// The outer level: everything about its dimensions that more than one figure reads.
template <class N>
struct outer_level {
  tiling<N> tilings[free_dims];
  N steps[free_dims];  ///< of temporal dimensions; 1 for the spatial one
  spatial_dim<N> spatial;
  spatial_rounds<N> rounds;
  N position;                                 ///< of the spatial dimension in the loop order
  mask_of<N> in_input, in_filter, in_output;  ///< the spatial dimension indexes this tensor
};

template <class N, class U>
CUGAMMA_HD constexpr outer_level<N> make_outer(const two_level_genes<N>& genes,
                                               const two_level_layer<U>& layer) {
  const auto& spatial = genes.spatial[0];
  const auto& tile = genes.tile[0];
  const auto& position = genes.position[0];
  outer_level<N> outer;
  for (int d = 0; d < free_dims; ++d) {
    outer.tilings[d] = cut_into(N(layer.outputs[d]), tile[d]);
    outer.steps[d] = select(spatial[d], N(1), outer.tilings[d].count);
  }
  const tiling<N> dealt = spatial_tiling(spatial, outer.tilings, tile);
  const N clusters = floor_div(genes.pes, genes.cluster_size);
  outer.rounds = deal_to(clusters, dealt);
  outer.spatial = make_spatial_dim(spatial, tile, layer, dealt, clusters, outer.rounds.active);
  outer.position = at_spatial(spatial, position[K], position[C], position[Y], position[X]);
  outer.in_input = spatial_in<N>(spatial, layer.tensors.input);
  outer.in_filter = spatial_in<N>(spatial, layer.tensors.filter);
  outer.in_output = spatial_in<N>(spatial, layer.tensors.output);
  return outer;
}

/// How a level cuts a tile, by dimension.
template <class N>
using tilings = tiling<N>[free_dims];

/// How the inner level cuts the tiles that it is handed, by their size in a dimension: full_tile or
/// edge_tile.
template <class N>
struct inner_tilings {
  tilings<N> of[2];
  spatial_dim<N> spatial;
  spatial_rounds<N> rounds[2];
};

template <class N, class U>
CUGAMMA_HD constexpr inner_tilings<N> cut_inner(const two_level_genes<N>& genes,
                                                const outer_level<N>& outer,
                                                const two_level_layer<U>& layer) {
  const auto& spatial = genes.spatial[1];
  const auto& tile = genes.tile[1];
  inner_tilings<N> inner;
  for (int d = 0; d < free_dims; ++d) {
    inner.of[full_tile][d] = cut_into(genes.tile[0][d], tile[d]);
    inner.of[edge_tile][d] = cut_into(outer.tilings[d].edge, tile[d]);
  }
  const tiling<N> dealt[2] = {spatial_tiling(spatial, inner.of[full_tile], tile),
                              spatial_tiling(spatial, inner.of[edge_tile], tile)};
  inner.rounds[full_tile] = deal_to(genes.cluster_size, dealt[full_tile]);
  inner.rounds[edge_tile] = deal_to(genes.cluster_size, dealt[edge_tile]);
  constexpr int from = edges_come_from(edge_tile);
  inner.spatial = make_spatial_dim(spatial,
                                   tile,
                                   layer,
                                   dealt[from],
                                   genes.cluster_size,
                                   inner.rounds[from].active);
  return inner;
}

}  // namespace cugamma::core
