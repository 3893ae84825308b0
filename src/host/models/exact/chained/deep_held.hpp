#pragma once

#include "models/exact/chained/chain.hpp"
#include "models/exact/closed/window_sums.hpp"

/// What the sub-clusters of level 2 hold when a loop of level 0 goes on or starts over: along the
/// parallel loops, those that work alike together.
namespace cugamma::exact::chained {

/// A tile: where it begins in its dimension, and how long it is.
struct part {
  extent begin;
  extent length;
};

/// Runs of a level's sub-clusters that work alike in a box of any kind: they are cut where a last
/// step ends, and before its last tile.
struct unit_runs {
  static constexpr int most = 2 * most_levels + 1;
  extent end[most];
  int count = 0;

  CUGAMMA_HD constexpr void add(extent at) {
    int i = count;
    for (; i > 0 && end[i - 1] >= at; --i) {
      if (end[i - 1] == at) return;
    }
    if (at == 0) return;
    for (int j = count; j > i; --j) end[j] = end[j - 1];
    end[i] = at;
    ++count;
  }
};

CUGAMMA_HD_CALLED constexpr unit_runs find_runs(const chain& c, int level) {
  unit_runs r;
  r.add(c.units[level]);
  if (c.units[level] == 1) return r;
  for (int kind = 0; kind <= level; ++kind) {
    r.add(c.cuts[level][kind].active - 1);
    r.add(c.cuts[level][kind].active);
  }
  return r;
}

/// Calls f(first, count) for the runs that have a tile in the first step of a box.
template <class F>
CUGAMMA_HD constexpr void each_run(const unit_runs& runs, extent starting, F f) {
  extent begin = 0;
  for (int i = 0; i < runs.count && begin < starting; ++i) {
    const extent end = min_of(runs.end[i], starting);
    f(begin, end - begin);
    begin = end;
  }
}

/// The last tile that sub-clusters of the levels from First to Level have in a box, which begins at
/// out.begin; false if they have none.
template <int First, int Level>
CUGAMMA_HD constexpr bool last_tile(const chain& c,
                                    int kind,
                                    const extent (&unit)[most_levels],
                                    part& out) {
  const cut<extent>& b = c.cuts[First][kind];
  const extent own = unit[First];
  if (own >= b.first) return false;
  extent number = (b.steps - (own < b.active ? 1 : 2)) * c.units[First] + own;
  const bool is_edge = number == b.tiles - 1;
  if constexpr (First == Level) {
    out.begin += number * c.tile[First];
    out.length = c.length[First + 1][is_edge ? kind + 1 : 0];
    return true;
  } else {
    part inner{out.begin + number * c.tile[First], 0};
    if (!last_tile<First + 1, Level>(c, is_edge ? kind + 1 : 0, unit, inner)) {
      // Only a box's last tile is smaller, so who has nothing in the one before has nothing at all.
      if (!is_edge || number < c.units[First]) return false;
      number -= c.units[First];
      inner = {out.begin + number * c.tile[First], 0};
      if (!last_tile<First + 1, Level>(c, 0, unit, inner)) return false;
    }
    out = inner;
    return true;
  }
}

/// Elements that two tiles share, which are the same or lie beside each other.
CUGAMMA_HD constexpr extent shared_elements(const row_grid<extent>& g, part a, part b) {
  if (a.begin == b.begin) return g.count(min_of(a.length, b.length));
  const extent gap =
      a.begin < b.begin ? b.begin - a.begin - a.length : a.begin - b.begin - b.length;
  return gap < g.more ? g.shared(gap) : 0;  // so that rows stay below 2^32
}

/// Elements as intervals, few.
struct intervals {
  extent begin[unit_runs::most];
  extent end[unit_runs::most];
  int count = 0;

