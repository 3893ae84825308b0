#pragma once

#include "models/maestro/closed/tilings.hpp"

/// What the spatial dimension of a level contributes to a step, as a factor: all else is a product
/// over the temporal dimensions. The equations are those of walked/spatial.hpp.
namespace cugamma::core {

/// The factor in an Init or Steady step, and in the Edge step.
template <class N>
struct spatial_share {
  N before_edge;
  N at_edge;
};

/// Sum of the factors over all steps of the spatial dimension.
template <class N>
CUGAMMA_HD constexpr N over_rounds(const spatial_rounds<N>& rounds, const spatial_share<N>& share) {
  return rounds.before_edge * share.before_edge + rounds.edges * share.at_edge;
}

/// Share of a volume summed over sub-clusters (see spatial_volumes). last: what the partial
/// sub-cluster adds in an Init step that is already an edge.
template <class N>
CUGAMMA_HD constexpr spatial_share<N> volume_share(const spatial_dim<N>& spatial,
                                                   const spatial_rounds<N>& rounds,
                                                   N last) {
  const N init_edge =
      select(spatial.single, spatial.edge, spatial.tile * (spatial.active - N(1)) + last);
  return {select(rounds.init_edge, init_edge, spatial.clusters * spatial.tile),
          select(spatial.single,
                 spatial.edge + spatial.halo,
                 spatial.tile * (spatial.active - rounds.partial) +
                     rounds.partial * spatial.out_unique)};
}

/// Share of the MACs of the slowest sub-cluster.
template <class N>
CUGAMMA_HD constexpr spatial_share<N> slowest_share(const spatial_dim<N>& spatial,
                                                    const spatial_rounds<N>& rounds,
                                                    mask_of<N> in_output) {
  return {select(rounds.init_edge & in_output & spatial.single, spatial.edge, spatial.tile),
          select(spatial.single, spatial.edge + spatial.halo, spatial.tile)};
}

/// Share of an input tensor: [at_edge][whole], at_edge: in an Edge step, whole: a sub-cluster
/// receives its tile, not only what its neighbour does not have (see spatial_ingress).
template <class N>
struct ingress_share {
  N of[2][2];
};

template <class N>
CUGAMMA_HD constexpr ingress_share<N> make_ingress_share(const spatial_dim<N>& spatial,
                                                         const spatial_rounds<N>& rounds,
                                                         mask_of<N> in_tensor) {
  const N one = N(1);
  const N whole = spatial.tile + spatial.halo, edge = spatial.edge + spatial.halo;
  const N init_next =
      select(spatial.single, edge, whole + (spatial.active - N(2)) * spatial.tile + spatial.unique);
  const N init_whole = select(spatial.single, edge, whole * (spatial.active - one) + edge);
  const N only = select(rounds.partial > N(0), edge, whole);
  const N last_next = whole + (spatial.active - one - rounds.partial) * spatial.tile +
                      rounds.partial * spatial.unique;
  const N last_whole = whole * (spatial.active - rounds.partial) + rounds.partial * edge;
  ingress_share<N> share;
  share.of[0][0] =
      select(rounds.init_edge, init_next, whole + (spatial.clusters - one) * spatial.tile);
  share.of[0][1] = select(rounds.init_edge, init_whole, spatial.clusters * whole);
  share.of[1][0] = select(spatial.single, only, last_next);
  share.of[1][1] = select(spatial.single, only, last_whole);
  for (auto& step : share.of) {
    for (N& factor : step) factor = select(in_tensor, factor, one);
  }
  return share;
}

}  // namespace cugamma::core
