#pragma once

#include <bit>

#include "models/exact/chained/chain.hpp"
#include "models/exact/closed/sums.hpp"

/// How the tiles of one dimension of a window differ from those that the sub-clusters had before:
/// the steps of a level in which all sub-clusters stand alike are one, and in them runs of
/// sub-clusters. N as in closed/, and signed.
namespace cugamma::exact::split {

using chained::chain_of;
using core::select;

/// Calls f(i) for the bits that are set.
template <class F>
CUGAMMA_HD constexpr void each_bit(unsigned bits, F f) {
  for (; bits != 0; bits &= bits - 1) f(std::countr_zero(bits));
}

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
/// Runs: most runs of the others; 0 for a level that is not parallel.
template <class N, int Runs>
struct alike_steps {
  N weight;  ///< how many steps they are
  unit_run<N> last;
  unsigned used;  ///< runs that have a sub-cluster in any lane, as bits
  unit_run<N> runs[Runs];

  CUGAMMA_HD constexpr void put(int i, const unit_run<N>& run) {
    if (!any_of(run.count > N(0))) return;
    runs[i] = run;
    used |= 1u << i;
  }
};
template <class N>
struct alike_steps<N, 0> {
  N weight;
  unit_run<N> last;
};

/// The steps of a level that can stand in one relation to the step before, at most Kinds.
template <class N, int Kinds, int Runs>
struct step_list {
  static constexpr int kinds = Kinds;
  alike_steps<N, Runs> steps[Kinds];
  unsigned used = 0;  ///< which there are in any lane, as bits

  /// The steps number i, to be filled in; nothing if no lane has any.
  CUGAMMA_HD constexpr alike_steps<N, Runs>* add(int i, N weight) {
    if (!any_of(weight > N(0))) return nullptr;
    used |= 1u << i;
    steps[i].weight = weight;
    if constexpr (Runs > 0) steps[i].used = 0;
    return &steps[i];
  }
};

template <class N>
CUGAMMA_HD constexpr unit_run<N> select(mask_of<N> m, const unit_run<N>& a, const unit_run<N>& b) {
  return {select(m, a.count, b.count),
          select(m, a.now, b.now),
          select(m, a.before_end, b.before_end),
          select(m, a.shift, b.shift)};
}

/// In each lane one of two steps; nothing of one that has none. precondition: out has no runs
template <class N, int Runs>
CUGAMMA_HD constexpr void choose(mask_of<N> m,
                                 const alike_steps<N, Runs>& a,
                                 const alike_steps<N, Runs>& b,
                                 alike_steps<N, Runs>& out) {
  out.last = select<N>(m, a.last, b.last);
  if constexpr (Runs > 0) {
    const unit_run<N> none = run_of(N(0), N(0), N(0), N(0));
    each_bit(a.used | b.used, [&](int i) {
      const bool in_a = (a.used >> i & 1) != 0, in_b = (b.used >> i & 1) != 0;
      out.put(i, select<N>(m, in_a ? a.runs[i] : none, in_b ? b.runs[i] : none));
    });
  }
}

/// In each lane the steps of one of two lists.
template <class N, int A, int B, int Runs>
CUGAMMA_HD constexpr auto choose(mask_of<N> m,
                                 const step_list<N, A, Runs>& a,
                                 const step_list<N, B, Runs>& b) {
  step_list<N, (A > B ? A : B), Runs> out;
  const N zero(0);
  const auto take = [&](int i, const alike_steps<N, Runs>& from, N weight) {
    auto* const to = out.add(i, weight);
    if (to != nullptr) choose<N>(m, from, from, *to);
  };
  const unsigned both = a.used & b.used;
  each_bit(both, [&](int i) {
    auto* const to = out.add(i, select(m, a.steps[i].weight, b.steps[i].weight));
    if (to != nullptr) choose<N>(m, a.steps[i], b.steps[i], *to);
  });
  each_bit(a.used & ~both, [&](int i) { take(i, a.steps[i], select(m, a.steps[i].weight, zero)); });
  each_bit(b.used & ~both, [&](int i) { take(i, b.steps[i], select(m, zero, b.steps[i].weight)); });
  return out;
}

template <class N>
CUGAMMA_HD constexpr mask_of<N> equals(N a, N b) {
  return !((a < b) | (a > b));
}

template <class N>
CUGAMMA_HD constexpr N one_where(mask_of<N> m) {
  return select(m, N(1), N(0));
}

/// A box that a level has worked through, as far as its sub-clusters still hold tiles of it.
template <class N>
struct past_box {
  N first;   ///< sub-clusters that had a tile of it
  N active;  ///< and those in its last step
  N edge;    ///< length of its last tile
  N shift;   ///< from the begin of a tile in its last step to that of the same sub-cluster's now
};

template <class N>
CUGAMMA_HD constexpr past_box<N> select(mask_of<N> m, const past_box<N>& a, const past_box<N>& b) {
  return {select(m, a.first, b.first),
          select(m, a.active, b.active),
          select(m, a.edge, b.edge),
          select(m, a.shift, b.shift)};
}

/// A level's tiles of one dimension.
template <class N>
struct tile_round {
  N tile;
  N units;
  N round;  ///< length of the tiles of one step

