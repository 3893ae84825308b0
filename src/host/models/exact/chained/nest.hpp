#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "models/exact/closed/cuts.hpp"

/// Loop nests of one to three levels, cut without lists: the same functions run in a thread of a
/// device and on the host.
namespace cugamma::exact::chained {

inline constexpr int dims = gene_dimension_count;
inline constexpr int most_levels = max_genome_levels;
enum : int { K, C, Y, X, R, S };

/// What belongs to one dimension: below 2^32, as N of closed_form.hpp on a device.
using extent = std::uint32_t;

/// A dimension's tiles and sub-clusters in each level, and how they cut every box. A level cuts
/// boxes of few lengths, its kinds: kind 0 are whole tiles of the level above; kind k + 1 is the
/// last tile of a box that is of kind k there.
struct chain {
  extent tile[most_levels];
  extent units[most_levels];                        ///< never more than the largest box has tiles
  cut<extent> cuts[most_levels][most_levels];       ///< [level][kind]
  extent length[most_levels + 1][most_levels + 1];  ///< of boxes; of the PEs' tiles
  extent boxes[most_levels + 1][most_levels + 1];   ///< how many of a kind there are
};

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

/// Cuts every box of a dimension whose tiles and sub-clusters are set.
CUGAMMA_HD constexpr void cut_boxes(extent size, int levels, chain& c) {
  c.length[0][0] = size;
  c.boxes[0][0] = 1;
  for (int level = 0; level < levels; ++level) {
    const extent above = level == 0 ? size : c.tile[level - 1];
    const extent tile = c.tile[level] = min_of(c.tile[level], above);
    c.length[level + 1][0] = tile;
    c.boxes[level + 1][0] = 0;
    for (int kind = 0; kind <= level; ++kind) {
      const extent box = c.length[level][kind];
      cut<extent>& own = c.cuts[level][kind];
      own = kind > 0 && box == c.length[level][0] ? c.cuts[level][0]
                                                  : cut_box(box, tile, c.units[level]);
      if (kind == 0) c.units[level] = min_of(c.units[level], own.tiles);
      c.length[level + 1][kind + 1] = own.edge;
      c.boxes[level + 1][kind + 1] = c.boxes[level][kind];
      c.boxes[level + 1][0] += c.boxes[level][kind] * (own.tiles - 1);
    }
  }
}

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
    detail::cut_boxes(size, n.levels, n.of[d]);
    if (d >= R && n.of[d].tile[n.levels - 1] != size) n.has_whole_filter = false;
  }
  return 0;
}

}  // namespace cugamma::exact::chained
