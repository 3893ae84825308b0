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

template <class N>
CUGAMMA_HD constexpr two_cuts<N> cut_twice(N size, N outer, N inner, N outer_units, N inner_units) {
  const cut<N> of_size = cut_box(size, outer, outer_units);
  const cut<N> whole = cut_box(outer, inner, inner_units);
  return {size,
          {outer, inner},
          {min_of(outer_units, of_size.tiles), min_of(inner_units, whole.tiles)},
          of_size,
          whole,
          cut_box(of_size.edge, inner, inner_units),
          of_size.tiles - N(1),
          of_size.tiles - of_size.first,
          select(of_size.steps > N(1), N(1), N(0))};
}

}  // namespace cugamma::exact
