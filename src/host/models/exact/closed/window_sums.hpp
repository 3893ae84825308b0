#pragma once

#include "models/exact/closed/sums.hpp"

/// The sums of input rows (columns likewise), of which neighbouring output rows share some.
namespace cugamma::exact {

/// As element_grid of elements.hpp, in the numbers of a closed form.
template <class N>
struct row_grid {
  N each;
  N more;

  CUGAMMA_HD constexpr N count(N outputs) const { return outputs * each + more; }
  /// Rows that two tiles share with `gap` output rows between them.
  CUGAMMA_HD constexpr N shared(N gap) const { return less_or_zero(more, each * gap); }
};

/// The two sums of rows: what sub-clusters hold, copies counted, and what no sub-cluster lacks.
template <class N>
struct held_rows {
  dimension_sums<N> by_units;
  dimension_sums<N> by_all;
};

/// Rows that are there when a box starts over.
template <class N>
struct rows_in_box {
  N by_units;
  N by_all;
};

template <class N>
CUGAMMA_HD constexpr rows_in_box<N> rows_kept_in_box(const cut<N>& c,
                                                     N box,
                                                     N tile,
                                                     N units,
                                                     const row_grid<N>& g) {
  const auto is_single = is(c.steps, 1), is_double = is(c.steps, 2);
  const N idle = units - c.active;
  // Who works in the last step has its tile of that step, the others that of the one before.
  const N last = g.shared(((c.steps - N(1)) * units - N(1)) * tile);
  const N before = g.shared(((c.steps - N(2)) * units - N(1)) * tile);
  const N lacked_by_active = idle * tile * g.each + last;
  return {select(is_single,
                 box * g.each + c.tiles * g.more,
                 c.active * last + idle * select(is_double, g.count(tile), before)),
          select(is_single,
                 g.count(box),
                 select(is_double, lacked_by_active, min_of(before, lacked_by_active)))};
}

/// The rows of level 1's first step in a box, held from another box of level 0.
template <class N>
struct rows_between_boxes {
  const two_cuts<N>& c;
  const row_grid<N>& g;
  mask_of<N> is_single;  ///< a whole box is one step
  N whole_idle;          ///< sub-clusters that are idle in a whole box's last step
  N last_length;         ///< of the first step's tile of the last sub-cluster that ends a box
  N to_last;             ///< from a sub-cluster's first tile to that in the last step
  N to_before;           ///< and to that in the step before

  CUGAMMA_HD constexpr explicit rows_between_boxes(const two_cuts<N>& cuts, const row_grid<N>& grid)
      : c(cuts), g(grid) {
    is_single = is(c.whole.steps, 1);
    whole_idle = select(is_single, N(0), c.units[1] - c.whole.active);
    last_length = select(is_single, c.whole.edge, c.tile[1]);
    to_last = (c.whole.steps - N(1)) * c.units[1] * c.tile[1];
    to_before = to_last - c.units[1] * c.tile[1];
  }

  /// From the box one step of level 0 earlier: rows at the beginning of each tile. `first`:
  /// sub-clusters that the box at hand has in its first step.
  CUGAMMA_HD constexpr rows_in_box<N> from_earlier(N first) const {
    const N way = c.units[0] * c.tile[0];
    const N active = c.whole.active;
    const N full = g.shared(way - to_last - c.tile[1]);
    const N edge = g.shared(way - to_last - c.whole.edge);
    const N idle = g.shared(way - to_before - c.tile[1]);
    const auto has_full = active > N(1), has_edge = first >= active, has_idle = first > active;
    const N by_units = min_of(first, active - N(1)) * full + select(has_edge, edge, N(0)) +
                       select(has_idle, (first - active) * idle, N(0));
    const N step = c.tile[1] * g.each;
    const N none = g.count(c.size);
    const N by_all = min_of(select(has_full, full, none),
                            min_of(select(has_edge, (active - N(1)) * step + edge, none),
                                   select(has_idle, active * step + idle, none)));
    return {by_units, by_all};
  }

  /// From a whole box `way` output rows later: rows at the end of each tile.
  CUGAMMA_HD constexpr rows_in_box<N> from_later(N way) const {
    const N full = g.shared(way + to_last - c.tile[1]);
    const N edge = g.shared(way + to_last - last_length);
    const N idle = g.shared(way + to_before - c.tile[1]);
    const N by_active = whole_idle * c.tile[1] * g.each + edge;
    return {(c.whole.active - N(1)) * full + edge + whole_idle * idle,
            select(whole_idle > N(0), min_of(by_active, idle), by_active)};
  }

  /// From level 0's last, smaller box, `way` later; sub-clusters that are idle in it hold a tile of
  /// the whole box before it, `way_before` later, which is the box at hand where is_same_box.
  CUGAMMA_HD constexpr rows_in_box<N> from_last(N way, N way_before, mask_of<N> is_same_box) const {
    const rows_in_box<N> active = held_by_active_in_last(way);
    const rows_in_box<N> idle = held_by_idle_in_last(way_before, is_same_box);
    return {active.by_units + idle.by_units, min_of(active.by_all, idle.by_all)};
  }

