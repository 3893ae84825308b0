#pragma once

#include <cstdint>

#include "cugamma/mapping/genome.hpp"
#include "models/exact/closed/cuts.hpp"

/// How up to three levels cut one dimension. N is one mapping (a plain number) or one mapping a
/// SIMD lane.
namespace cugamma::exact::chained {

inline constexpr int dims = gene_dimension_count;
inline constexpr int most_levels = max_genome_levels;
enum : int { K, C, Y, X, R, S };

/// A dimension's tiles and sub-clusters in each level, and how they cut every box. A level cuts
/// boxes of few lengths, its kinds: kind 0 are whole tiles of the level above; kind k + 1 is the
/// last tile of a box that is of kind k there.
template <class N>
struct chain_of {
  N tile[most_levels];
  N units[most_levels];                        ///< never more than the largest box has tiles
  cut<N> cuts[most_levels][most_levels];       ///< [level][kind]
  N length[most_levels + 1][most_levels + 1];  ///< of boxes; of the PEs' tiles
  N boxes[most_levels + 1][most_levels + 1];   ///< how many of a kind there are
};

/// Cuts every box of a dimension whose tiles and sub-clusters are set.
template <class N>
CUGAMMA_HD constexpr void cut_boxes(N size, int levels, chain_of<N>& c) {
  c.length[0][0] = size;
  c.boxes[0][0] = N(1);
  for (int level = 0; level < levels; ++level) {
    const N above = level == 0 ? size : c.tile[level - 1];
    const N tile = c.tile[level] = min_of(c.tile[level], above);
    c.length[level + 1][0] = tile;
    c.boxes[level + 1][0] = N(0);
    for (int kind = 0; kind <= level; ++kind) {
      cut<N>& own = c.cuts[level][kind];
      own = cut_box(c.length[level][kind], tile, c.units[level]);
      if (kind == 0) c.units[level] = min_of(c.units[level], own.tiles);
      c.length[level + 1][kind + 1] = own.edge;
      c.boxes[level + 1][kind + 1] = c.boxes[level][kind];
      c.boxes[level + 1][0] = c.boxes[level + 1][0] + c.boxes[level][kind] * (own.tiles - N(1));
    }
  }
}

/// What belongs to one dimension of one mapping: below 2^32, as N of closed_form.hpp on a device.
using extent = std::uint32_t;
using chain = chain_of<extent>;

}  // namespace cugamma::exact::chained
