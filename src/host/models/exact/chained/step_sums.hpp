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

/// Steps of sub-clusters (to = level), or of groups (to = level - 1).
CUGAMMA_HD constexpr void sum_steps(const chain& c, int level, int to, sums& s) {
  const bool of_groups = to < level;
  s[same] = 0;
  for (int kind = 0; kind <= level; ++kind) {
    const cut<extent>& b = c.cuts[level][kind];
    s[same] += c.boxes[level][kind] * (of_groups ? b.steps : b.tiles);
  }
  // Sub-clusters of the levels from l to `to` that work on a box in its first step, by its kind.
  extent starting[most_levels + 1] = {1, 1, 1, 1};
  for (int l = level; l >= 0; --l) {
    const extent whole = starting[0];
    s[moves(l)] = s[restarts(l)] = 0;
    for (int kind = 0; kind <= l; ++kind) {
      const cut<extent>& b = c.cuts[l][kind];
      const extent last = starting[kind + 1], later = b.tiles - b.first;
      extent going_on = b.steps - 1;
      if (l <= to) {
        starting[kind] = (b.first - 1) * whole + (b.steps > 1 ? whole : last);
        going_on = later == 0 ? 0 : (later - 1) * whole + last;
      }
      s[restarts(l)] += c.boxes[l][kind] * starting[kind];
      s[moves(l)] += c.boxes[l][kind] * going_on;
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

/// Outputs that a group works on again: those of boxes of which every level makes one step.
CUGAMMA_HD constexpr void sum_kept_outputs(const chain& c, int level, sums& s) {
  s[same] = c.length[0][0];
  extent kept[most_levels + 2] = {};
  for (int kind = 0; kind <= level + 1; ++kind) kept[kind] = c.length[level + 1][kind];
  for (int l = level; l >= 0; --l) {
    const extent whole = kept[0];
    s[moves(l)] = s[restarts(l)] = 0;
    for (int kind = 0; kind <= l; ++kind) {
      const cut<extent>& b = c.cuts[l][kind];
      kept[kind] = b.steps == 1 ? (b.tiles - 1) * whole + kept[kind + 1] : 0;
      s[restarts(l)] += c.boxes[l][kind] * kept[kind];
    }
  }
}

}  // namespace cugamma::exact::chained
