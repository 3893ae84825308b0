#pragma once

#include <algorithm>
#include <cstdint>

#include "cugamma/hd.hpp"
#include "models/maestro/reference/cases.hpp"
#include "models/maestro/reference/level_plan.hpp"
#include "models/maestro/tensors.hpp"

namespace cugamma::reference {

/// Which of the active sub-clusters a volume is asked for. The first one shares nothing with a
/// neighbour; in a spatial edge the last one may hold a partial tile.
struct sub_cluster {
  bool first = true;
  bool partial = false;
};

/// How a tensor is spread over the sub-clusters in a case. Where two spatial dimensions index it,
/// the edge of either makes it an edge, and the later one says whether the last tile is partial.
struct spread {
  bool spatial = false;
  bool edge = false;
  bool partial_last = false;

  CUGAMMA_HD constexpr void add(const iteration_state& s) {
    spatial = true;
    edge |= s.is_edge();
    partial_last = s.partial_last;
  }
};

CUGAMMA_HD constexpr spread spread_of(const tensor& t,
                                      const level_plan& p,
                                      const iteration_case& c) {
  spread s;
  for (int i = 0; i < t.dim_count; ++i) {
    if (p.is_spatial(t.dims[i])) s.add(c[t.dims[i]]);
  }
  return s;
}

/// Full tiles in a spatial edge besides the first tile and the partial one.
CUGAMMA_HD constexpr std::int64_t full_edge_tiles(const level_plan& p, const spread& s) {
  return std::max<std::int64_t>(p.edge_sub_clusters - (s.partial_last ? 1 : 0) - 1, 0);
}
/// In an edge of one sub-cluster, that one holds the partial tile.
CUGAMMA_HD constexpr sub_cluster first_in_edge(const level_plan& p, const spread& s) {
  return {true, p.edge_sub_clusters == 1 && s.partial_last};
}

/// Elements of a tensor that one sub-cluster holds (CA_reuse-analysis.hpp, GetPEMappedVolume).
CUGAMMA_HD constexpr std::int64_t mapped_volume(const tensor& t,
                                                const level_plan& p,
                                                const iteration_case& c,
                                                sub_cluster pe) {
  std::int64_t volume = 1;
  for (const level_directive& d : p) {
    if (!t.is_coupled(d.dim)) continue;
    const tile_size& size = p.sizes[index_of(d.dim)];
    if (!c[d.dim].is_edge()) {
      volume *= size.mapped;
    } else if (!d.spatial) {
      volume *= size.edge;
    } else if (p.edge_sub_clusters == 1) {
      volume *= pe.first || pe.partial ? size.edge : 1;
    } else {
      volume *= pe.partial ? size.edge : size.mapped;
    }
  }
  return volume;
}

/// Innermost directive that has moved on from its first step, -1 if none has.
CUGAMMA_HD constexpr int moving_directive(const level_plan& p, const iteration_case& c) {
  int moving = -1;
  for (int i = 0; i < p.directive_count; ++i) {
    if (c[p.directives[i].dim].pos != position::init) moving = i;
  }
  return moving;
}

/// True if a directive of the tensor inside the moving one has started over, so that the tensor is
/// fetched anew (CA_reuse-analysis.hpp, IsTensorInited).
CUGAMMA_HD constexpr bool started_over(const tensor& t,
                                       const level_plan& p,
                                       const iteration_case& c,
                                       int moving) {
  for (int i = moving + 1; i < p.directive_count; ++i) {
    const dimension d = p.directives[i].dim;
    if (t.is_coupled(d) && c[d].pos == position::init && !c[d].unrolled) return true;
  }
  return false;
}

/// Factor of a temporal directive in the ingress of a sub-cluster.
CUGAMMA_HD constexpr std::int64_t temporal_ingress(const tile_size& size,
                                                   const iteration_state& s,
                                                   bool reuses) {
  if (s.pos == position::init) return s.is_edge() ? size.edge : size.mapped;
  return reuses ? size.unique : size.mapped;
}

/// Factor of a spatial directive: a sub-cluster after the first receives only what its neighbour
/// does not hold, if it is this directive that moves (Steady, Edge) or that an outer one reset.
CUGAMMA_HD constexpr std::int64_t spatial_ingress(const tile_size& size,
                                                  const iteration_state& s,
                                                  sub_cluster pe,
                                                  bool is_reset,
                                                  bool reuses) {
  const bool shares = !pe.first && (s.pos == position::init ? is_reset : reuses);
  if (shares) return pe.partial ? size.edge_unique : size.unique;
  return pe.partial ? size.edge : size.mapped;
}

/// Elements of an input tensor that one sub-cluster receives in a case (CA_reuse-analysis.hpp,
/// GetPEIngressVolume). A tensor that the moving directive does not index stays where it is.
[[gnu::noinline]] CUGAMMA_HD constexpr std::int64_t sub_cluster_ingress(const tensor& t,
                                                                        const level_plan& p,
                                                                        const iteration_case& c,
                                                                        sub_cluster pe) {
  const int moving = moving_directive(p, c);
  if (moving < 0) return mapped_volume(t, p, c, pe);
  if (!t.is_coupled(p.directives[moving].dim)) return 0;

  const bool anew = started_over(t, p, c, moving);
  std::int64_t volume = 1;
  for (int i = 0; i < p.directive_count; ++i) {
    const level_directive& d = p.directives[i];
    if (!t.is_coupled(d.dim)) continue;
    const tile_size& size = p.sizes[index_of(d.dim)];
    const bool reuses = i == moving && !anew;
    volume *= d.spatial ? spatial_ingress(size, c[d.dim], pe, i > moving, reuses)
                        : temporal_ingress(size, c[d.dim], reuses);
  }
  return volume;
}

/// True where MAESTRO gives up: the moving directive covers its level's own extent, so that no part
/// of its tile is new, and yet it moves, over a strided edge that is larger than the tile.
CUGAMMA_HD constexpr bool reuses_nothing(const tensor& t,
                                         const level_plan& p,
                                         const iteration_case& c) {
  const int moving = moving_directive(p, c);
  if (moving < 0) return false;
  const level_directive& d = p.directives[moving];
  return !d.spatial && t.is_coupled(d.dim) && !started_over(t, p, c, moving) &&
         p.sizes[index_of(d.dim)].unique == 0;
}

/// Elements of an input tensor that a level receives from above in one step of a case, multicast to
/// its sub-clusters (CA_reuse-analysis.hpp, GetSpatialIngressTraffic).
[[gnu::noinline]] CUGAMMA_HD constexpr std::int64_t ingress(const tensor& t,
                                                            const level_plan& p,
                                                            const iteration_case& c) {
  const spread s = spread_of(t, p, c);
  if (!s.spatial) return sub_cluster_ingress(t, p, c, {true, false});
  if (!s.edge) {
    return sub_cluster_ingress(t, p, c, {true, false}) +
           (p.sub_clusters - 1) * sub_cluster_ingress(t, p, c, {false, false});
  }
  std::int64_t volume = sub_cluster_ingress(t, p, c, first_in_edge(p, s));
  if (p.edge_sub_clusters == 1) return volume;
  volume += full_edge_tiles(p, s) * sub_cluster_ingress(t, p, c, {false, false});
  if (s.partial_last) volume += sub_cluster_ingress(t, p, c, {false, true});
  return volume;
}

/// What a volume of outputs is for.
enum class output_use : std::uint8_t {
  egress,         ///< outputs that leave a sub-cluster
  macs,           ///< times the dimensions that they are summed over
  macs_unshared,  ///< the same, with partial tiles that share nothing with their neighbour
};

CUGAMMA_HD constexpr std::int64_t unique_or_one(const tile_size& size) {
  return size.unique != 0 ? size.unique : 1;
}

/// Factor of a spatial directive that does not index the output: what the sums run over.
CUGAMMA_HD constexpr std::int64_t summed_spatial(const level_plan& p,
                                                 const tile_size& size,
                                                 const iteration_state& s,
                                                 sub_cluster pe) {
  if (s.pos == position::init && s.init_edge && pe.partial) return size.edge;
  if (s.pos == position::edge) {
    if (p.edge_sub_clusters == 1) return pe.first || pe.partial ? size.edge : 1;
    if (pe.partial) return size.edge_unique;
  }
  return pe.first ? size.mapped : unique_or_one(size);
}

/// Elements that one sub-cluster sums over for each of its outputs.
CUGAMMA_HD constexpr std::int64_t summed_volume(const tensor& output,
                                                const level_plan& p,
                                                const iteration_case& c,
                                                sub_cluster pe) {
  std::int64_t volume = 1;
  for (const level_directive& d : p) {
    if (output.is_coupled(d.dim)) continue;
    const tile_size& size = p.sizes[index_of(d.dim)];
    if (d.spatial) {
      volume *= summed_spatial(p, size, c[d.dim], pe);
    } else {
      volume *= c[d.dim].is_edge() ? size.edge : size.mapped;
    }
  }
  return volume;
}

/// Factor of a spatial dimension of the output. In an edge of one sub-cluster MAESTRO takes the
/// size in input coordinates.
CUGAMMA_HD constexpr std::int64_t output_spatial(const level_plan& p,
                                                 const tile_size& input,
                                                 const tile_size& output,
                                                 const iteration_state& s,
                                                 sub_cluster pe,
                                                 output_use use) {
  if (s.pos == position::init && s.init_edge && pe.partial) {
    const bool shares = p.edge_sub_clusters > 1 && use != output_use::macs_unshared;
    return shares ? output.edge_unique : output.edge;
  }
  if (s.pos == position::edge) {
    if (p.edge_sub_clusters == 1) return pe.first || pe.partial ? input.edge : 1;
    if (pe.partial) return output.edge_unique;
  }
  return pe.first ? output.mapped : unique_or_one(output);
}

/// Outputs that one sub-cluster works on in a case, or the MACs that it does for them
/// (CA_reuse-analysis.hpp, GetPEEgressVolume).
[[gnu::noinline]] CUGAMMA_HD constexpr std::int64_t output_volume(const tensor_set& t,
                                                                  const level_plan& p,
                                                                  const iteration_case& c,
                                                                  sub_cluster pe,
                                                                  output_use use) {
  std::int64_t volume = use == output_use::egress ? 1 : summed_volume(t.output, p, c, pe);
  for (int i = 0; i < t.output.dim_count; ++i) {
    const dimension d = t.output.dims[i];
    const tile_size& output = p.sizes[output_coordinate(t, d)];
    if (p.is_spatial(d)) {
      volume *= output_spatial(p, p.sizes[index_of(d)], output, c[d], pe, use);
    } else {
      volume *= c[d].is_edge() ? output.edge : output.mapped;
    }
  }
  return volume;
}

/// Outputs that a level sends up in one step of a case (CA_reuse-analysis.hpp,
/// GetSpatialEgressTraffic).
[[gnu::noinline]] CUGAMMA_HD constexpr std::int64_t egress(const tensor_set& t,
                                                           const level_plan& p,
                                                           const iteration_case& c) {
  constexpr output_use use = output_use::egress;
  const spread s = spread_of(t.output, p, c);
  if (!s.spatial) return output_volume(t, p, c, {true, false}, use);
  if (!s.edge) {
    return output_volume(t, p, c, {true, false}, use) +
           (p.sub_clusters - 1) * output_volume(t, p, c, {false, false}, use);
  }
  std::int64_t volume = output_volume(t, p, c, first_in_edge(p, s), use);
  if (p.edge_sub_clusters == 1) return volume;
  volume += full_edge_tiles(p, s) * output_volume(t, p, c, {false, false}, use);
  if (s.partial_last) volume += output_volume(t, p, c, {false, true}, use);
  return volume;
}

/// MACs of all sub-clusters in one step of a case (CA_reuse-analysis.hpp,
/// GetOutputTensorSpatialMappingSize). Every spatial directive spreads them, the last one decides.
[[gnu::noinline]] CUGAMMA_HD constexpr std::int64_t mac_count(const tensor_set& t,
                                                              const level_plan& p,
                                                              const iteration_case& c) {
  constexpr output_use use = output_use::macs;
  spread s = spread_of(t.output, p, c);
  for (const level_directive& d : p) {
    if (d.spatial) s.add(c[d.dim]);
  }
  if (!s.edge) return p.sub_clusters * output_volume(t, p, c, {true, false}, use);
  std::int64_t macs = output_volume(t, p, c, first_in_edge(p, s), use);
  if (p.edge_sub_clusters == 1) return macs;
  macs += full_edge_tiles(p, s) * output_volume(t, p, c, {true, false}, use);
  if (s.partial_last) {
    macs += output_volume(t, p, c, {false, true}, output_use::macs_unshared);
  }
  return macs;
}

/// MACs of the busiest sub-cluster in one step of a case; not positive where a partial tile is
/// smaller than its window (CA_reuse-analysis.hpp, GetNumCriticalPathPartialSums).
CUGAMMA_HD constexpr std::int64_t critical_path_macs(const tensor_set& t,
                                                     const level_plan& p,
                                                     const iteration_case& c) {
  const spread s = spread_of(t.output, p, c);
  const bool edge = s.spatial && s.edge;
  return output_volume(t,
                       p,
                       c,
                       edge ? first_in_edge(p, s) : sub_cluster{true, false},
                       output_use::macs);
}

/// The tile that a case hands down to one active sub-cluster, the partial one or a full one
/// (CA_reuse-analysis.hpp, ConstructSubClusterDimension).
[[gnu::noinline]] CUGAMMA_HD constexpr extents handed_down(const level_plan& p,
                                                           const iteration_case& c,
                                                           bool partial) {
  extents tile;
  for (int i = 0; i < dimension_count; ++i) {
    const dimension d = static_cast<dimension>(i);
    if (p.find(d) < 0) {
      tile[d] = p.own[d];
      continue;
    }
    const bool takes_edge = !p.is_spatial(d) || p.edge_sub_clusters == 1 || partial;
    tile[d] = c[d].is_edge() && takes_edge ? p.sizes[i].edge : p.sizes[i].mapped;
  }
  return tile;
}

}  // namespace cugamma::reference
