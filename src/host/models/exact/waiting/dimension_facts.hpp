#pragma once

#include "models/exact/closed/window_sums.hpp"

/// What the runtime takes from a dimension that two levels cut.
namespace cugamma::exact::waiting {

/// The steps in which a dimension of a box is cut: those but the last are alike.
template <class N>
struct dimension_steps {
  N steps;
  N all[2];     ///< elements that a group works on, in other steps [0] and in the last [1]
  N length[2];  ///< outputs likewise
  N tile[2];    ///< of the first sub-cluster
  N moved;      ///< elements that none lacks when the loop goes on
  N kept;       ///< and when it starts over
};

template <class N>
CUGAMMA_HD constexpr N kept_by_all(const cut<N>& c,
                                   N box,
                                   N tile,
                                   N units,
                                   const row_grid<N>& g,
                                   bool has_rows) {
  return has_rows ? rows_kept_in_box(c, box, tile, units, g).by_all
                  : kept_in_box(c, box, tile, units);
}

template <class N>
CUGAMMA_HD constexpr dimension_steps<N> steps_of(const cut<N>& c,
                                                 N box,
                                                 N tile,
                                                 N units,
                                                 const row_grid<N>& g,
                                                 bool has_rows) {
  const N full = units * tile, first = min_of(tile, box);
  const N length = min_of(full, box), last = box - (c.steps - N(1)) * full;
  return {c.steps,
          {g.count(length), g.count(last)},
          {length, last},
          {first, select(is(c.active, 1), c.edge, first)},
          g.shared((units - N(1)) * tile),
          kept_by_all(c, box, tile, units, g, has_rows)};
}

/// The sub-clusters of level 0 along its parallel loop whose steps may differ: all but the last
/// that works in the last step, that one, and those that are idle then.
enum unit_type { working, ending, idle, unit_types };

/// Elements of a dimension that no sub-cluster of level 1 lacks in its group's first step.
template <class N>
struct held_at_start {
  N same[2];   ///< level 0's loop has not turned; by the kind of box: whole [0], last [1]
  N moved[2];  ///< it has gone on
  N started[unit_types];  ///< it has started over
};

template <class N>
CUGAMMA_HD constexpr held_at_start<N> rows_at_start(const two_cuts<N>& c, const row_grid<N>& g) {
  const rows_between_boxes<N> between(c, g);
  const N way = (c.outer.steps - N(1)) * c.units[0] * c.tile[0];
  const N way_before = way - c.units[0] * c.tile[0];
  const auto is_double = is(c.outer.steps, 2);
  const N in_whole = rows_kept_in_box(c.whole, c.tile[0], c.tile[1], c.units[1], g).by_all;
  return {{in_whole, rows_kept_in_box(c.edge, c.outer.edge, c.tile[1], c.units[1], g).by_all},
          {between.from_earlier(c.whole.first).by_all, between.from_earlier(c.edge.first).by_all},
          {between.from_later(way).by_all,
           between.from_last(way, way_before, is_double).by_all,
           select(is_double, in_whole, between.from_later(way_before).by_all)}};
}

template <class N>
CUGAMMA_HD constexpr held_at_start<N> channels_at_start(const two_cuts<N>& c) {
  const auto is_double = is(c.outer.steps, 2);
  const N in_whole = kept_in_box(c.whole, c.tile[0], c.tile[1], c.units[1]);
  return {{in_whole, kept_in_box(c.edge, c.outer.edge, c.tile[1], c.units[1])},
          {N(0), N(0)},
          {N(0), select(is_double, kept_inside_last(c), N(0)), select(is_double, in_whole, N(0))}};
}

/// All that the runtime needs of a dimension.
template <class N>
struct dimension_facts {
  dimension_steps<N> outer;
  dimension_steps<N> inner[2];  ///< of a whole tile of level 0, and of its last
  held_at_start<N> held;
  N off_chip_moved;        ///< elements of level 0's steps that were there, when its loop goes on
  N off_chip_started;      ///< and when it starts over
  mask_of<N> is_uneven;    ///< level 0's last tile is smaller
  mask_of<N> is_parallel;  ///< several sub-clusters of level 0
  mask_of<N> has_working;  ///< several of them work in the last step
  mask_of<N> has_idle;     ///< not all do
};

template <class N>
CUGAMMA_HD constexpr dimension_facts<N> facts_of(const two_cuts<N>& c,
                                                 const row_grid<N>& g,
                                                 bool has_rows) {
  const N full = c.units[0] * c.tile[0];
  return {steps_of(c.outer, c.size, c.tile[0], c.units[0], g, has_rows),
          {steps_of(c.whole, c.tile[0], c.tile[1], c.units[1], g, has_rows),
           steps_of(c.edge, c.outer.edge, c.tile[1], c.units[1], g, has_rows)},
          has_rows ? rows_at_start(c, g) : channels_at_start(c),
          g.shared(N(0)),
          g.shared((c.outer.steps - N(2)) * full),
          c.outer.edge<c.tile[0], c.units[0]> N(1),
          c.outer.active > N(1),
          c.units[0] > c.outer.active};
}

}  // namespace cugamma::exact::waiting
