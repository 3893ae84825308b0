#pragma once

#include "models/timeloop/closed/neighbours.hpp"

namespace cugamma::timeloop::closed {

namespace detail {

/// Where the elements of a group lie along a row or a column, and where groups do.
struct line {
  double within = 0;        ///< from a group's first element to its last
  std::int64_t places = 1;  ///< of a group
  std::int64_t groups = 1;
  double middle = 0;  ///< place of a group's first element, on average over the groups
};

/// `left`: which index of the first loop takes part.
CUGAMMA_HD inline line line_of(const tensor_row& t,
                               const fan_loops& fan,
                               int begin,
                               int end,
                               left_elements left) {
  line l;
  std::int64_t stride = 1, within = 0;
  for (int i = begin; i < end; ++i) {
    const loop_row& x = fan.loops[i];
    const std::int64_t span = stride * (x.bound - 1);
    if (i == begin && left != left_elements::all) {
      l.middle += left == left_elements::last ? static_cast<double>(span) : 0;
    } else if (t.stride[x.dimension] == 0) {
      within += span;
      l.places *= x.bound;
    } else {
      l.middle += static_cast<double>(span) / 2;
      l.groups *= x.bound;
    }
    stride *= x.bound;
  }
  l.within = static_cast<double>(within);
  return l;
}

/// The row of group number `index` along a column.
CUGAMMA_HD inline std::int64_t row_of(const tensor_row& t,
                                      const fan_loops& fan,
                                      const grid& g,
                                      left_elements left,
                                      std::int64_t index) {
  std::int64_t stride = 1, row = 0;
  for (int i = g.end_x; i < g.end_y; ++i) {
    const loop_row& x = fan.loops[i];
    if (i == g.end_x && left != left_elements::all) {
      row += left == left_elements::last ? stride * (x.bound - 1) : 0;
    } else if (t.stride[x.dimension] != 0) {
      row += index % x.bound * stride;
      index /= x.bound;
    }
    stride *= x.bound;
  }
  return row;
}

}  // namespace detail

/// Wires that a word takes to a group on average, where all groups are alike: along the columns to
/// the last one, and up and down each of its columns from half height.
/// preconditions: the grid is regular, no two loops run along one axis of the tensor
CUGAMMA_HD inline double mean_hops(const tensor_row& t,
                                   const fan_loops& fan,
                                   const grid& g,
                                   std::int64_t fan_y,
                                   const left_over& left) {
  const detail::line x = detail::line_of(t, fan, 0, g.end_x, left.x);
  const detail::line y = detail::line_of(t, fan, g.end_x, g.end_y, left.y);
  const std::int64_t height = fan_y > fan.used_y ? fan_y : fan.used_y;
  const double middle = static_cast<double>(height - 1) / 2;
  double branches = 0;  // of a column, over the groups along it
  for (std::int64_t i = 0; i < y.groups; ++i) {
    const auto low = static_cast<double>(detail::row_of(t, fan, g, left.y, i));
    const double high = low + y.within;
    branches += (middle > low ? middle - low : 0) + (high > middle ? high - middle : 0);
  }
  const auto groups = static_cast<double>(x.groups * y.groups);
  const double all =
      groups * (x.middle + x.within) + branches * static_cast<double>(x.groups * x.places);
  return all / groups;
}

}  // namespace cugamma::timeloop::closed
