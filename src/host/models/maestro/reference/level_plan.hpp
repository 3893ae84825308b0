#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>

#include "cugamma/hd.hpp"
#include "cugamma/mapping/mapping.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "models/maestro/tensors.hpp"

/// The analysis of MAESTRO 4eb08d1, written to be read. Vocabulary: a *level* has P sub-clusters;
/// its *own extent* of a dimension (D) is the tile that the level above is written with, a *work
/// tile* (d) is what one case of the level above really hands down. t and o are a directive's size
/// and offset. The larger functions are kept out of line: the recursion is instantiated for every
/// depth, and nvcc takes minutes to inline them all.
namespace cugamma::reference {

/// Directives of a level once it is complete: its own, and one for each dimension it left out.
inline constexpr int max_level_directives = max_directives + dimension_count;

/// A directive in input coordinates, stride applied.
struct level_directive {
  std::int64_t size = 1;
  std::int64_t offset = 1;
  dimension dim = dimension::K;
  bool spatial = false;
  bool output_centric = false;  ///< still to be converted; never in a finished plan
};

/// Extent of every dimension, in elements.
struct extents {
  std::array<std::int64_t, dimension_count> size{};

  CUGAMMA_HD constexpr std::int64_t operator[](dimension d) const { return size[index_of(d)]; }
  CUGAMMA_HD constexpr std::int64_t& operator[](dimension d) { return size[index_of(d)]; }
  CUGAMMA_HD constexpr bool operator==(const extents& o) const {
    for (int d = 0; d < dimension_count; ++d) {
      if (size[d] != o.size[d]) return false;
    }
    return true;
  }
};

/// Where a size is looked up: the eight dimensions in input coordinates, then the rows and columns
/// of the output.
using coordinate = int;
inline constexpr coordinate output_rows = dimension_count;
inline constexpr coordinate output_columns = dimension_count + 1;
inline constexpr int coordinate_count = dimension_count + 2;

CUGAMMA_HD constexpr coordinate output_coordinate(const tensor_set& t, dimension d) {
  if (t.windowed && d == dimension::Y) return output_rows;
  if (t.windowed && d == dimension::X) return output_columns;
  return index_of(d);
}

/// Sizes of one sub-cluster's tile along one coordinate (CA_reuse-analysis.hpp,
/// AnalyzeInputMappingSizes and AnalyzeOutputMappingSizes), all from the level's own extents.
struct tile_size {
  std::int64_t mapped = 0;       ///< the full tile
  std::int64_t unique = 0;       ///< of it, what the previous tile did not hold
  std::int64_t edge = 0;         ///< the last, partial tile
  std::int64_t edge_unique = 0;  ///< of it, what the previous tile did not hold
};

/// Everything about a level that does not depend on the case: complete directives, sub-clusters,
/// own extents and tile sizes.
struct level_plan {
  std::array<level_directive, max_level_directives> directives{};
  std::int32_t directive_count = 0;
  std::int64_t sub_clusters = 1;
  std::int64_t edge_sub_clusters = 1;  ///< active ones in a spatial edge
  extents own;
  std::array<tile_size, coordinate_count> sizes{};

