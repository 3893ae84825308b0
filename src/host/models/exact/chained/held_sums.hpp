#pragma once

#include "models/exact/chained/deep_held.hpp"
#include "models/exact/chained/step_sums.hpp"
#include "models/exact/closed/sums.hpp"

/// What sub-clusters hold of one dimension in a level's steps, for each relation of a step to the
/// one before.
namespace cugamma::exact::chained {

namespace detail {

/// Whether no level from `first` to `last` is parallel in a dimension.
template <class N>
CUGAMMA_HD constexpr mask_of<N> is_temporal(const chain_of<N>& c, int first, int last) {
  auto is = c.units[last] <= N(1);
  for (int level = first; level < last; ++level) is = is & (c.units[level] <= N(1));
  return is;
}

/// What one sub-cluster holds when the loops from level `first` to level `last` start over.
template <class N>
CUGAMMA_HD constexpr N held_by_one(const chain_of<N>& c,
                                   const row_grid<N>& g,
                                   int first,
                                   int kind,
                                   int last) {
  N begins[most_levels + 1] = {};
  for (int k = 0; k <= last + 1; ++k) begins[k] = c.length[last + 1][k];
  auto goes_on = c.cuts[first][kind].steps > N(1);
  for (int level = last; level >= first; --level) {
    const N whole = begins[0];
    for (int k = 0; k <= level; ++k) {
      begins[k] = select(c.cuts[level][k].steps > N(1), whole, begins[k + 1]);
    }
    goes_on = goes_on | (c.cuts[level][kind + level - first].steps > N(1));
  }
  const N box = c.length[first][kind], ends = c.length[last + 1][kind + last + 1 - first];
  return select(goes_on, g.shared(box - begins[kind] - ends), g.count(box));
}

/// Two levels of a dimension from a box on, as the two-level sums take them.
template <class N>
CUGAMMA_HD constexpr two_cuts<N> two_cuts_of(const chain_of<N>& c, int level, int kind) {
  two_cuts<N> t;
  t.size = c.length[level][kind];
  t.outer = c.cuts[level][kind];
  t.edge = c.cuts[level + 1][kind + 1];
  const cut<N>& whole = c.cuts[level + 1][0];
  const auto has_whole = t.outer.tiles > N(1);
  t.whole = {select(has_whole, whole.tiles, t.edge.tiles),
             select(has_whole, whole.steps, t.edge.steps),
             select(has_whole, whole.active, t.edge.active),
             select(has_whole, whole.first, t.edge.first),
             select(has_whole, whole.edge, t.edge.edge)};
  t.tile[0] = min_of(c.tile[level], t.size);
  t.tile[1] = min_of(c.tile[level + 1], t.tile[0]);
  t.units[0] = min_of(c.units[level], t.outer.tiles);
  t.units[1] = min_of(c.units[level + 1], t.whole.tiles);
  t.whole_boxes = t.outer.tiles - N(1);
  t.later = t.outer.tiles - t.outer.first;
  t.later_edge = select(t.outer.steps > N(1), N(1), N(0));
  return t;
}

/// deep: what is held two levels below a loop that goes on or starts over (deep_held.hpp); below:
/// what is held when the loop of the level between starts over.
template <class N, class Deep>
CUGAMMA_HD constexpr N channels_after_restart(const chain_of<N>& c,
                                              int l,
                                              int kind,
                                              int level,
                                              const Deep& deep,
                                              N below) {
  const row_grid<N> plain{N(1), N(0)};
  const cut<N>& b = c.cuts[l][kind];
  if constexpr (core::scalar<N>) {
    if (b.steps > 2) return 0;
    if (l < level && is_temporal(c, l, level)) return held_by_one(c, plain, l, kind, level);
  }
  if (l == level) return kept_in_box(b, c.length[l][kind], c.tile[l], c.units[l]);
  if (l + 1 == level) return held_channels(two_cuts_of(c, l, kind)).inner.outer_restarts;
  return deep.after_restart(c, plain, {below, below}).by_units;
}

}  // namespace detail

/// Elements of a dimension whose tiles share none; who lacks one lacks all, so this is as well what
/// no sub-cluster lacks.
template <class N, class Deep>
CUGAMMA_HD constexpr void sum_held_channels(const chain_of<N>& c,
                                            int level,
                                            const Deep& deep,
                                            sums_of<N>& s) {
  s[same] = c.length[0][0];
  for (int l = level; l >= 0; --l) {
    const N below = l < level ? s[restarts(l + 1)] : N(0);
    s[moves(l)] = s[restarts(l)] = N(0);
    for (int kind = 0; kind <= l; ++kind) {
      const N boxes = c.boxes[l][kind];
      if constexpr (core::scalar<N>) {
        if (boxes == 0) continue;
      }
      s[restarts(l)] =
          s[restarts(l)] + boxes * detail::channels_after_restart(c, l, kind, level, deep, below);
    }
  }
}

namespace detail {

/// What is there of a box of level l when its loop goes on, and when it starts over.
template <class N>
struct held_in_relations {
  held_of<N> moves;
  held_of<N> restarts;
};

template <class N, class Deep>
CUGAMMA_HD constexpr held_in_relations<N> rows_in_relations(const chain_of<N>& c,
                                                            const row_grid<N>& g,
                                                            int l,
                                                            int kind,
                                                            int level,
                                                            const Deep& deep,
                                                            held_of<N> below) {
  const cut<N>& b = c.cuts[l][kind];
  if constexpr (core::scalar<N>) {
    if (is_temporal(c, l, level)) {
      const N moved = (b.steps - N(1)) * g.more, kept = held_by_one(c, g, l, kind, level);
      return {{moved, moved}, {kept, kept}};
    }
  }
  if (l == level) {
    const N moved = g.shared((c.units[l] - N(1)) * c.tile[l]);
    const auto kept = rows_kept_in_box(b, c.length[l][kind], c.tile[l], c.units[l], g);
    return {{(b.tiles - b.first) * moved, (b.steps - N(1)) * moved}, {kept.by_units, kept.by_all}};
  }
  if (l + 1 == level) {
    const auto two = sum_rows(two_cuts_of(c, l, kind), g);
    return {{two.by_units.inner.outer_moves, two.by_all.inner.outer_moves},
            {two.by_units.inner.outer_restarts, two.by_all.inner.outer_restarts}};
  }
  return {deep.after_move(c, g), deep.after_restart(c, g, below)};
}

}  // namespace detail

/// Rows in level 2's first steps when level 0's loop goes on, if level 2 is not parallel in them:
/// its first and last tiles begin and end where those of level 1 do, so that they share what these
/// share, in every sub-cluster of level 1.
template <class N>
CUGAMMA_HD constexpr N rows_moved_above_one(const chain_of<N>& c, const row_grid<N>& g) {
  const two_cuts<N> two = detail::two_cuts_of(c, 0, 0);
  const rows_between_boxes<N> between(two, g);
  return (two.later - two.later_edge) * between.from_earlier(two.whole.first).by_units +
         two.later_edge * between.from_earlier(two.edge.first).by_units;
}

/// Rows (columns likewise) that sub-clusters hold, copies counted, and that no sub-cluster lacks.
/// units, groups: the steps of sub-clusters and of groups.
template <class N, class Deep>
CUGAMMA_HD constexpr void sum_held_rows(const chain_of<N>& c,
                                        const row_grid<N>& g,
                                        int level,
                                        const sums_of<N>& units,
                                        const sums_of<N>& groups,
                                        const Deep& deep,
                                        sums_of<N>& by_units,
                                        sums_of<N>& by_all) {
  by_units[same] = c.length[0][0] * g.each + units[same] * g.more;
  by_all[same] = c.length[0][0] * g.each + groups[same] * g.more;
  for (int l = level; l >= 0; --l) {
    held_of<N> below{N(0), N(0)};
    if (l < level) below = {by_units[restarts(l + 1)], by_all[restarts(l + 1)]};
    by_units[moves(l)] = by_units[restarts(l)] = by_all[moves(l)] = by_all[restarts(l)] = N(0);
    for (int kind = 0; kind <= l; ++kind) {
      const N boxes = c.boxes[l][kind];
      if constexpr (core::scalar<N>) {
        if (boxes == 0) continue;
      }
      const auto held = detail::rows_in_relations(c, g, l, kind, level, deep, below);
      by_units[moves(l)] = by_units[moves(l)] + boxes * held.moves.by_units;
      by_all[moves(l)] = by_all[moves(l)] + boxes * held.moves.by_all;
      by_units[restarts(l)] = by_units[restarts(l)] + boxes * held.restarts.by_units;
      by_all[restarts(l)] = by_all[restarts(l)] + boxes * held.restarts.by_all;
    }
  }
}

}  // namespace cugamma::exact::chained