 private:
  CUGAMMA_HD constexpr rows_in_box<N> held_by_active_in_last(N way) const {
    const N last = (c.edge.steps - N(1)) * c.units[1] * c.tile[1];
    const N before = last - c.units[1] * c.tile[1];
    const auto ends_alike = is_single & !(c.edge.active < c.whole.active);
    const N full = g.shared(way + last - c.tile[1]);
    const N edge = g.shared(way + last - select(ends_alike, c.whole.edge, c.tile[1]));
    const N idle = select(is(c.edge.steps, 1), N(0), c.units[1] - c.edge.active);
    const N idle_rows = g.shared(way + before - c.tile[1]);
    const N behind = select(is_single,
                            less_or_zero(c.tile[0], c.edge.active * c.tile[1]),
                            (c.units[1] - c.edge.active) * c.tile[1]);
    const N by_active = behind * g.each + edge;
    return {(c.edge.active - N(1)) * full + edge + idle * idle_rows,
            select(idle > N(0), min_of(by_active, idle_rows), by_active)};
  }

  CUGAMMA_HD constexpr rows_in_box<N> held_by_idle_in_last(N way, mask_of<N> is_same_box) const {
    const N from = c.edge.first, active = c.whole.active;
    const N none = g.count(c.size);
    const auto is_double = is(c.whole.steps, 2);
    // Of those, who works in the last step of a whole box, and who does not.
    const N working = less_or_zero(active, from);
    const N resting = select(is_single, N(0), c.units[1] - max_of(active, from));
    const N full = g.shared(way + to_last - c.tile[1]);
    const N edge = g.shared(way + to_last - last_length);
    const N idle = g.shared(way + to_before - c.tile[1]);
    const N behind = select(is_single, N(0), c.units[1] - active) * c.tile[1] * g.each;
    const N same_units =
        select(is_single,
               working * g.more + less_or_zero(c.tile[0], from * c.tile[1]) * g.each,
               working * full + resting * select(is_double, g.count(c.tile[1]), idle));
    const N other_units =
        select(working > N(0), (working - N(1)) * full + edge, N(0)) + resting * idle;
    const N of_working = select(working > N(0), behind + edge, none);
    const N of_resting = select(resting > N(0), idle, none);
    const N same_all =
        select(is_single, none, min_of(of_working, select(is_double, none, of_resting)));
    const N other_all = min_of(of_working, of_resting);
    return {select(is_same_box, same_units, other_units), select(is_same_box, same_all, other_all)};
  }
};

/// The same two of level 0 alone.
template <class N>
struct held_outer_rows {
  outer_sums<N> by_units;
  outer_sums<N> by_all;
};

template <class N>
CUGAMMA_HD constexpr held_outer_rows<N> sum_outer_rows(const two_cuts<N>& c, const row_grid<N>& g) {
  const cut<N>& o = c.outer;
  const auto kept = rows_kept_in_box(o, c.size, c.tile[0], c.units[0], g);
  const N moved = g.shared((c.units[0] - N(1)) * c.tile[0]);
  return {{c.size * g.each + o.tiles * g.more, c.later * moved, kept.by_units},
          {c.size * g.each + o.steps * g.more, (o.steps - N(1)) * moved, kept.by_all}};
}

template <class N>
CUGAMMA_HD constexpr held_rows<N> sum_rows(const two_cuts<N>& c, const row_grid<N>& g) {
  const N one(1);
  const cut<N>& o = c.outer;
  const held_outer_rows<N> outer = sum_outer_rows(c, g);
  const auto whole = rows_kept_in_box(c.whole, c.tile[0], c.tile[1], c.units[1], g);
  const auto edge = rows_kept_in_box(c.edge, o.edge, c.tile[1], c.units[1], g);
  const N moved_inner = g.shared((c.units[1] - one) * c.tile[1]);

  const rows_between_boxes<N> between(c, g);
  const auto to_whole = between.from_earlier(c.whole.first);
  const auto to_edge = between.from_earlier(c.edge.first);
  const N way = (o.steps - one) * c.units[0] * c.tile[0];
  const N way_before = way - c.units[0] * c.tile[0];
  const auto is_single = is(o.steps, 1), is_double = is(o.steps, 2);
  const auto active = between.from_later(way);
  const auto last = between.from_last(way, way_before, is_double);
  const auto idle = between.from_later(way_before);
  const N idle_count = c.units[0] - o.active;

  const N units_same = c.whole_boxes * c.whole.tiles + c.edge.tiles;
  const N groups_same = c.whole_boxes * c.whole.steps + c.edge.steps;
  const N starts = c.whole_boxes * c.whole.first + c.edge.first;
  const N units_restart = c.whole_boxes * whole.by_units + edge.by_units;
  const N groups_restart = c.whole_boxes * whole.by_all + edge.by_all;
  const N later_whole = c.later - c.later_edge;

  const auto outer_restarts = [&](N in_one, N of_active, N of_last, N in_same, N of_idle) {
    return select(
        is_single,
        in_one,
        (o.active - one) * of_active + of_last + idle_count * select(is_double, in_same, of_idle));
  };
  held_rows<N> s;
  s.by_units = {outer.by_units,
                {c.size * g.each + units_same * g.more,
                 (units_same - starts) * moved_inner,
                 units_restart,
                 later_whole * to_whole.by_units + c.later_edge * to_edge.by_units,
                 outer_restarts(units_restart,
                                active.by_units,
                                last.by_units,
                                whole.by_units,
                                idle.by_units)}};
  s.by_all = {
      outer.by_all,
      {c.size * g.each + groups_same * g.more,
       (groups_same - o.tiles) * moved_inner,
       groups_restart,
       later_whole * to_whole.by_all + c.later_edge * to_edge.by_all,
       outer_restarts(groups_restart, active.by_all, last.by_all, whole.by_all, idle.by_all)}};
  return s;
}

}  // namespace cugamma::exact
