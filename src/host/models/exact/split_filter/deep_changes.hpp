#pragma once

#include "models/exact/split_filter/tile_changes.hpp"

/// How tiles differ from those before, two levels below a loop that turns.
namespace cugamma::exact::split {

/// The first steps of level 2 by how the loop of level 0 turns. Sub-clusters of level 1 that stand
/// alike are looked at together, as in add_first_steps; each owns such a step.
template <class N, int Runs>
struct deep_changes {
  step_list<N, 8, Runs> moves;
  step_list<N, 15, Runs> restarts;

  CUGAMMA_HD constexpr explicit deep_changes(const chain_of<N>& c)
      : middle_(c, 1),
        inner_(c, 2),
        of_whole_(c.cuts[2][0], c.tile[2]),
        of_edge_(c.cuts[2][1], c.tile[2]),
        of_last_edge_(c.cuts[2][2], c.tile[2]) {
    const N one(1);
    const cut<N>& o = c.cuts[0][0];
    const N round = c.units[0] * c.tile[0], ends = one_where<N>(o.steps > one);
    const N way = N(0) - (o.steps - one) * round, way_idle = way + round;
    add_after_whole(c, moves, 0, o.tiles - o.first - ends, 0, round);
    add_after_whole(c, moves, 4, ends, 1, round);
    add_after_whole(c, restarts, 0, o.active - one, 0, way);
    add_after_whole(c, restarts, 4, o.first - o.active, 0, way_idle);
    add_after_last(c, way, way_idle);
  }

 private:
  /// Adds the steps in `weight` boxes of level 1 that are of a kind, after whole ones.
  template <int Kinds>
  CUGAMMA_HD constexpr void add_after_whole(const chain_of<N>& c,
                                            step_list<N, Kinds, Runs>& list,
                                            int first,
                                            N weight,
                                            int kind,
                                            N way) const {
    if (!any_of(weight > N(0))) return;
    const cut<N>& now = c.cuts[1][kind];
    const past_box<N> p = middle_.past(c.cuts[1][0], way);
    const N rest = now.first - N(1), idle = p.shift + middle_.round;
    const past_box<N> active[] = {past(c, 0, p.shift)}, resting[] = {past(c, 0, idle)};
    const past_box<N> edge[] = {past(c, 1, p.shift), resting[0]};
    const auto ends = equals(now.first, p.active);
    const past_box<N> last[] = {
        select<N>(ends, edge[0], select<N>(now.first > p.active, resting[0], active[0])),
        resting[0]};
    const first_step<N> of_last(is(now.steps, 1), kind == 0 ? of_edge_ : of_last_edge_, of_whole_);
    const auto add = [&](int i, N count, const first_step<N>& step, const auto& before) {
      add_first_steps(list, first + i, weight * count, inner_, step, before);
    };
    add(0, min_of(p.active - N(1), rest), of_whole_, active);
    add(1, one_where<N>(p.active <= rest), of_whole_, edge);
    add(2, max_of(rest - p.active, N(0)), of_whole_, resting);
    add(3, N(1), of_last, last);
  }

  /// Adds the steps of the sub-cluster of level 0 whose last box is the last, smaller one (of a
  /// single step of level 0: that box itself). way: to its box at hand from there, way_idle: from
  /// the box before.
  CUGAMMA_HD constexpr void add_after_last(const chain_of<N>& c, N way, N way_idle) {
    const N one(1), zero(0);
    const auto is_single = is(c.cuts[0][0].steps, 1);
    const cut<N>&whole = c.cuts[1][0], &edge = c.cuts[1][1];
    const past_box<N> e = middle_.past(edge, way), w = middle_.past(whole, way_idle);
    const N first = select(is_single, edge.first, whole.first), rest = first - one;
    const past_box<N> in_edge[] = {past(c, 0, e.shift)};
    const past_box<N> idle_in_edge[] = {past(c, 0, e.shift + middle_.round)};
    const past_box<N> in_whole[] = {past(c, 0, w.shift)};
    const past_box<N> idle_in_whole[] = {past(c, 0, w.shift + middle_.round)};
    const past_box<N> ends_whole[] = {past(c, 1, w.shift), idle_in_whole[0]};
    // Before the edge's last tile its sub-cluster had one of the edge, else of the whole box.
    const past_box<N> of_whole =
        select<N>(e.active < w.active,
                  in_whole[0],
                  select<N>(equals(e.active, w.active), ends_whole[0], idle_in_whole[0]));
    const past_box<N> earlier = select<N>(edge.steps > one, idle_in_edge[0], of_whole);
    const past_box<N> ends_edge[] = {past(c, 2, e.shift), earlier, idle_in_whole[0]};
    const auto add = [&](int i, N count, const auto& before) {
      add_first_steps(restarts, 8 + i, count, inner_, of_whole_, before);
    };
    add(0, min_of(e.active - one, rest), in_edge);
    add(1, one_where<N>(e.active <= rest), ends_edge);
    add(2, max_of(min_of(e.first, rest) - e.active, zero), idle_in_edge);
    // Who has nothing in the smaller box has its last tile of the box before.
    add(3, max_of(min_of(rest, w.active - one) - e.first, zero), in_whole);
    add(4, one_where<N>((w.active > e.first) & (w.active <= rest)), ends_whole);
    add(5, max_of(rest - max_of(e.first, w.active), zero), idle_in_whole);

    const auto ends = equals(first, e.active);
    const past_box<N> last[] = {
        select<N>(first <= e.first,
                  select<N>(ends, ends_edge[0], idle_in_edge[0]),
                  select<N>(equals(first, w.active), ends_whole[0], idle_in_whole[0])),
        select<N>(ends, earlier, idle_in_whole[0]),
        idle_in_whole[0]};
    const N steps = select(is_single, edge.steps, whole.steps);
    const first_step<N> smaller(is_single, of_last_edge_, of_edge_);
    const first_step<N> of_last(is(steps, 1), smaller, of_whole_);
    add_first_steps(restarts, 14, one, inner_, of_last, last);
  }

  CUGAMMA_HD constexpr past_box<N> past(const chain_of<N>& c, int kind, N way) const {
    return inner_.past(c.cuts[2][kind], way);
  }

  tile_round<N> middle_, inner_;
  first_step<N> of_whole_, of_edge_, of_last_edge_;  ///< in the boxes of level 2, by kind
};

}  // namespace cugamma::exact::split
