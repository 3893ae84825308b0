#pragma once

#include "models/exact/chained/chain.hpp"
#include "models/exact/chained/deep_held.hpp"
#include "models/exact/closed/sums.hpp"

/// What level 2's first steps find when level 0's loop starts over or goes on, without a look at
/// sub-clusters one by one: most mappings of three levels that deep_held.hpp would walk.
namespace cugamma::exact::chained {

/// Where it is known, and what it is there.
template <class N>
struct known_held {
  mask_of<N> is_known;
  held_of<N> held;
};

namespace detail {

/// What a group of level 2's sub-clusters holds in a box of a kind whose first step it had before,
/// if those below number `idle` have since had a tile too far away to share anything. Whose box is
/// one step holds its tile; whose last step of two was idle does too.
template <class N>
CUGAMMA_HD constexpr held_of<N> held_by_idle(const chain_of<N>& c,
                                             const row_grid<N>& g,
                                             int kind,
                                             N idle) {
  const N zero(0), one(1), two(2);
  const cut<N>& b = c.cuts[2][kind];
  const N tile = c.tile[2];
  const auto is_one_step = b.steps <= one;
  const N moved = select(is_one_step, zero, select(b.steps <= two, b.active, b.first));
  const N from = min_of(max_of(idle, moved), b.first);
  const N covered = select(is_one_step, c.length[2][kind], b.first * tile);
  const N rest = g.each * less_or_zero(covered, from * tile);
  // One that is alone may find the end of its last tile at the beginning of its first.
  const auto is_alone = (c.units[2] <= one) & (idle <= zero) & (b.steps > one);
  const N beside = select(is_alone, g.shared(less_or_zero(b.steps, two) * tile), zero);
  return {rest + (b.first - from) * g.more + beside,
          rest + select(from <= zero, g.more, zero) + beside};
}

}  // namespace detail

/// When level 0's loop, of two steps that one sub-cluster makes, starts over, and a whole box of
/// level 1 is one step, or level 1 has one sub-cluster.
///
/// Who has a tile in the last box is too far from its first tile. Who is idle there comes from the
/// first box. Of level 1's sub-clusters with a tile in the last box only the last one's may leave
/// some of level 2 idle; those behind it are idle as a whole. A lone sub-cluster of level 1 comes
/// back to where it was only if the first box makes two steps and the last box one.
template <class N>
CUGAMMA_HD constexpr known_held<N> known_after_restart(const chain_of<N>& c, const row_grid<N>& g) {
  const N zero(0), one(1), two(2);
  const cut<N>&first_box = c.cuts[1][0], &last_box = c.cuts[1][1];
  const auto is_lone = first_box.steps > one;
  mask_of<N> is_known =
      (c.units[0] <= one) & (c.cuts[0][0].steps > one) & (c.cuts[0][0].steps <= two);
  is_known = is_known & ((c.units[1] <= one) | (!is_lone));
  // Tiles of level 2 are too far apart: from one box to the other, from one step of level 1 to the
  // next, and from one step of level 2 to the next.
  is_known = is_known & (g.shared(c.tile[0] - c.tile[2]) <= zero);
  is_known = is_known & ((!is_lone) | (g.shared(c.tile[1] - c.tile[2]) <= zero));
  is_known = is_known & ((c.units[2] <= one) | (g.shared((c.units[2] - one) * c.tile[2]) <= zero));
  const N behind = select(is_lone, zero, less_or_zero(first_box.tiles, last_box.tiles));
  const auto has_behind = behind > zero;
  const N whole_behind = less_or_zero(behind, one);
  const held_of<N> whole = detail::held_by_idle(c, g, 0, zero);
  const held_of<N> edge = detail::held_by_idle(c, g, 1, zero);
  N by_units = whole_behind * whole.by_units + select(has_behind, edge.by_units, zero);
  N by_all = whole_behind * whole.by_all + select(has_behind, edge.by_all, zero);
  const N in_last = c.cuts[2][2].first;
  const N idle = select(is_lone, max_of(in_last, c.cuts[2][1].first), in_last);
  const auto comes_back = (!is_lone) | ((first_box.steps <= two) & (last_box.steps <= one));
  const held_of<N> partly_whole = detail::held_by_idle(c, g, 0, idle);
  const held_of<N> partly_edge = detail::held_by_idle(c, g, 1, idle);
  const auto is_whole = is_lone | has_behind;
  by_units =
      by_units +
      select(comes_back, select(is_whole, partly_whole.by_units, partly_edge.by_units), zero);
  by_all =
      by_all + select(comes_back, select(is_whole, partly_whole.by_all, partly_edge.by_all), zero);
  return {is_known, {by_units, by_all}};
}

/// Whether nothing is there when level 0's loop goes on: the tiles before were too far away. Where
/// a whole box of level 1 is one step, no tile of a sub-cluster reaches into the next one's.
template <class N>
CUGAMMA_HD constexpr mask_of<N> is_far_after_move(const chain_of<N>& c, const row_grid<N>& g) {
  const N one(1), zero(0);
  return (g.shared((c.units[0] - one) * c.tile[0]) <= zero) |
         ((c.units[0] <= one) & (c.cuts[1][0].steps <= one) &
          (g.shared(c.tile[0] - c.tile[1]) <= zero));
}

}  // namespace cugamma::exact::chained
