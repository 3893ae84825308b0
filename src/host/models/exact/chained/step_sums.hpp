#pragma once

#include "models/exact/chained/chain.hpp"

/// How many steps of a level one dimension has, for each relation of a step to the one before, and
/// on how many outputs a group works again. docs/exact-model.md, "Why traffic factors".
namespace cugamma::exact::chained {

/// The relations of a level as numbers, as number_of() of places.hpp.
inline constexpr int most_relations = 1 + 2 * most_levels;
inline constexpr int same = 0;
CUGAMMA_HD constexpr int moves(int level) { return 2 * level + 1; }
CUGAMMA_HD constexpr int restarts(int level) { return 2 * level + 2; }

/// A sum for each relation; those of deeper levels mean nothing.
template <class N>
using sums_of = N[most_relations];
using sums = sums_of<extent>;

/// Steps of sub-clusters (to = level), or of groups (to = level - 1).
template <class N>
CUGAMMA_HD constexpr void sum_steps(const chain_of<N>& c, int level, int to, sums_of<N>& s) {
  const N one(1);
  const bool of_groups = to < level;
  s[same] = N(0);
  for (int kind = 0; kind <= level; ++kind) {
    const cut<N>& b = c.cuts[level][kind];
    s[same] = s[same] + c.boxes[level][kind] * (of_groups ? b.steps : b.tiles);
  }
  // Sub-clusters of the levels from l to `to` that work on a box in its first step, by its kind.
  N starting[most_levels + 1] = {one, one, one, one};
  for (int l = level; l >= 0; --l) {
    const N whole = starting[0];
    s[moves(l)] = s[restarts(l)] = N(0);
    for (int kind = 0; kind <= l; ++kind) {
      const cut<N>& b = c.cuts[l][kind];
      const N last = starting[kind + 1], later = b.tiles - b.first;
      N going_on = b.steps - one;
      if (l <= to) {
        const auto goes_on = b.steps > one;
        starting[kind] = (b.first - one) * whole + select(goes_on, whole, last);
        going_on = select(goes_on, (later - one) * whole + last, N(0));
      }
      s[restarts(l)] = s[restarts(l)] + c.boxes[l][kind] * starting[kind];
      s[moves(l)] = s[moves(l)] + c.boxes[l][kind] * going_on;
    }
  }
}

/// Steps of groups that worked in the step before too, from the steps of groups.
template <class N>
CUGAMMA_HD constexpr void sum_working_steps(const chain_of<N>& c, int level, sums_of<N>& s) {
  sum_steps(c, level, level - 1, s);
  if (level >= 1) {
    s[restarts(level - 1)] = N(0);
    for (int kind = 0; kind < level; ++kind) {
      s[restarts(level - 1)] =
          s[restarts(level - 1)] + c.boxes[level - 1][kind] * c.cuts[level - 1][kind].active;
    }
  }
  if (level == 2) {
    const cut<N>& outer = c.cuts[0][0];
    const cut<N>&whole = c.cuts[1][0], &edge = c.cuts[1][1];
    const N one(1), later = outer.tiles - outer.first;
    s[restarts(0)] = (outer.active - one) * whole.active + edge.active;
    s[moves(0)] = select(outer.steps > one,
                         (later - one) * whole.active + min_of(edge.first, whole.active),
                         N(0));
  }
}

/// Outputs that a group works on again: those of boxes of which every level makes one step.
template <class N>
CUGAMMA_HD constexpr void sum_kept_outputs(const chain_of<N>& c, int level, sums_of<N>& s) {
  const N one(1);
  s[same] = c.length[0][0];
  N kept[most_levels + 1] = {};
  for (int kind = 0; kind <= level + 1; ++kind) kept[kind] = c.length[level + 1][kind];
  for (int l = level; l >= 0; --l) {
    const N whole = kept[0];
    s[moves(l)] = s[restarts(l)] = N(0);
    for (int kind = 0; kind <= l; ++kind) {
      const cut<N>& b = c.cuts[l][kind];
      kept[kind] = select(b.steps > one, N(0), (b.tiles - one) * whole + kept[kind + 1]);
      s[restarts(l)] = s[restarts(l)] + c.boxes[l][kind] * kept[kind];
    }
  }
}

}  // namespace cugamma::exact::chained
