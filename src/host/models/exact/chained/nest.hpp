#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "models/exact/chained/chain.hpp"

/// Loop nests of one to three levels, cut without lists: the same functions run in a thread of a
/// device and on the host.
namespace cugamma::exact::chained {

/// A genome's nest.
struct nest {
  int levels;
  chain of[dims];
  std::uint8_t order[most_levels][dims];  ///< dimensions of a level's loops, the outermost first
  std::uint8_t parallel[most_levels];     ///< of each level
  bool has_whole_filter;                  ///< no level cuts R or S
};

/// A layer as nests need it.
struct nest_layer {
  std::int32_t size[dims];  ///< of the output
  std::int32_t stride[2];   ///< of rows and of columns
  layer_type type;
};

constexpr nest_layer make_nest_layer(const layer& l) {
  nest_layer n{{}, {l.stride_y, l.stride_x}, l.type};
  for (int d = 0; d < dims; ++d) n.size[d] = output_size(l, static_cast<dimension>(d));
  return n;
}

/// The dimensions that a layer's mappings have directives of.
CUGAMMA_HD constexpr unsigned named_dimensions(layer_type type) {
  if (type == layer_type::dsconv) return every_gene_dimension & ~(1u << K);
  if (type == layer_type::gemm) return 1u << K | 1u << C | 1u << Y;
  return every_gene_dimension;
}

/// The dimensions that a level is parallel in, as a set.
CUGAMMA_HD constexpr unsigned parallel_dimensions(const genome& g, int level, layer_type type) {
  unsigned set = 1u << index_of(parallel(g, level)) | 1u << second_parallel(g, level);
  if (type == layer_type::dsconv && (set & 1u << K) != 0) set |= 1u << C;
  return set & named_dimensions(type);
}

namespace detail {

/// Reads one level. False if it is none of the model's.
CUGAMMA_HD constexpr bool read_level(const genome& g, int level, const nest_layer& l, nest& n) {
  const unsigned named = named_dimensions(l.type);
  unsigned seen = 0;
  bool has_tiles = true;
  for (int p = 0; p < dims; ++p) {
    const int d = index_of(order(g, level, p));
    n.order[level][p] = static_cast<std::uint8_t>(d);
    seen |= 1u << d;
  }
  for (int d = 0; d < dims; ++d) {
    const bool is_named = (named >> d & 1) != 0;
    const std::int32_t size = is_named ? tile(g, level, static_cast<dimension>(d)) : l.size[d];
    n.of[d].tile[level] = static_cast<extent>(size);
    n.of[d].units[level] = 1;
    has_tiles = has_tiles && size >= 1;
  }
  const unsigned set = parallel_dimensions(g, level, l.type);
  const bool is_one = set != 0 && (set & (set - 1)) == 0;
  int d = 0;
  while (is_one && (set >> d & 1) == 0) ++d;
  n.parallel[level] = static_cast<std::uint8_t>(d);
  return seen == every_gene_dimension && has_tiles && is_one;
}

CUGAMMA_HD constexpr bool is_whole(extent size, int levels, const chain& c) {
  for (int level = 0; level < levels; ++level) {
    if (c.tile[level] < size) return false;
  }
  return true;
}

/// What cut_boxes does with tiles as large as the dimension.
CUGAMMA_HD constexpr void leave_whole(extent size, int levels, chain& c) {
  c = {};
  for (int level = 0; level <= levels; ++level) {
    for (int kind = 0; kind <= level; ++kind) c.length[level][kind] = size;
    c.boxes[level][level] = 1;
  }
  for (int level = 0; level < levels; ++level) {
    c.tile[level] = size;
    c.units[level] = 1;
    for (int kind = 0; kind <= level; ++kind) c.cuts[level][kind] = {1, 1, 1, 1, size};
  }
}

}  // namespace detail

/// Reads a genome. The status is that of make_nest of nest.hpp; if it is not 0, n means nothing.
CUGAMMA_HD constexpr std::uint32_t read_nest(const genome& g,
                                             const nest_layer& l,
                                             std::int32_t machine_pes,
                                             nest& n) {
  n.levels = level_count(g);
  if (n.levels < 1 || n.levels > most_levels) return bad_structure;
  std::int64_t pes_below = 1;
  for (int level = 0; level < n.levels; ++level) {
    if (!detail::read_level(g, level, l, n)) return bad_structure;
    if (level == 0) continue;
    const std::int32_t size = cluster_size(g, level);
    if (size < 1) return bad_structure;
    n.of[n.parallel[level]].units[level] = static_cast<extent>(size);
    pes_below *= size;
  }
  const std::int64_t pes = own_pes(g) != 0 ? own_pes(g) : machine_pes;
  if (pes < pes_below) return clusters_exceed_pes;
  n.of[n.parallel[0]].units[0] = static_cast<extent>(pes / pes_below);
  n.has_whole_filter = true;
  for (int d = 0; d < dims; ++d) {
    const auto size = static_cast<extent>(l.size[d]);
    if (d >= R && detail::is_whole(size, n.levels, n.of[d])) {
      detail::leave_whole(size, n.levels, n.of[d]);
      continue;
    }
    cut_boxes(size, n.levels, n.of[d]);
    n.has_whole_filter = n.has_whole_filter && d < R;
  }
  return 0;
}

}  // namespace cugamma::exact::chained
