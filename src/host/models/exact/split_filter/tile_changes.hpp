#pragma once

#include "models/exact/closed/cuts.hpp"
#include "models/exact/closed/sums.hpp"

/// How the tiles of one dimension of a window differ from those that the sub-clusters had before,
/// of two levels, without lists of them: the steps of a level in which all sub-clusters stand alike
/// are one, and in them runs of sub-clusters. N as in closed/, and signed.
namespace cugamma::exact::split {

using core::select;

/// Sub-clusters side by side whose tiles lie alike to those that they had before.
template <class N>
struct unit_run {
  N count;
  N now;         ///< length of a tile
  N before_end;  ///< from the begin of a tile to the end of the one before
  N shift;       ///< from the begin of the one before to the begin of this one

  CUGAMMA_HD constexpr N before() const { return before_end + shift; }
};

/// before: length of the tile before.
template <class N>
CUGAMMA_HD constexpr unit_run<N> run_of(N count, N now, N before, N shift) {
  return {count, now, before - shift, shift};
}

/// Steps that are alike. The last sub-cluster stands by itself, since its tile may be shorter.
template <class N>
struct alike_steps {
  static constexpr int most_runs = 6;
  N weight;  ///< how many steps they are
  unit_run<N> runs[most_runs];
  unsigned used = 0;  ///< runs that have a sub-cluster in any lane, as bits
  unit_run<N> last;

  CUGAMMA_HD constexpr void put(int i, const unit_run<N>& run) {
    if (!any_of(run.count > N(0))) return;
    runs[i] = run;
    used |= 1u << i;
  }
};

/// All steps of a level that can stand in one relation to the step before.
template <class N>
struct step_list {
  static constexpr int most = 3;
  alike_steps<N> steps[most];
  unsigned used = 0;  ///< which there are in any lane, as bits