  CUGAMMA_HD constexpr tile_round(const chain_of<N>& c, int level)
      : tile(c.tile[level]), units(c.units[level]), round(units * tile) {}

  /// A box that is cut as b; way: from its begin to that of the box at hand.
  CUGAMMA_HD constexpr past_box<N> past(const cut<N>& b, N way) const {
    return {b.first, b.active, b.edge, way - (b.steps - N(1)) * round};
  }
};

/// The first step of a box.
template <class N>
struct first_step {
  N units;  ///< sub-clusters with a tile in it
  N last;   ///< length of the last one's

  first_step() = default;
  CUGAMMA_HD constexpr first_step(N units_with_tile, N length)
      : units(units_with_tile), last(length) {}
  CUGAMMA_HD constexpr first_step(const cut<N>& b, N tile)
      : units(b.first), last(select(is(b.steps, 1), b.edge, tile)) {}
  CUGAMMA_HD constexpr first_step(mask_of<N> m, const first_step& a, const first_step& b)
      : units(select(m, a.units, b.units)), last(select(m, a.last, b.last)) {}
};

/// Steps in which `units` sub-clusters have whole tiles, but for the last one.
template <class N, int Kinds, int Runs>
CUGAMMA_HD constexpr void add_even_steps(step_list<N, Kinds, Runs>& list,
                                         int i,
                                         N weight,
                                         N units,
                                         N tile,
                                         N last,
                                         N last_before,
                                         N shift) {
  auto* const s = list.add(i, weight);
  if (s == nullptr) return;
  if constexpr (Runs > 0) s->put(0, run_of(units - N(1), tile, tile, shift));
  s->last = run_of(N(1), last, last_before, shift);
}

/// The sub-clusters of a first step after boxes, the one before first: who had no tile in one has
/// its tile of the next. Puts into s at most three runs for each box.
template <class Steps, class N, int Boxes>
CUGAMMA_HD constexpr void set_first_step(Steps& s,
                                         const tile_round<N>& r,
                                         const first_step<N>& now,
                                         const past_box<N> (&before)[Boxes]) {
  const N one(1), zero(0);
  const N rest = now.units - one;  // the sub-clusters but the last one
  N from(0);
  for (int b = 0; b < Boxes; ++b) {
    const past_box<N>& p = before[b];
    // Who is idle in that box's last step has its tile of the step before.
    const N idle = p.shift + r.round, active = max_of(p.active, from);
    const N end = min_of(p.first, rest);
    s.put(3 * b,
          run_of(max_of(min_of(p.active - one, rest) - from, zero), r.tile, r.tile, p.shift));
    s.put(3 * b + 1,
          run_of(one_where<N>((p.active > from) & (p.active <= rest)), r.tile, p.edge, p.shift));
    s.put(3 * b + 2, run_of(max_of(end - active, zero), r.tile, r.tile, idle));
    from = max_of(from, p.first);
  }
  N length = r.tile, shift(0);
  for (int b = Boxes - 1; b >= 0; --b) {
    const past_box<N>& p = before[b];
    const auto is_here = p.first >= now.units;
    const N own = select(equals(now.units, p.active), p.edge, r.tile);
    const N way = select(now.units > p.active, p.shift + r.round, p.shift);
    length = b == Boxes - 1 ? own : select(is_here, own, length);
    shift = b == Boxes - 1 ? way : select(is_here, way, shift);
  }
  s.last = run_of(one, now.last, length, shift);
}

/// First steps after boxes, as set_first_step.
template <class N, int Kinds, int Runs, int Boxes>
CUGAMMA_HD constexpr void add_first_steps(step_list<N, Kinds, Runs>& list,
                                          int i,
                                          N weight,
                                          const tile_round<N>& r,
                                          const first_step<N>& now,
                                          const past_box<N> (&before)[Boxes]) {
  auto* const s = list.add(i, weight);
  if (s == nullptr) return;
  if constexpr (Runs == 0) {
    s->last = run_of(N(1), now.last, before[0].edge, before[0].shift);
  } else {
    static_assert(3 * Boxes <= Runs);
    set_first_step(*s, r, now, before);
  }
}

/// How a dimension's loops turn before a step: that of its own level not at all, on, or back to the
/// begin; or that of the level above on, or back.
enum class turn { same, moves, restarts, above_moves, above_restarts };

/// Hands the steps of a level by how its own loop turns to `to`, numbered by kind: what
/// add_even_steps takes to to.even, what add_first_steps takes to to.first.
template <int Level, class N, class Steps>
CUGAMMA_HD constexpr void list_own_steps(const chain_of<N>& c, Steps& to) {
  const N one(1), zero(0);
  const tile_round<N> r(c, Level);
  const auto each_kind = [&](auto f) {
    for (int kind = 0; kind <= Level; ++kind) f(kind, c.cuts[Level][kind], c.boxes[Level][kind]);
  };
  N full = zero, later = zero;
  each_kind([&](int kind, const cut<N>& b, N boxes) {
    full = full + boxes * (b.steps - one);
    later = later + boxes * max_of(b.steps - N(2), zero);
    to.template even<turn::same>(kind + 1, boxes, b.active, r.tile, b.edge, b.edge, zero);
  });
  to.template even<turn::same>(0, full, r.units, r.tile, r.tile, r.tile, zero);
  each_kind([&](int kind, const cut<N>& b, N boxes) {
    const N ends = select(b.steps > one, boxes, zero);
    to.template even<turn::moves>(kind + 1, ends, b.active, r.tile, b.edge, r.tile, r.round);
  });
  to.template even<turn::moves>(0, later, r.units, r.tile, r.tile, r.tile, r.round);
  each_kind([&](int kind, const cut<N>& b, N boxes) {
    const past_box<N> before[] = {r.past(b, zero)};
    to.template first<turn::restarts>(kind, boxes, r, first_step<N>(b, r.tile), before);
  });
}

/// And by how the loop of the level above turns.
template <int Level, class N, class Steps>
CUGAMMA_HD constexpr void list_steps_below(const chain_of<N>& c, Steps& to) {
  const N one(1), zero(0);
  const tile_round<N> r(c, Level), outer(c, Level - 1);
  const cut<N>& whole = c.cuts[Level][0];
  const first_step<N> of_whole(whole, r.tile);
  const past_box<N> one_earlier[] = {r.past(whole, outer.round)};
  N later(0);
  for (int kind = 0; kind < Level; ++kind) {
    const cut<N>& o = c.cuts[Level - 1][kind];
    const N boxes = c.boxes[Level - 1][kind], ends = select(o.steps > one, boxes, zero);
    const first_step<N> of_edge(c.cuts[Level][kind + 1], r.tile);
    later = later + boxes * (o.tiles - o.first) - ends;
    to.template first<turn::above_moves>(kind + 1, ends, r, of_edge, one_earlier);
  }
  to.template first<turn::above_moves>(0, later, r, of_whole, one_earlier);
  for (int kind = 0; kind < Level; ++kind) {
    const cut<N>&o = c.cuts[Level - 1][kind], &edge = c.cuts[Level][kind + 1];
    const N boxes = c.boxes[Level - 1][kind];
    const N way = zero - (o.steps - one) * outer.round, way_idle = way + outer.round;
    const past_box<N> in_whole[] = {r.past(whole, way)}, in_idle[] = {r.past(whole, way_idle)};
    // Whose last box is the last, smaller one; of a single step: that box itself.
    const past_box<N> in_edge[] = {r.past(edge, way), r.past(whole, way_idle)};
    const first_step<N> of_last(is(o.steps, 1), first_step<N>(edge, r.tile), of_whole);
    const N active = boxes * (o.active - one), idle = boxes * (o.first - o.active);
    to.template first<turn::above_restarts>(3 * kind, active, r, of_whole, in_whole);
    to.template first<turn::above_restarts>(3 * kind + 1, idle, r, of_whole, in_idle);
    to.template first<turn::above_restarts>(3 * kind + 2, boxes, r, of_last, in_edge);
  }
}

/// The steps of a level by how its own loop turns.
template <class N, int Level, int Runs>
struct own_changes {
  step_list<N, Level + 2, Runs> same, moves;
  step_list<N, Level + 1, Runs> restarts;

  CUGAMMA_HD constexpr explicit own_changes(const chain_of<N>& c) {
    list_own_steps<Level>(c, *this);
  }

  template <turn T, class... Step>
  CUGAMMA_HD constexpr void even(int i, const Step&... step) {
    add_even_steps(T == turn::same ? same : moves, i, step...);
  }
  template <turn T, class... Step>
  CUGAMMA_HD constexpr void first(int i, const Step&... step) {
    add_first_steps(restarts, i, step...);
  }
};

/// And by how the loop of the level above turns.
template <class N, int Level, int Runs>
struct above_changes {
  step_list<N, Level + 1, Runs> moves;
  step_list<N, 3 * Level, Runs> restarts;

  CUGAMMA_HD constexpr explicit above_changes(const chain_of<N>& c) {
    list_steps_below<Level>(c, *this);
  }

  template <turn T, class... Step>
  CUGAMMA_HD constexpr void first(int i, const Step&... step) {
    if constexpr (T == turn::above_moves) {
      add_first_steps(moves, i, step...);
    } else {
      add_first_steps(restarts, i, step...);
    }
  }
};

}  // namespace cugamma::exact::split