  CUGAMMA_HD constexpr void add(extent from, extent to) {
    if (from >= to) return;
    int i = count++;
    for (; i > 0 && begin[i - 1] > from; --i) {
      begin[i] = begin[i - 1];
      end[i] = end[i - 1];
    }
    begin[i] = from;
    end[i] = to;
  }
  /// Elements in at least one of them.
  CUGAMMA_HD constexpr extent size() const {
    extent total = 0, covered = 0;
    for (int i = 0; i < count; ++i) {
      total += less_or_zero(end[i], max_of(begin[i], covered));
      covered = max_of(covered, end[i]);
    }
    return total;
  }
};

/// Elements of a group's tiles that its sub-clusters hold, copies counted, and that none lacks.
template <class N>
struct held_of {
  N by_units;
  N by_all;
};
using held_elements = held_of<extent>;

/// Of the first step of a box of level Level that begins at `begin`. before(units, part&): the tile
/// that a sub-cluster had before, or false; units has those of the levels above.
template <int Level, class Before>
CUGAMMA_HD_CALLED constexpr held_elements held_by_group(const chain& c,
                                                        const unit_runs& runs,
                                                        const row_grid<extent>& g,
                                                        extent begin,
                                                        int kind,
                                                        extent (&units)[most_levels],
                                                        Before before) {
  const cut<extent>& b = c.cuts[Level][kind];
  const extent tile = c.tile[Level];
  held_elements held{0, 0};
  intervals lacking;
  each_run(runs, b.first, [&](extent first, extent count) {
    units[Level] = first;
    const part now{begin + first * tile, first == b.tiles - 1 ? b.edge : tile};
    const extent last = first + count - 1;
    const extent end = last * tile + (last == b.tiles - 1 ? b.edge : tile);
    part earlier{0, 0};
    const bool has_any = before(units, earlier);
    const extent own = has_any ? shared_elements(g, now, earlier) : 0;
    held.by_units += count * own;
    if (has_any && earlier.begin == now.begin) return;
    // What a tile shares with an earlier one lies at its beginning, with a later one at its end.
    const bool at_begin = has_any && earlier.begin < now.begin;
    lacking.add((now.begin - begin) * g.each + (at_begin ? own : 0),
                end * g.each + g.more - (at_begin ? 0 : own));
  });
  const extent length = b.steps > 1 ? c.units[Level] * tile : c.length[Level][kind];
  held.by_all = g.count(length) - lacking.size();
  return held;
}

/// Level 2's first steps in a box of level 1.
template <class Before>
CUGAMMA_HD constexpr held_elements held_in_box(const chain& c,
                                               const unit_runs (&runs)[most_levels],
                                               const row_grid<extent>& g,
                                               extent begin,
                                               int kind,
                                               extent (&units)[most_levels],
                                               Before before) {
  held_elements total{0, 0};
  const cut<extent>& b = c.cuts[1][kind];
  each_run(runs[1], b.first, [&](extent first, extent count) {
    units[1] = first;
    const int inner = first == b.tiles - 1 ? kind + 1 : 0;
    const auto one =
        held_by_group<2>(c, runs[2], g, begin + first * c.tile[1], inner, units, before);
    total.by_units += count * one.by_units;
    total.by_all += count * one.by_all;
  });
  return total;
}

/// Whether nobody's last tile is near enough to its first one to share anything, when level 0's
/// loop starts over. Who is idle in the last step, or finds nothing in its smaller box, has a tile
/// of the step before.
template <class N>
CUGAMMA_HD constexpr mask_of<N> is_far_after_restart(const chain_of<N>& c, const row_grid<N>& g) {
  const N one(1);
  const cut<N>& outer = c.cuts[0][0];
  const auto looks_back = (c.units[0] > outer.active) | (c.cuts[1][1].first < c.cuts[1][0].first) |
                          (c.cuts[2][2].first < c.cuts[2][0].first);
  const N steps = outer.steps - select(looks_back, N(2), one);
  const auto has_moved = (outer.steps > one) & ((outer.steps > N(2)) | (!looks_back));
  const N way = steps * c.units[0] * c.tile[0];
  const N gap = way - c.tile[2];
  return has_moved & ((gap >= g.more) | (g.shared(gap) <= N(0)));
}

/// When level 0's loop starts over.
CUGAMMA_HD_CALLED constexpr held_elements held_after_restart(const chain& c,
                                                             const row_grid<extent>& g) {
  held_elements total{0, 0};
  const cut<extent>& outer = c.cuts[0][0];
  if (is_far_after_restart(c, g)) return total;
  const unit_runs runs[most_levels] = {find_runs(c, 0), find_runs(c, 1), find_runs(c, 2)};
  extent units[most_levels] = {};
  each_run(runs[0], outer.first, [&](extent first, extent count) {
    units[0] = first;
    const auto one = held_in_box(c,
                                 runs,
                                 g,
                                 first * c.tile[0],
                                 first == outer.tiles - 1 ? 1 : 0,
                                 units,
                                 [&](const extent(&unit)[most_levels], part& out) {
                                   return last_tile<0, 2>(c, 0, unit, out);
                                 });
    total.by_units += count * one.by_units;
    total.by_all += count * one.by_all;
  });
  return total;
}

/// When level 0's loop goes on.
CUGAMMA_HD_CALLED constexpr held_elements held_after_move(const chain& c,
                                                          const row_grid<extent>& g) {
  held_elements total{0, 0};
  const cut<extent>& outer = c.cuts[0][0];
  if (outer.steps == 1 || g.shared((c.units[0] - 1) * c.tile[0]) == 0) return total;
  const unit_runs runs[most_levels] = {{}, find_runs(c, 1), find_runs(c, 2)};
  extent units[most_levels] = {};
  const extent boxes[2] = {outer.tiles - outer.first - 1, 1};
  for (int kind = 0; kind < 2; ++kind) {
    if (boxes[kind] == 0) continue;
    // As if the whole tile that was there before began the dimension.
    const auto one = held_in_box(c,
                                 runs,
                                 g,
                                 c.units[0] * c.tile[0],
                                 kind,
                                 units,
                                 [&](const extent(&unit)[most_levels], part& out) {
                                   return last_tile<1, 2>(c, 0, unit, out);
                                 });
    total.by_units += boxes[kind] * one.by_units;
    total.by_all += boxes[kind] * one.by_all;
  }
  return total;
}

/// How three levels cut a dimension.
struct cut_numbers {
  extent size;
  extent tile[most_levels];
  extent units[most_levels];
};

CUGAMMA_HD constexpr chain chain_of_cuts(const cut_numbers& n) {
  chain c;
  for (int level = 0; level < most_levels; ++level) {
    c.tile[level] = n.tile[level];
    c.units[level] = n.units[level];
  }
  cut_boxes(n.size, most_levels, c);
  return c;
}

/// The same for the sums of one mapping. below: what is held when level 1's loop starts over, which
/// is the same where level 0 makes one step.
struct deep_of_one {
  CUGAMMA_HD constexpr held_elements after_move(const chain& c, const row_grid<extent>& g) const {
    return held_after_move(c, g);
  }
  CUGAMMA_HD constexpr held_elements after_restart(const chain& c,
                                                   const row_grid<extent>& g,
                                                   held_elements below) const {
    return c.cuts[0][0].steps == 1 ? below : held_after_restart(c, g);
  }
};

}  // namespace cugamma::exact::chained