  CUGAMMA_HD constexpr const level_directive* begin() const { return directives.data(); }
  CUGAMMA_HD constexpr const level_directive* end() const {
    return directives.data() + directive_count;
  }
  /// First directive of a dimension, -1 if there is none.
  CUGAMMA_HD constexpr int find(dimension d) const {
    for (int i = 0; i < directive_count; ++i) {
      if (directives[i].dim == d) return i;
    }
    return -1;
  }
  CUGAMMA_HD constexpr bool is_spatial(dimension d) const { return directives[find(d)].spatial; }
  CUGAMMA_HD constexpr const level_directive& first_spatial() const {
    int i = 0;
    while (i + 1 < directive_count && !directives[i].spatial) ++i;
    return directives[i];
  }
};

/// A mapping made ready for analysis.
struct mapping_plan {
  tensor_set tensors;
  std::array<level_plan, max_levels> levels{};
  std::int32_t level_count = 0;
};
static_assert(std::is_trivially_copyable_v<mapping_plan>);

CUGAMMA_HD constexpr void append(level_plan& p, const level_directive& d) {
  p.directives[p.directive_count++] = d;
}
CUGAMMA_HD constexpr void prepend(level_plan& p, const level_directive& d) {
  for (int i = p.directive_count; i > 0; --i) p.directives[i] = p.directives[i - 1];
  p.directives[0] = d;
  ++p.directive_count;
}

CUGAMMA_HD constexpr dimension window_of(dimension d) {
  return d == dimension::Y ? dimension::R : dimension::S;
}
CUGAMMA_HD constexpr bool slides(const tensor_set& t, dimension d) {
  return t.windowed && (d == dimension::Y || d == dimension::X);
}

/// Size of the last directive of a dimension; `missing` if there is none.
CUGAMMA_HD constexpr std::int64_t last_size(const level_plan& p,
                                            dimension d,
                                            std::int64_t missing) {
  for (int i = p.directive_count - 1; i >= 0; --i) {
    if (p.directives[i].dim == d) return p.directives[i].size;
  }
  return missing;
}

/// Turns `t` rows or columns of the output into the t + R - 1 of the input that they need. A filter
/// dimension that the level leaves out counts with what it will inherit.
CUGAMMA_HD constexpr void to_input_centric(level_plan& p, const extents& filter) {
  for (int i = 0; i < p.directive_count; ++i) {
    level_directive& d = p.directives[i];
    if (!d.output_centric) continue;
    d.size += last_size(p, window_of(d.dim), filter[window_of(d.dim)]) - 1;
    d.output_centric = false;
  }
}

/// Dimensions that the level above maps and this one leaves out: walked in time, outermost
/// (DFA_cluster-analysis.hpp, InheritMissingDirectives).
CUGAMMA_HD constexpr void inherit_missing(level_plan& p, const level_plan& above) {
  for (const level_directive& d : above) {
    if (p.find(d.dim) < 0) prepend(p, {d.size, d.offset, d.dim, false, false});
  }
}

CUGAMMA_HD constexpr bool is_analysed(const tensor_set& t, dimension d) {
  return t.input.is_coupled(d) || t.filter.is_coupled(d);
}

/// Dimensions of the input and the filter that no level has mapped so far: whole, innermost, in the
/// alphabetical order of MAESTRO's names (DFA_cluster-analysis.hpp, UnrollMissingDirectives).
CUGAMMA_HD constexpr void unroll_missing(level_plan& p, const tensor_set& t) {
  using enum dimension;
  constexpr std::array<dimension, dimension_count> names{C, G, K, N, R, S, X, Y};
  constexpr std::array<dimension, dimension_count> gemm_names{C, Y, K, G, N, R, S, X};
  for (int i = 0; i < dimension_count; ++i) {
    const dimension d = t.windowed ? names[i] : gemm_names[i];
    if (!is_analysed(t, d) || p.find(d) >= 0) continue;
    append(p, {p.own[d], p.own[d], d, false, false});
  }
}

/// Rounds a strided tile of Y or X down to whole windows and moves it by whole strides
/// (DFA_cluster-analysis.hpp, ApplyOuterStride). MAESTRO does this at every level, with the layer's
/// stride and filter. Where a dimension is named twice, the first directive takes the sizes.
CUGAMMA_HD constexpr void apply_stride(level_plan& p,
                                       dimension dim,
                                       std::int64_t stride,
                                       std::int64_t filter,
                                       bool top) {
  if (stride == 1) return;
  for (int i = 0; i < p.directive_count; ++i) {
    if (p.directives[i].dim != dim || p.directives[i].size < filter) continue;
    const std::int64_t windows = (p.directives[i].size + stride - filter) / stride;
    level_directive& first = p.directives[p.find(dim)];
    first.size = windows * std::min(stride, filter) + std::max<std::int64_t>(filter - stride, 0);
    first.offset = windows * (!top && filter < stride ? filter : stride);
  }
}

/// Sub-clusters that work in a spatial edge (DFA_cluster-unit.hpp, AnalyzeSpatialEdgeCase). After
/// full steps the last, partial tile is not counted; in a level that never fills up it is.
CUGAMMA_HD constexpr std::int64_t count_edge_sub_clusters(const level_directive& s,
                                                          std::int64_t sub_clusters,
                                                          std::int64_t own) {
  if (own <= s.size) return 1;
  const std::int64_t covered = s.offset * (sub_clusters - 1) + s.size;
  if (own > covered) {
    const std::int64_t steps = ((own - s.size) / s.offset + 1) / sub_clusters;
    const std::int64_t left = own - steps * s.offset * sub_clusters;
    return left < s.size ? 1 : (left - s.size) / s.offset + 1;
  }
  const std::int64_t full = (own - s.size) / s.offset + 1;
  return s.offset * (full - 1) + s.size < own ? full + 1 : full;
}

CUGAMMA_HD constexpr tile_size input_tile_size(const level_directive& d, std::int64_t own) {
  const std::int64_t steps = std::max<std::int64_t>((own - d.size) / d.offset, 0);
  const bool has_edge = steps * d.offset + d.size < own || d.size > own;
  std::int64_t rest = own - (steps + 1) * d.offset;
  if (rest < 0) rest = own;

  tile_size s;
  s.mapped = d.size;
  s.unique = !d.spatial && own <= d.size ? 0 : std::min(d.size, d.offset);
  s.edge = has_edge ? rest : d.size;
  s.edge_unique = std::max<std::int64_t>(d.offset - (d.size - rest), 0);
  return s;
}

CUGAMMA_HD constexpr tile_size output_tile_size(const level_directive& d,
                                                const tile_size& input,
                                                const tile_size& filter) {
  tile_size s;
  s.mapped = input.mapped - filter.mapped + 1;
  s.unique = std::min(d.offset, d.size);
  s.edge = input.edge - filter.edge + 1;
  s.edge_unique = std::min(d.offset, s.edge);
  return s;
}

/// Where a dimension is named twice, the last directive decides.
CUGAMMA_HD constexpr void find_tile_sizes(level_plan& p, const tensor_set& t) {
  for (const level_directive& d : p) p.sizes[index_of(d.dim)] = input_tile_size(d, p.own[d.dim]);
  for (const level_directive& d : p) {
    if (!slides(t, d.dim)) continue;
    p.sizes[output_coordinate(t, d.dim)] =
        output_tile_size(d, p.sizes[index_of(d.dim)], p.sizes[index_of(window_of(d.dim))]);
  }
}

/// Own extents of the next level: this level's tiles.
CUGAMMA_HD constexpr extents inner_extents(const level_plan& p) {
  extents inner = p.own;
  for (int d = 0; d < dimension_count; ++d) {
    const int i = p.find(static_cast<dimension>(d));
    if (i >= 0) inner.size[d] = std::min(p.directives[i].size, p.own.size[d]);
  }
  return inner;
}

/// What a level's R and S are mapped with if it leaves them out: the tiles of the level above, or
/// the whole filter.
CUGAMMA_HD constexpr extents inherited_filter(const level_plan* above, const extents& own) {
  extents f = own;
  if (above == nullptr) return f;
  for (const dimension d : {dimension::R, dimension::S}) {
    const int i = above->find(d);
    if (i >= 0) f[d] = above->directives[i].size;
  }
  return f;
}

[[gnu::noinline]] CUGAMMA_HD constexpr level_plan plan_level(const layer& l,
                                                             const tensor_set& t,
                                                             const cluster_level& text,
                                                             std::int64_t sub_clusters,
                                                             const extents& own,
                                                             const level_plan* above) {
  level_plan p;
  p.own = own;
  p.sub_clusters = sub_clusters;
  for (int i = 0; i < text.directive_count; ++i) {
    const directive& d = text.directives[i];
    append(p, {d.size, d.offset, d.dim, d.kind == directive_kind::spatial, d.output_centric});
  }
  to_input_centric(p, inherited_filter(above, own));
  if (above != nullptr) inherit_missing(p, *above);
  unroll_missing(p, t);
  if (t.windowed) {
    apply_stride(p, dimension::Y, l.stride_y, l[dimension::R], above == nullptr);
    apply_stride(p, dimension::X, l.stride_x, l[dimension::S], above == nullptr);
  }
  const level_directive& s = p.first_spatial();
  p.edge_sub_clusters = count_edge_sub_clusters(s, sub_clusters, own[s.dim]);
  find_tile_sizes(p, t);
  return p;
}

/// Sub-clusters of the top level: the PEs divided by the sizes of all clusters inside, rounded
/// down.
CUGAMMA_HD constexpr std::int64_t top_sub_clusters(const mapping& m, std::int32_t num_pes) {
  std::int64_t left = num_pes;
  for (int i = 1; i < m.level_count; ++i) left /= m.levels[i].cluster_size;
  return left;
}

/// Cuts a mapping into complete levels. precondition: one to four levels with at most
/// max_directives each, every size, offset and cluster size >= 1, at least one SpatialMap a level.
/// Clusters that exceed the PEs are planned as if one fitted.
CUGAMMA_HD constexpr mapping_plan make_plan(const layer& l,
                                            std::int32_t num_pes,
                                            const mapping& m) {
  mapping_plan plan;
  plan.tensors = tensors_of(l);
  plan.level_count = m.level_count;
  extents own;
  for (int d = 0; d < dimension_count; ++d) own.size[d] = l.size[d];
  for (int i = 0; i < m.level_count; ++i) {
    const std::int64_t sub_clusters =
        i == 0 ? std::max<std::int64_t>(top_sub_clusters(m, num_pes), 1) : m.levels[i].cluster_size;
    plan.levels[i] = plan_level(l,
                                plan.tensors,
                                m.levels[i],
                                sub_clusters,
                                own,
                                i == 0 ? nullptr : &plan.levels[i - 1]);
    own = inner_extents(plan.levels[i]);
  }
  return plan;
}

}  // namespace cugamma::reference
