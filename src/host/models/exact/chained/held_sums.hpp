#pragma once

#include "models/exact/chained/deep_held.hpp"
#include "models/exact/chained/step_sums.hpp"
#include "models/exact/closed/sums.hpp"

/// What sub-clusters hold of one dimension in a level's steps, for each relation of a step to the
/// one before.
namespace cugamma::exact::chained {

namespace detail {

/// Whether no level from `first` to `last` is parallel in a dimension.
CUGAMMA_HD constexpr bool is_temporal(const chain& c, int first, int last) {
  for (int level = first; level <= last; ++level) {
    if (c.units[level] != 1) return false;
  }
  return true;
}

/// What one sub-cluster holds when the loops from level `first` to level `last` start over.
CUGAMMA_HD constexpr extent held_by_one(const chain& c,
                                        const row_grid<extent>& g,
                                        int first,
                                        int kind,
                                        int last) {
  int begins = kind, ends = kind;
  bool is_single = true;
  for (int level = first; level <= last; ++level) {
    const bool goes_on = c.cuts[level][begins].steps > 1;
    is_single = is_single && !goes_on;
    begins = goes_on ? 0 : begins + 1;
    ++ends;
  }
  const extent box = c.length[first][kind];
  if (is_single) return g.count(box);
  return g.shared(box - c.length[last + 1][begins] - c.length[last + 1][ends]);
}

/// Two levels of a dimension from a box on, as the two-level sums take them.
CUGAMMA_HD constexpr two_cuts<extent> two_cuts_of(const chain& c, int level, int kind) {
  two_cuts<extent> t;
  t.size = c.length[level][kind];
  t.outer = c.cuts[level][kind];
  t.edge = c.cuts[level + 1][kind + 1];
  t.whole = t.outer.tiles == 1 ? t.edge : c.cuts[level + 1][0];
  t.tile[0] = min_of(c.tile[level], t.size);
  t.tile[1] = min_of(c.tile[level + 1], t.tile[0]);
  t.units[0] = min_of(c.units[level], t.outer.tiles);
  t.units[1] = min_of(c.units[level + 1], t.whole.tiles);
  t.whole_boxes = t.outer.tiles - 1;
  t.later = t.outer.tiles - t.outer.first;
  t.later_edge = t.outer.steps > 1 ? 1 : 0;
  return t;
}

CUGAMMA_HD_CALLED constexpr extent channels_after_restart(const chain& c,
                                                          int l,
                                                          int kind,
                                                          int level) {
  const cut<extent>& b = c.cuts[l][kind];
  if (b.steps > 2) return 0;
  if (l == level) return kept_in_box(b, c.length[l][kind], c.tile[l], c.units[l]);
  if (is_temporal(c, l, level)) return held_by_one(c, {1, 0}, l, kind, level);
  if (l + 1 == level) return held_channels(two_cuts_of(c, l, kind)).inner.outer_restarts;
  return held_after_restart(c, {1, 0}).by_units;
}

}  // namespace detail

/// Elements of a dimension whose tiles share none; who lacks one lacks all, so this is as well what
/// no sub-cluster lacks.
CUGAMMA_HD constexpr void sum_held_channels(const chain& c, int level, sums& s) {
  s[same] = c.length[0][0];
  for (int l = 0; l <= level; ++l) {
    s[moves(l)] = s[restarts(l)] = 0;
    for (int kind = 0; kind <= l; ++kind) {
      const extent boxes = c.boxes[l][kind];
      if (boxes == 0) continue;
      s[restarts(l)] += boxes * detail::channels_after_restart(c, l, kind, level);
    }
  }
}

namespace detail {

/// What is there of a box of level l when its loop goes on, and when it starts over.
struct held_in_relations {
  held_elements moves;
  held_elements restarts;
};

CUGAMMA_HD_CALLED constexpr held_in_relations rows_in_relations(const chain& c,
                                                                const row_grid<extent>& g,
                                                                int l,
                                                                int kind,
                                                                int level) {
  const cut<extent>& b = c.cuts[l][kind];
  if (is_temporal(c, l, level)) {
    const extent moved = (b.steps - 1) * g.more, kept = held_by_one(c, g, l, kind, level);
    return {{moved, moved}, {kept, kept}};
  }
  if (l == level) {
    const extent moved = g.shared((c.units[l] - 1) * c.tile[l]);
    const auto kept = rows_kept_in_box(b, c.length[l][kind], c.tile[l], c.units[l], g);
    return {{(b.tiles - b.first) * moved, (b.steps - 1) * moved}, {kept.by_units, kept.by_all}};
  }
  if (l + 1 == level) {
    const auto two = sum_rows(two_cuts_of(c, l, kind), g);
    return {{two.by_units.inner.outer_moves, two.by_all.inner.outer_moves},
            {two.by_units.inner.outer_restarts, two.by_all.inner.outer_restarts}};
  }
  return {held_after_move(c, g), held_after_restart(c, g)};
}

}  // namespace detail

/// Rows (columns likewise) that sub-clusters hold, copies counted, and that no sub-cluster lacks.
/// units, groups: the steps of sub-clusters and of groups.
CUGAMMA_HD constexpr void sum_held_rows(const chain& c,
                                        const row_grid<extent>& g,
                                        int level,
                                        const sums& units,
                                        const sums& groups,
                                        sums& by_units,
                                        sums& by_all) {
  by_units[same] = c.length[0][0] * g.each + units[same] * g.more;
  by_all[same] = c.length[0][0] * g.each + groups[same] * g.more;
  for (int l = 0; l <= level; ++l) {
    by_units[moves(l)] = by_units[restarts(l)] = by_all[moves(l)] = by_all[restarts(l)] = 0;
    for (int kind = 0; kind <= l; ++kind) {
      const extent boxes = c.boxes[l][kind];
      if (boxes == 0) continue;
      const auto held = detail::rows_in_relations(c, g, l, kind, level);
      by_units[moves(l)] += boxes * held.moves.by_units;
      by_all[moves(l)] += boxes * held.moves.by_all;
      by_units[restarts(l)] += boxes * held.restarts.by_units;
      by_all[restarts(l)] += boxes * held.restarts.by_all;
    }
  }
}

}  // namespace cugamma::exact::chained
