#pragma once

#include "models/maestro/inner_edges.hpp"
#include "models/maestro/walked/facts.hpp"
#include "numbers/number.hpp"

namespace cugamma::core {

/// One cluster level of a mapping, ready to be analysed: all sizes and step counts, each computed
/// once. A level is handed tiles by the level above; a handed tile has, in each dimension, the full
/// size (variant 0, the level's own size) or the size at the edge above (variant 1). Step counts
/// depend on the variant, edge sizes only on the full size (docs/model.md "Traps in the
/// semantics").
template <class U>
struct level_tables {
  alignas(64) U tile[padded_dims];  ///< in input coordinates: t + r - 1 for Y' (X': s)
  U offset[padded_dims];            ///< the tile as written, which is also its step
  U edge[padded_dims];         ///< size of the last, partial tile; the full one where there is none
  U unique_edge[padded_dims];  ///< its part that the tile before it does not cover; 0 where there
                               ///< is none
  U out_edge[padded_dims];     ///< edge in output coordinates for Y and X
  U out_unique_edge[padded_dims];
  /// By variant of the handed tile: full steps after the first, whether a partial step follows them
  /// (0 or 1), and the tile that the first step really holds (smaller than tile when the handed
  /// tile is: Init-edge).
  U steady[2][padded_dims];
  U edges[2][padded_dims];
  U size[2][padded_dims];
  U out_size[2][padded_dims];
  /// Of each spatial dimension by variant: first step smaller than the sub-clusters could take;
  /// last active sub-cluster of the edge step holds a partial tile.
  U init_edge[2][2];
  U partial[2][2];
  U clusters;       ///< P
  U edge_clusters;  ///< active sub-clusters in an edge step of the first spatial dimension
  unsigned spatial_set;
  unsigned variant_set;  ///< dimensions in which the tile handed on has two sizes
  int spatial_count;
  int spatial[2];   ///< in loop order
  int order[dims];  ///< dimensions, outermost first
  int position[padded_dims];
};

/// The tiles of one level as a genome gives them.
template <class U>
struct level_genes {
  alignas(64) U tile[padded_dims];
  int order[dims];
  unsigned spatial_set;
  U clusters;
};

namespace detail {

template <class U>
struct spatial_counts {
  U steady, edges, init_edge, partial, active;
};

/// Steps of a spatial dimension: d elements over P sub-clusters, each a tile of m, o apart.
/// DFA_iteration-analysis.hpp (AnalyzeIterationStates), DFA_cluster-unit.hpp
/// (AnalyzeSpatialEdgeCase).
template <class U>
CUGAMMA_HD constexpr spatial_counts<U> count_spatial_steps(U d, U m, U o, U p) {
  const U reach = o * (p - 1);
  if (d <= m) return {0, 0, greater(m + reach, d), greater(m + reach, d), 1};
  const U full = floor_div(d - m, o);
  const U rest = (d - m) - full * o;
  const U tiles = full + 1;
  if (d - m <= reach) {
    const U unfilled = greater(reach, d - m);
    return {0, 0, unfilled, unfilled, tiles + greater(rest, U{0})};
  }
  const U rounds = floor_div(tiles, p);
  const U left = tiles - rounds * p;
  const U some = greater(left + rest, U{0});
  const U last_partial = where(left, greater(rest, U{0}), U{0});
  return {rounds - 1, some, 0, last_partial, max_of(left, U{1})};
}

/// The step counts of a full handed tile, and the level's edge sizes: those of the full tile, for a
/// tile at the edge above as well.
template <class U>
CUGAMMA_HD constexpr void fill_full(level_tables<U>& t, const U* handed) {
  static_assert(edges_come_from(full_tile) == full_tile && edges_come_from(edge_tile) == full_tile);
  for (int d = 0; d < padded_dims; ++d) {
    const U gap = handed[d] - t.tile[d];
    const U full = floor_div(gap, t.offset[d]);
    const U rest = gap - full * t.offset[d];
    t.steady[0][d] = full;
    t.edges[0][d] = rest > 0 ? U{1} : U{0};
    t.size[0][d] = t.tile[d];
    t.out_size[0][d] = t.offset[d];
    t.edge[d] = rest > 0 ? t.tile[d] - t.offset[d] + rest : t.tile[d];
    t.unique_edge[d] = rest;
    t.out_edge[d] = t.edge[d];
    t.out_unique_edge[d] = rest;
  }
}

/// The step counts of a tile that is handed down at the edge of the level above.
template <class U>
CUGAMMA_HD constexpr void fill_edge(level_tables<U>& t, const U* handed) {
  for (int d = 0; d < padded_dims; ++d) {
    const bool smaller = handed[d] < t.tile[d];
    const U gap = smaller ? U{0} : handed[d] - t.tile[d];
    const U full = floor_div(gap, t.offset[d]);
    t.steady[1][d] = full;
    t.edges[1][d] = gap - full * t.offset[d] > 0 ? U{1} : U{0};
    t.size[1][d] = smaller ? t.edge[d] : t.tile[d];
    t.out_size[1][d] = smaller ? t.out_edge[d] : t.offset[d];
  }
}

template <class U>
CUGAMMA_HD constexpr void fill_windows(level_tables<U>& t) {
  for (int d = Y; d <= X; ++d) {
    t.out_edge[d] = t.edge[d] - t.edge[d + 2] + 1;
    t.out_unique_edge[d] = min_of(t.offset[d], t.out_edge[d]);
  }
}

template <class U>
CUGAMMA_HD constexpr void fill_spatial(level_tables<U>& t, const U* handed0, const U* handed1) {
  for (int j = 0; j < t.spatial_count; ++j) {
    const int d = t.spatial[j];
    const U* const handed[2] = {handed0, handed1};
    for (int v = 0; v < 2; ++v) {
      const spatial_counts<U> s =
          count_spatial_steps(handed[v][d], t.tile[d], t.offset[d], t.clusters);
      t.steady[v][d] = s.steady;
      t.edges[v][d] = s.edges;
      t.init_edge[v][j] = s.init_edge;
      t.partial[v][j] = s.partial;
      if (v == edges_come_from(edge_tile) && j == 0) t.edge_clusters = s.active;
    }
  }
}

}  // namespace detail

/// Fills the tables of a level. handed0, handed1: the full tile and the edge tile that the level
/// above hands down, by dimension; equal at the top. precondition: legal, that is 1 <= tile <=
/// handed0 in every dimension.
template <class U>
CUGAMMA_HD constexpr void fill_level(level_tables<U>& t,
                                     const level_genes<U>& g,
                                     const couplings& c,
                                     const U* handed0,
                                     const U* handed1) {
  for (int d = 0; d < padded_dims; ++d) t.offset[d] = t.tile[d] = g.tile[d];
  if (c.windowed) {
    t.tile[Y] += t.tile[R] - 1;
    t.tile[X] += t.tile[S] - 1;
  }
  t.clusters = g.clusters;
  t.spatial_set = g.spatial_set;
  t.spatial_count = 0;
  for (int p = 0; p < dims; ++p) {
    t.order[p] = g.order[p];
    t.position[g.order[p]] = p;
    if (has(g.spatial_set, g.order[p])) t.spatial[t.spatial_count++] = g.order[p];
  }
  detail::fill_full(t, handed0);
  if (c.windowed) detail::fill_windows(t);
  detail::fill_edge(t, handed1);
  detail::fill_spatial(t, handed0, handed1);
  t.variant_set = 0;
  for (int d = 0; d < dims; ++d) {
    if (t.unique_edge[d] > 0) t.variant_set |= bit(d);
  }
}

}  // namespace cugamma::core
