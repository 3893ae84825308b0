#pragma once

#include "numbers/number.hpp"

/// How the two levels of a mapping cut one dimension. N is a plain number or one a SIMD lane.
namespace cugamma::exact {

using core::any_of;
using core::floor_div;
using core::mask_of;
using core::max_of;
using core::min_of;
using core::select;
using core::wide_of;

/// A box cut into tiles, of which `units` sub-clusters take one each in a step.
template <class N>
struct cut {
  N tiles;
  N steps;
  N active;  ///< sub-clusters with a tile in the last step
  N first;   ///< and in the first
  N edge;    ///< length of the last tile
};

template <class N>
CUGAMMA_HD constexpr N ceil_quotient(N a, N b) {
  return floor_div(a + b - N(1), b);
}

template <class N>
CUGAMMA_HD constexpr cut<N> cut_box(N box, N tile, N units) {
  cut<N> c;
  c.tiles = ceil_quotient(box, tile);
  c.steps = ceil_quotient(c.tiles, units);
  c.active = c.tiles - (c.steps - N(1)) * units;
  c.first = min_of(c.tiles, units);
  c.edge = box - (c.tiles - N(1)) * tile;
  return c;
}

/// One dimension cut twice. Level 1 cuts boxes of two lengths: level 0's whole tiles and its last.
/// `units` counts no more sub-clusters than there are tiles, so that they and a tile multiply to
/// less than twice the size.
template <class N>
struct two_cuts {
  N size;
  N tile[2];
  N units[2];
  cut<N> outer;
  cut<N> whole;   ///< of a whole tile of level 0
  cut<N> edge;    ///< of its last tile
  N whole_boxes;  ///< tiles of level 0 but the last
  N later;        ///< tiles of level 0 that are not in its first step
  N later_edge;   ///< 1 if the last tile is one of them
};

/// Sets all of c, in place: a copy of so many lanes takes longer than to work some of them out.
template <class N>
CUGAMMA_HD constexpr void cut_twice(N size,
                                    N outer,
                                    N inner,
                                    N outer_units,
                                    N inner_units,
                                    two_cuts<N>& c) {
  c.size = size;
  c.tile[0] = outer;
  c.tile[1] = inner;
  c.outer = cut_box(size, outer, outer_units);
  c.whole = cut_box(outer, inner, inner_units);
  c.edge = cut_box(c.outer.edge, inner, inner_units);
  c.units[0] = min_of(outer_units, c.outer.tiles);
  c.units[1] = min_of(inner_units, c.whole.tiles);
  c.whole_boxes = c.outer.tiles - N(1);
  c.later = c.outer.tiles - c.outer.first;
  c.later_edge = select(c.outer.steps > N(1), N(1), N(0));
}

template <class N>
CUGAMMA_HD constexpr two_cuts<N> cut_twice(N size, N outer, N inner, N outer_units, N inner_units) {
  two_cuts<N> c;
  cut_twice(size, outer, inner, outer_units, inner_units, c);
  return c;
}

}  // namespace cugamma::exact
