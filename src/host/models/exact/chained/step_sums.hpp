#pragma once

#include "models/exact/chained/nest.hpp"

/// How many steps of a level one dimension has, for each relation of a step to the one before, and
/// on how many outputs a group works again. docs/exact-model.md, "Why traffic factors".
namespace cugamma::exact::chained {

/// The relations of a level as numbers, as number_of() of places.hpp.
inline constexpr int most_relations = 1 + 2 * most_levels;
inline constexpr int same = 0;
CUGAMMA_HD constexpr int moves(int level) { return 2 * level + 1; }
CUGAMMA_HD constexpr int restarts(int level) { return 2 * level + 2; }

/// A sum for each relation; those of deeper levels mean nothing.
using sums = extent[most_relations];

/// Sub-clusters of the levels from `first` to `last` that work on a box in its first step.
CUGAMMA_HD constexpr extent starting_units(const chain& c, int first, int kind, int last) {
  if (first > last) return 1;
  const cut<extent>& b = c.cuts[first][kind];
  if (first == last) return b.first;
  const extent whole = starting_units(c, first + 1, 0, last);
  if (b.steps > 1) return b.first * whole;
  return (b.first - 1) * whole + starting_units(c, first + 1, kind + 1, last);
}

/// Of the steps of level `last` those that begin a box of level `first` that is not in its level's
/// first step.
CUGAMMA_HD constexpr extent later_starts(const chain& c, int level, int kind, int last) {
  const cut<extent>& b = c.cuts[level][kind];
  const extent later = b.tiles - b.first;
  if (later == 0) return 0;
  return (later - 1) * starting_units(c, level + 1, 0, last) +
         starting_units(c, level + 1, kind + 1, last);
}

/// Steps of sub-clusters (to = level), or of groups (to = level - 1).
CUGAMMA_HD constexpr void sum_steps(const chain& c, int level, int to, sums& s) {
  const bool of_groups = to < level;
  s[same] = 0;
  for (int kind = 0; kind <= level; ++kind) {
    const cut<extent>& b = c.cuts[level][kind];
    s[same] += c.boxes[level][kind] * (of_groups ? b.steps : b.tiles);
  }
  for (int l = 0; l <= level; ++l) {
    s[moves(l)] = s[restarts(l)] = 0;
    for (int kind = 0; kind <= l; ++kind) {
      const extent boxes = c.boxes[l][kind];
      if (boxes == 0) continue;
      s[restarts(l)] += boxes * starting_units(c, l, kind, to);
      s[moves(l)] += boxes * (of_groups && l == level ? c.cuts[l][kind].steps - 1
                                                      : later_starts(c, l, kind, to));
    }
  }
}

/// Steps of groups that worked in the step before too, from the steps of groups.
CUGAMMA_HD constexpr void sum_working_steps(const chain& c, int level, sums& s) {
  sum_steps(c, level, level - 1, s);
  if (level >= 1) {
    s[restarts(level - 1)] = 0;
    for (int kind = 0; kind < level; ++kind) {
      s[restarts(level - 1)] += c.boxes[level - 1][kind] * c.cuts[level - 1][kind].active;
    }
  }
  if (level == 2) {
    const cut<extent>& outer = c.cuts[0][0];
    const cut<extent>&whole = c.cuts[1][0], &edge = c.cuts[1][1];
    s[restarts(0)] = (outer.active - 1) * whole.active + edge.active;
    const extent later = outer.tiles - outer.first;
    s[moves(0)] = later == 0 ? 0 : (later - 1) * whole.active + min_of(edge.first, whole.active);
  }
}

/// Outputs in a box of which every level from `first` to `last` makes one step.
CUGAMMA_HD constexpr extent single_step_outputs(const chain& c, int first, int kind, int last) {
  const cut<extent>& b = c.cuts[first][kind];
  if (b.steps != 1) return 0;
  if (first == last) return c.length[first][kind];
  const extent edge = single_step_outputs(c, first + 1, kind + 1, last);
  if (b.tiles == 1) return edge;
  return (b.tiles - 1) * single_step_outputs(c, first + 1, 0, last) + edge;
}

/// Outputs that a group works on again.
CUGAMMA_HD constexpr void sum_kept_outputs(const chain& c, int level, sums& s) {
  s[same] = c.length[0][0];
  for (int l = 0; l <= level; ++l) {
    s[moves(l)] = s[restarts(l)] = 0;
    for (int kind = 0; kind <= l; ++kind) {
      const extent boxes = c.boxes[l][kind];
      if (boxes != 0) s[restarts(l)] += boxes * single_step_outputs(c, l, kind, level);
    }
  }
}

}  // namespace cugamma::exact::chained
