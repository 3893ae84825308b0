#pragma once

#include <algorithm>
#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/mapping/mapping.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "models/maestro/reference/level_plan.hpp"

namespace cugamma {

namespace detail {

CUGAMMA_HD constexpr bool is_well_formed(const cluster_level& level) {
  int spatial = 0;
  if (level.directive_count < 0 || level.directive_count > max_directives) return false;
  for (int i = 0; i < level.directive_count; ++i) {
    const directive& d = level.directives[i];
    if (d.size < 1 || d.offset < 1) return false;
    spatial += d.kind == directive_kind::spatial ? 1 : 0;
  }
  return spatial == 1 || spatial == 2;
}

CUGAMMA_HD constexpr bool is_well_formed(const mapping& m) {
  if (m.level_count < 1 || m.level_count > max_levels) return false;
  for (int i = 0; i < m.level_count; ++i) {
    if (!is_well_formed(m.levels[i])) return false;
    if (i > 0 && m.levels[i].cluster_size < 1) return false;
  }
  return true;
}

/// What is wrong with one directive as the mapping writes it, given its completed level.
CUGAMMA_HD constexpr std::uint32_t check_directive(const directive& d,
                                                   const reference::level_plan& p,
                                                   const tensor_set& t,
                                                   const layer& l) {
  const bool window = reference::slides(t, d.dim);
  const std::int64_t filter = window ? p.sizes[index_of(reference::window_of(d.dim))].mapped : 1;
  const std::int64_t size = d.output_centric ? d.size + filter - 1 : d.size;
  const bool is_filter = t.windowed && (d.dim == dimension::R || d.dim == dimension::S);
  const bool whole = d.size == d.offset && d.size == l[d.dim];

  std::uint32_t status = 0;
  if (size > p.own[d.dim]) status |= tile_exceeds_dim;
  if (d.offset > d.size) status |= offset_exceeds_size;
  if (is_filter && d.kind == directive_kind::temporal && !whole) status |= partial_filter;
  return status;
}

/// A completed level, since a tile that it inherits or a layer that it walks whole can be too small
/// for the filter as well.
CUGAMMA_HD constexpr bool windows_fit(const reference::level_plan& p, const tensor_set& t) {
  for (const reference::level_directive& d : p) {
    if (!reference::slides(t, d.dim)) continue;
    if (d.size < p.sizes[index_of(reference::window_of(d.dim))].mapped) return false;
  }
  return true;
}

}  // namespace detail

/// The illegal bits of a mapping, 0 if it is legal; every rule that it breaks is named.
/// bad_structure: not one to four levels, a level without SpatialMap or with more than two, a size,
/// offset or cluster size below 1 (nothing else is checked then). clusters_exceed_pes: the product
/// of the cluster sizes is above a.num_pes. tile_exceeds_dim: a tile, in input coordinates, is
/// larger than the tile that the level above is written with. offset_exceeds_size.
/// window_exceeds_tile: a tile of Y (X) is smaller than the tile of R (S) beside it.
/// partial_filter: a TemporalMap of R or S does not cover the layer's whole R or S, even below a
/// level that splits it, as MAESTRO demands. A dimension named twice in a level is legal.
CUGAMMA_HD constexpr std::uint32_t check_legality(const layer& l,
                                                  const accelerator& a,
                                                  const mapping& m) {
  if (!detail::is_well_formed(m)) return bad_structure;

  // The rules are about the tiles as written, before the stride cuts them to whole windows.
  layer unstrided = l;
  unstrided.stride_y = unstrided.stride_x = 1;
  const reference::mapping_plan plan = reference::make_plan(unstrided, a.num_pes, m);
  std::uint32_t status = 0;
  if (reference::top_sub_clusters(m, a.num_pes) == 0) status |= clusters_exceed_pes;
  for (int i = 0; i < m.level_count; ++i) {
    if (!detail::windows_fit(plan.levels[i], plan.tensors)) status |= window_exceeds_tile;
    for (int k = 0; k < m.levels[i].directive_count; ++k) {
      status |= detail::check_directive(m.levels[i].directives[k], plan.levels[i], plan.tensors, l);
    }
  }
  return status;
}

}  // namespace cugamma
