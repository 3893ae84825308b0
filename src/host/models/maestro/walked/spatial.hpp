#pragma once

#include "models/maestro/walked/level.hpp"

/// What the spatial dimensions of a level contribute to its volumes: how many sub-clusters take
/// part, and with how much each. Everything else is a product over the temporal dimensions. Source:
/// CA_reuse-analysis.hpp of MAESTRO 4eb08d1, function names in the comments.
namespace cugamma::core {

/// The step counts of a block of handed tiles, one a SIMD lane. Counts below is this type or
/// tile_counts.
template <class N>
struct block_counts {
  using number = N;
  N steady[dims];
  N edges[dims];
  N size[dims];
  N out_size[dims];
  N init_edge[2];
  N partial[2];
};

/// The step counts of one handed tile: they stay in the level's own tables.
template <class U>
struct tile_counts {
  using number = U;

  /// One quantity by dimension.
  class row {
   public:
    row() = default;
    CUGAMMA_HD constexpr row(const U (&by_variant)[2][padded_dims], unsigned edges)
        : rows_(&by_variant[0]), edges_(edges) {}
    CUGAMMA_HD constexpr U operator[](int d) const { return rows_[edges_ >> d & 1u][d]; }

   private:
    const U (*rows_)[padded_dims];
    unsigned edges_;  // dimensions in which the tile has variant 1
  };

