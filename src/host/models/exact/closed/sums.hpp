#pragma once

#include "models/exact/closed/cuts.hpp"

/// What one dimension contributes to the traffic of two levels: sums over its tiles, for each way
/// in which its loops turn between a step and the one before. docs/exact-model.md derives them.
namespace cugamma::exact {

/// The sums of level 0.
template <class N>
struct outer_sums {
  N same;      ///< the loop does not turn
  N moves;     ///< it goes on
  N restarts;  ///< it starts over
};

/// The sums of level 1.
template <class N>
struct inner_sums {
  N same;
  N moves;
  N restarts;
  N outer_moves;     ///< level 0's loop goes on, level 1's starts over
  N outer_restarts;  ///< both start over
};

template <class N>
struct dimension_sums {
  outer_sums<N> outer;
  inner_sums<N> inner;
};

template <class N>
CUGAMMA_HD constexpr mask_of<N> is(N a, int value) {
  return !((a < N(value)) | (a > N(value)));
}

/// a - b, or 0 where b is larger.
template <class N>
CUGAMMA_HD constexpr N less_or_zero(N a, N b) {
  return select(a > b, a - b, N(0));
}

/// Steps of sub-clusters.
template <class N>
CUGAMMA_HD constexpr dimension_sums<N> unit_steps(const two_cuts<N>& c) {
  const N all = c.whole_boxes * c.whole.tiles + c.edge.tiles;
  const N starts = c.whole_boxes * c.whole.first + c.edge.first;
  return {{c.outer.tiles, c.later, c.outer.first},
          {all,
           all - starts,
           starts,
           (c.later - c.later_edge) * c.whole.first + c.later_edge * c.edge.first,
           select(is(c.outer.steps, 1), starts, c.units[0] * c.whole.first)}};
}

/// Steps of groups.
template <class N>
CUGAMMA_HD constexpr dimension_sums<N> group_steps(const two_cuts<N>& c) {
  const N all = c.whole_boxes * c.whole.steps + c.edge.steps;
  return {{c.outer.steps, c.outer.steps - N(1), N(1)},
          {all, all - c.outer.tiles, c.outer.tiles, c.later, c.outer.first}};
}

/// Steps of groups whose sub-cluster above worked in the step before too.
template <class N>
CUGAMMA_HD constexpr dimension_sums<N> working_steps(const two_cuts<N>& c) {
  dimension_sums<N> s = group_steps(c);
  s.inner.outer_restarts = c.outer.active;
  return s;
}

/// Outputs that a group works on again.
template <class N>
CUGAMMA_HD constexpr dimension_sums<N> kept_outputs(const two_cuts<N>& c) {
  const N restarts = select(is(c.whole.steps, 1), c.whole_boxes * c.tile[0], N(0)) +
                     select(is(c.edge.steps, 1), c.outer.edge, N(0));
  const auto is_single = is(c.outer.steps, 1);
  return {{c.size, N(0), select(is_single, c.size, N(0))},
          {c.size, N(0), restarts, N(0), select(is_single, restarts, N(0))}};
}

/// Elements that are there when a box starts over, of a dimension whose tiles share none: all in a
/// single step; in two steps the tiles of sub-clusters that are idle in the second.
template <class N>
CUGAMMA_HD constexpr N kept_in_box(const cut<N>& c, N box, N tile, N units) {
  return select(is(c.steps, 1), box, select(is(c.steps, 2), (units - c.active) * tile, N(0)));
}

/// In two steps of level 0: the elements of its last sub-cluster of the second that it has since
/// the first, since the last, smaller box leaves some inside idle.
template <class N>
CUGAMMA_HD constexpr N kept_inside_last(const two_cuts<N>& c) {
  return select(is(c.whole.steps, 1),
                less_or_zero(c.tile[0], c.edge.first * c.tile[1]),
                select(is(c.whole.steps, 2),
                       (c.units[1] - max_of(c.edge.first, c.whole.active)) * c.tile[1],
                       N(0)));
}

/// Elements that sub-clusters hold, of a dimension whose tiles share none; who lacks one lacks all,
/// so this is as well what no sub-cluster lacks.
template <class N>
CUGAMMA_HD constexpr dimension_sums<N> held_channels(const two_cuts<N>& c) {
  const N in_whole = kept_in_box(c.whole, c.tile[0], c.tile[1], c.units[1]);
  const N in_edge = kept_in_box(c.edge, c.outer.edge, c.tile[1], c.units[1]);
  const N restarts = c.whole_boxes * in_whole + in_edge;
  // In two steps of level 0, who is idle in the second keeps what it has.
  const N twice = (c.units[0] - c.outer.active) * in_whole + kept_inside_last(c);
  return {{c.size, N(0), kept_in_box(c.outer, c.size, c.tile[0], c.units[0])},
          {c.size,
           N(0),
           restarts,
           N(0),
           select(is(c.outer.steps, 1), restarts, select(is(c.outer.steps, 2), twice, N(0)))}};
}

}  // namespace cugamma::exact