  /// The steps number i, to be filled in; nothing if no lane has any.
  CUGAMMA_HD constexpr alike_steps<N>* add(int i, N weight) {
    if (!any_of(weight > N(0))) return nullptr;
    used |= 1u << i;
    steps[i].weight = weight;
    return &steps[i];
  }
};

/// In each lane one of two.
template <class N>
CUGAMMA_HD constexpr cut<N> select(mask_of<N> m, const cut<N>& a, const cut<N>& b) {
  const auto mix = [&](N x, N y) { return select(m, x, y); };
  return {mix(a.tiles, b.tiles),
          mix(a.steps, b.steps),
          mix(a.active, b.active),
          mix(a.first, b.first),
          mix(a.edge, b.edge)};
}

template <class N>
CUGAMMA_HD constexpr void choose(mask_of<N> m,
                                 const two_cuts<N>& a,
                                 const two_cuts<N>& b,
                                 two_cuts<N>& out) {
  const auto mix = [&](N x, N y) { return select(m, x, y); };
  out.size = mix(a.size, b.size);
  for (int level = 0; level < 2; ++level) {
    out.tile[level] = mix(a.tile[level], b.tile[level]);
    out.units[level] = mix(a.units[level], b.units[level]);
  }
  out.outer = select(m, a.outer, b.outer);
  out.whole = select(m, a.whole, b.whole);
  out.edge = select(m, a.edge, b.edge);
  out.whole_boxes = mix(a.whole_boxes, b.whole_boxes);
  out.later = mix(a.later, b.later);
  out.later_edge = mix(a.later_edge, b.later_edge);
}

template <class N>
CUGAMMA_HD constexpr unit_run<N> select(mask_of<N> m, const unit_run<N>& a, const unit_run<N>& b) {
  return {select(m, a.count, b.count),
          select(m, a.now, b.now),
          select(m, a.before_end, b.before_end),
          select(m, a.shift, b.shift)};
}

/// In each lane one of two steps; nothing of one that has none. precondition: out has no runs
template <class N>
CUGAMMA_HD constexpr void choose(mask_of<N> m,
                                 const alike_steps<N>& a,
                                 const alike_steps<N>& b,
                                 alike_steps<N>& out) {
  const unit_run<N> none = run_of(N(0), N(0), N(0), N(0));
  for (int i = 0; i < alike_steps<N>::most_runs; ++i) {
    const bool in_a = (a.used >> i & 1) != 0, in_b = (b.used >> i & 1) != 0;
    if (in_a || in_b) out.put(i, select(m, in_a ? a.runs[i] : none, in_b ? b.runs[i] : none));
  }
  out.last = select(m, a.last, b.last);
}

/// In each lane the steps of one of two lists. precondition: out is empty
template <class N>
CUGAMMA_HD constexpr void choose(mask_of<N> m,
                                 const step_list<N>& a,
                                 const step_list<N>& b,
                                 step_list<N>& out) {
  const N zero(0);
  for (int i = 0; i < step_list<N>::most; ++i) {
    const bool in_a = (a.used >> i & 1) != 0, in_b = (b.used >> i & 1) != 0;
    if (!in_a && !in_b) continue;
    const alike_steps<N>&from_a = in_a ? a.steps[i] : b.steps[i],
          &from_b = in_b ? b.steps[i] : a.steps[i];
    alike_steps<N>* const to =
        out.add(i, select(m, in_a ? from_a.weight : zero, in_b ? from_b.weight : zero));
    if (to != nullptr) choose(m, from_a, from_b, *to);
  }
}

/// The same, without a copy where all lanes choose alike. space: for the copy.
template <class N, class T>
CUGAMMA_HD constexpr const T& chosen(mask_of<N> m, const T& a, const T& b, T& space) {
  if (!any_of(!m)) return a;
  if (!any_of(m)) return b;
  choose(m, a, b, space);
  return space;
}

/// The steps of a level by how its own loop turns.
template <class N>
struct own_changes {
  step_list<N> same, moves, restarts;
};

/// And by how the loop of the level above turns.
template <class N>
struct above_changes {
  step_list<N> moves, restarts;
};

template <class N>
CUGAMMA_HD constexpr mask_of<N> equals(N a, N b) {
  return !((a < b) | (a > b));
}

template <class N>
CUGAMMA_HD constexpr N one_where(mask_of<N> m) {
  return select(m, N(1), N(0));
}

/// A tile's length and how many sub-clusters of a level take one at once.
template <class N>
struct tile_round {
  N tile;
  N units;
};

/// Steps in which `units` sub-clusters have whole tiles, but for the last one.
template <class N>
CUGAMMA_HD constexpr void add_even_steps(step_list<N>& list,
                                         int i,
                                         N weight,
                                         N units,
                                         N tile,
                                         N last,
                                         N last_before,
                                         N shift) {
  alike_steps<N>* const s = list.add(i, weight);
  if (s == nullptr) return;
  s->put(0, run_of(units - N(1), tile, tile, shift));
  s->last = run_of(N(1), last, last_before, shift);
}

/// The first step of a box of which `first` sub-clusters work, after all of a box that is cut as b.
/// way: from the begin of that box to the begin of this one; now_last: length of the last tile.
template <class N>
CUGAMMA_HD constexpr void add_steps_after(step_list<N>& list,
                                          int i,
                                          N weight,
                                          const cut<N>& b,
                                          const tile_round<N>& r,
                                          N first,
                                          N now_last,
                                          N way) {
  alike_steps<N>* const s = list.add(i, weight);
  if (s == nullptr) return;
  const N round = r.units * r.tile;
  // Who is idle in that box's last step has its tile of the step before.
  const N active = way - (b.steps - N(1)) * round, idle = active + round;
  s->put(0, run_of(min_of(first, b.active) - N(1), r.tile, r.tile, active));
  s->put(1, run_of(one_where<N>(b.active < first), r.tile, b.edge, active));
  s->put(2, run_of(max_of(first - N(1) - b.active, N(0)), r.tile, r.tile, idle));
  s->last = run_of(N(1),
                   now_last,
                   select(equals(first, b.active), b.edge, r.tile),
                   select(first > b.active, idle, active));
}

template <class N>
CUGAMMA_HD constexpr own_changes<N> outer_changes(const two_cuts<N>& c) {
  const cut<N>& o = c.outer;
  const N one(1), tile = c.tile[0], units = c.units[0], round = units * tile;
  own_changes<N> s;
  add_even_steps(s.same, 0, o.steps - one, units, tile, tile, tile, N(0));
  add_even_steps(s.same, 1, one, o.active, tile, o.edge, o.edge, N(0));
  add_even_steps(s.moves, 0, max_of(o.steps - N(2), N(0)), units, tile, tile, tile, round);
  add_even_steps(s.moves, 1, one_where<N>(o.steps > one), o.active, tile, o.edge, tile, round);
  add_steps_after(s.restarts,
                  0,
                  one,
                  o,
                  {tile, units},
                  o.first,
                  select(is(o.steps, 1), o.edge, tile),
                  N(0));
  return s;
}

/// The last tile of a box's first step.
template <class N>
CUGAMMA_HD constexpr N last_of_first_step(const cut<N>& b, N tile) {
  return select(is(b.steps, 1), b.edge, tile);
}

template <class N>
CUGAMMA_HD constexpr own_changes<N> inner_changes(const two_cuts<N>& c) {
  const cut<N>&w = c.whole, &e = c.edge;
  const N one(1), two(2), zero(0), tile = c.tile[1], units = c.units[1], round = units * tile;
  own_changes<N> s;
  add_even_steps(s.same,
                 0,
                 c.whole_boxes * (w.steps - one) + e.steps - one,
                 units,
                 tile,
                 tile,
                 tile,
                 zero);
  add_even_steps(s.same, 1, c.whole_boxes, w.active, tile, w.edge, w.edge, zero);
  add_even_steps(s.same, 2, one, e.active, tile, e.edge, e.edge, zero);

  const N later = c.whole_boxes * max_of(w.steps - two, zero) + max_of(e.steps - two, zero);
  const N ends = select(w.steps > one, c.whole_boxes, zero);
  add_even_steps(s.moves, 0, later, units, tile, tile, tile, round);
  add_even_steps(s.moves, 1, ends, w.active, tile, w.edge, tile, round);
  add_even_steps(s.moves, 2, one_where<N>(e.steps > one), e.active, tile, e.edge, tile, round);

  const tile_round<N> r{tile, units};
  const N of_whole = last_of_first_step(w, tile), of_edge = last_of_first_step(e, tile);
  add_steps_after(s.restarts, 0, c.whole_boxes, w, r, w.first, of_whole, zero);
  add_steps_after(s.restarts, 1, one, e, r, e.first, of_edge, zero);
  return s;
}

/// The first step of level 0's box of whose sub-cluster the last box is level 0's last, smaller one
/// (of a single step of level 0: that box itself). way: to the begin of the box at hand from there,
/// way_before: from the box before.
template <class N>
CUGAMMA_HD constexpr void add_steps_after_last(step_list<N>& list,
                                               int i,
                                               const two_cuts<N>& c,
                                               N way,
                                               N way_before) {
  alike_steps<N>* const s = list.add(i, N(1));
  const cut<N>&w = c.whole, &e = c.edge;
  const auto is_single = is(c.outer.steps, 1);
  const N one(1), zero(0), tile = c.tile[1], round = c.units[1] * tile;
  const N first = select(is_single, e.first, w.first), rest = first - one;
  const N in_edge = way - (e.steps - one) * round, idle_in_edge = in_edge + round;
  const N in_whole = way_before - (w.steps - one) * round, idle_in_whole = in_whole + round;
  s->put(0, run_of(e.active - one, tile, tile, in_edge));
  s->put(1, run_of(one_where<N>(e.active < first), tile, e.edge, in_edge));
  s->put(2, run_of(max_of(min_of(e.first, rest) - e.active, zero), tile, tile, idle_in_edge));
  // Who has nothing in the smaller box has its last tile of the box before.
  s->put(3, run_of(max_of(min_of(rest, w.active - one) - e.first, zero), tile, tile, in_whole));
  s->put(4,
         run_of(one_where<N>((w.active > e.first) & (w.active < first)), tile, w.edge, in_whole));
  s->put(5, run_of(max_of(rest - max_of(e.first, w.active), zero), tile, tile, idle_in_whole));
  const auto ends_edge = equals(first, e.active), is_in_edge = first <= e.first,
             ends_whole = equals(first, w.active);
  s->last =
      run_of(one,
             select(is_single, last_of_first_step(e, tile), last_of_first_step(w, tile)),
             select(ends_edge, e.edge, select(ends_whole & (!is_in_edge), w.edge, tile)),
             select(ends_edge,
                    in_edge,
                    select(is_in_edge, idle_in_edge, select(ends_whole, in_whole, idle_in_whole))));
}

template <class N>
CUGAMMA_HD constexpr above_changes<N> changes_from_above(const two_cuts<N>& c) {
  const cut<N>& w = c.whole;
  const N one(1), round = c.units[0] * c.tile[0], way = N(0) - (c.outer.steps - one) * round;
  const tile_round<N> r{c.tile[1], c.units[1]};
  const N of_whole = last_of_first_step(w, r.tile), of_edge = last_of_first_step(c.edge, r.tile);
  above_changes<N> s;
  add_steps_after(s.moves, 0, c.later - c.later_edge, w, r, w.first, of_whole, round);
  add_steps_after(s.moves, 1, c.later_edge, w, r, c.edge.first, of_edge, round);
  const N idle = c.outer.first - c.outer.active;
  add_steps_after(s.restarts, 0, c.outer.active - one, w, r, w.first, of_whole, way);
  add_steps_after(s.restarts, 1, idle, w, r, w.first, of_whole, way + round);
  add_steps_after_last(s.restarts, 2, c, way, way + round);
  return s;
}

}  // namespace cugamma::exact::split