  row steady;
  row edges;
  row size;
  row out_size;
  U init_edge[2];
  U partial[2];
};

/// Of what type the step counts are.
template <class Counts>
using number_of = typename Counts::number;

/// Spatial factors of a case. edges: bit j set if spatial dimension j is in its Edge state.
template <class N>
struct spatial_factors {
  N macs;    ///< over all active sub-clusters (GetOutputTensorSpatialMappingSize for partial sums)
  N egress;  ///< GetSpatialEgressTraffic
  N critical;  ///< MACs of the slowest sub-cluster (GetNumCriticalPathPartialSums)
};

namespace detail {

/// The spatial dimension of those in `set` that decides on "partial": -1 if none.
template <class U>
CUGAMMA_HD constexpr int deciding(const level_tables<U>& t, unsigned set, bool ascending) {
  int best = -1;
  for (int j = 0; j < t.spatial_count; ++j) {
    if (!has(set, t.spatial[j])) continue;
    if (best < 0 || (t.spatial[j] > t.spatial[best]) == ascending) best = j;
  }
  return best;
}

template <class Counts>
CUGAMMA_HD constexpr number_of<Counts> at_edge(const Counts& c, unsigned edges, int j) {
  using N = number_of<Counts>;
  return has(edges, j) ? N(1) : c.init_edge[j];
}

template <class Counts>
CUGAMMA_HD constexpr number_of<Counts> is_partial(const Counts& c, unsigned edges, int j) {
  return has(edges, j) ? c.partial[j] : c.init_edge[j];
}

/// Elements per sub-cluster, as products over spatial dimensions (GetPEEgressVolume).
template <class N>
struct sub_cluster_volume {
  N full = N(1);         ///< a sub-cluster that is not the last one
  N only = N(1);         ///< the one active sub-cluster when it is partial
  N last_macs = N(1);    ///< the partial last one: what it computes
  N last_egress = N(1);  ///< the partial last one: what only it produces
};

template <class Counts, class U>
CUGAMMA_HD constexpr sub_cluster_volume<number_of<Counts>> sub_cluster(const level_tables<U>& t,
                                                                       const Counts& c,
                                                                       unsigned edges,
                                                                       unsigned set) {
  using N = number_of<Counts>;
  sub_cluster_volume<N> v;
  const bool single = t.edge_clusters == 1;
  for (int j = 0; j < t.spatial_count; ++j) {
    const int d = t.spatial[j];
    if (!has(set, d)) continue;
    const N full = N(t.offset[d]);
    if (has(edges, j)) {
      v.full = v.full * (single ? N(t.edge[d]) : full);
      v.only = v.only * N(t.edge[d]);
      v.last_macs = v.last_macs * N(t.out_unique_edge[d]);
      v.last_egress = v.last_egress * N(t.out_unique_edge[d]);
    } else {
      const N init = where(c.init_edge[j], N(t.out_edge[d]), full);
      v.full = v.full * full;
      v.only = v.only * init;
      v.last_macs = v.last_macs * init;
      v.last_egress = v.last_egress * where(c.init_edge[j], N(t.out_unique_edge[d]), full);
    }
  }
  return v;
}

/// Sum over the sub-clusters of a level. any_edge, partial: flags of the case.
template <class N, class U>
CUGAMMA_HD constexpr N over_clusters(const level_tables<U>& t,
                                     N any_edge,
                                     N partial,
                                     N full,
                                     N only,
                                     N last) {
  const N all = N(t.clusters) * full;
  if (t.edge_clusters == 1) return where(any_edge, where(partial, only, full), all);
  return where(any_edge, full * (N(t.edge_clusters) - partial) + partial * last, all);
}

}  // namespace detail

template <class Counts, class U>
CUGAMMA_HD constexpr spatial_factors<number_of<Counts>> spatial_volumes(const level_tables<U>& t,
                                                                        const Counts& c,
                                                                        const couplings& k,
                                                                        unsigned edges) {
  using N = number_of<Counts>;
  const auto every = detail::sub_cluster(t, c, edges, ~0u);
  const auto out = detail::sub_cluster(t, c, edges, k.output);
  N any_edge = N(0), any_out_edge = N(0);
  for (int j = 0; j < t.spatial_count; ++j) {
    const N e = detail::at_edge(c, edges, j);
    any_edge = max_of(any_edge, e);
    if (has(k.output, t.spatial[j])) any_out_edge = max_of(any_out_edge, e);
  }
  const int decider = detail::deciding(t, k.output, k.ascending);
  const N out_partial = decider < 0 ? N(0) : detail::is_partial(c, edges, decider);
  const N partial = detail::is_partial(c, edges, t.spatial_count - 1);
  spatial_factors<N> f;
  f.macs = detail::over_clusters(t, any_edge, partial, every.full, every.only, every.last_macs);
  f.egress = decider < 0 ? N(1)
                         : detail::over_clusters(t,
                                                 any_out_edge,
                                                 out_partial,
                                                 out.full,
                                                 out.only,
                                                 out.last_egress);
  f.critical = every.full;
  if (t.edge_clusters == 1) f.critical = where(any_out_edge * out_partial, every.only, every.full);
  return f;
}

/// Sum over sub-clusters of what each must receive of an input tensor in its spatial dimensions, in
/// a step that moves the directive at position p (GetSpatialIngressTraffic, GetPEIngressVolume).
/// inited: 1 if a directive inside p starts over and reloads the tensor.
template <class Counts, class U>
CUGAMMA_HD constexpr number_of<Counts> spatial_ingress(const level_tables<U>& t,
                                                       const Counts& c,
                                                       const couplings& k,
                                                       unsigned tensor,
                                                       unsigned edges,
                                                       int p,
                                                       number_of<Counts> inited) {
  using N = number_of<Counts>;
  const int decider = detail::deciding(t, tensor, k.ascending);
  if (decider < 0) return N(1);
  N full = N(1), edge = N(1), next_full = N(1), next_edge = N(1), any_edge = N(0);
  for (int j = 0; j < t.spatial_count; ++j) {
    const int d = t.spatial[j];
    if (!has(tensor, d)) continue;
    const N m = N(t.tile[d]), e = N(t.edge[d]);
    full = full * m;
    edge = edge * e;
    any_edge = max_of(any_edge, detail::at_edge(c, edges, j));
    const N whole = t.position[d] < p ? N(1) : t.position[d] > p ? N(0) : inited;
    next_full = next_full * where(whole, m, N(t.offset[d]));
    next_edge = next_edge * where(whole, e, N(t.unique_edge[d]));
  }
  const N partial = detail::is_partial(c, edges, decider);
  const N all = full + (N(t.clusters) - N(1)) * next_full;
  if (t.edge_clusters == 1) return where(any_edge, where(partial, edge, full), all);
  const N some = full + (N(t.edge_clusters) - N(1) - partial) * next_full + partial * next_edge;
  return where(any_edge, some, all);
}

/// The same for the first step of a level, when nothing can be shared between sub-clusters
/// (GetPEMappedVolume).
template <class Counts, class U>
CUGAMMA_HD constexpr number_of<Counts> spatial_first_ingress(const level_tables<U>& t,
                                                             const Counts& c,
                                                             const couplings& k,
                                                             unsigned tensor) {
  using N = number_of<Counts>;
  const int decider = detail::deciding(t, tensor, k.ascending);
  if (decider < 0) return N(1);
  N full = N(1), edge = N(1), any_edge = N(0);
  for (int j = 0; j < t.spatial_count; ++j) {
    const int d = t.spatial[j];
    if (!has(tensor, d)) continue;
    full = full * N(t.tile[d]);
    edge = edge * where(c.init_edge[j], N(t.edge[d]), N(t.tile[d]));
    any_edge = max_of(any_edge, c.init_edge[j]);
  }
  const N partial = c.init_edge[decider];
  if (t.edge_clusters == 1) return where(any_edge, edge, N(t.clusters) * full);
  return where(any_edge,
               full * (N(t.edge_clusters) - partial) + partial * edge,
               N(t.clusters) * full);
}

}  // namespace cugamma::core
