#pragma once

#include "models/exact/chained/held_sums.hpp"

/// The sums of a level, a dimension each.
namespace cugamma::exact::chained {

inline constexpr int whole_dims = 4;  ///< K, C, Y, X: what nests cut that leave the filter whole

/// A level's sums of every dimension.
template <class N>
struct level_sums {
  sums_of<N> unit_steps[whole_dims];
  sums_of<N> group_steps[whole_dims];
  sums_of<N> held_by_units[whole_dims];
  sums_of<N> held_by_all[whole_dims];
  sums_of<N> outputs[whole_dims];  ///< outputs that groups work on again; for C steps of groups
};

/// Of rows or columns.
template <class N, class Deep>
CUGAMMA_HD constexpr void sum_window_axis(const chain_of<N>& c,
                                          int d,
                                          int level,
                                          const row_grid<N>& g,
                                          const Deep& deep,
                                          level_sums<N>& s) {
  sum_steps(c, level, level, s.unit_steps[d]);
  sum_steps(c, level, level - 1, s.group_steps[d]);
  sum_held_rows(c,
                g,
                level,
                s.unit_steps[d],
                s.group_steps[d],
                deep,
                s.held_by_units[d],
                s.held_by_all[d]);
  sum_kept_outputs(c, level, s.outputs[d]);
}

/// Of K or C. are_of_outputs: they index outputs.
template <class N, class Deep>
CUGAMMA_HD constexpr void sum_channels(const chain_of<N>& c,
                                       int d,
                                       int level,
                                       bool are_of_outputs,
                                       const Deep& deep,
                                       level_sums<N>& s) {
  sum_held_channels(c, level, deep, s.held_by_units[d]);
  if (d == K) {
    sum_steps(c, level, level, s.unit_steps[d]);
    sum_steps(c, level, level - 1, s.group_steps[d]);
  }
  if (are_of_outputs) {
    sum_kept_outputs(c, level, s.outputs[d]);
  } else {
    sum_working_steps(c, level, s.outputs[d]);
  }
}

}  // namespace cugamma::exact::chained
