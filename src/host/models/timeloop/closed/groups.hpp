#pragma once

#include "models/timeloop/closed/nest.hpp"

namespace cugamma::timeloop::closed {

/// How many different sizes of groups a level's elements form at most; more are left over.
inline constexpr int max_sizes = 16;

/// Elements of a fan-out that get the same words form a group. Groups by size, ascending.
struct group_sizes {
  int count = 0;
  std::int64_t size[max_sizes];
  std::int64_t groups[max_sizes];
  CUGAMMA_HD std::int64_t all() const {
    std::int64_t sum = 0;
    for (int i = 0; i < count; ++i) sum += groups[i];
    return sum;
  }
};

namespace detail {

/// False if there are too many sizes.
CUGAMMA_HD inline bool add_groups(std::int64_t size, std::int64_t groups, group_sizes& s) {
  int at = 0;
  while (at < s.count && s.size[at] < size) ++at;
  if (at < s.count && s.size[at] == size) {
    s.groups[at] += groups;
    return true;
  }
  if (s.count == max_sizes) return false;
  for (int i = s.count++; i > at; --i) {
    s.size[i] = s.size[i - 1];
    s.groups[i] = s.groups[i - 1];
  }
  s.size[at] = size;
  s.groups[at] = groups;
  return true;
}

CUGAMMA_HD constexpr std::int64_t greatest_divisor(std::int64_t a, std::int64_t b) {
  while (b != 0) {
    const std::int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/// Two loops along one axis meet where i1 steps of one are i2 of the other: elements in a grid of
/// both form diagonals. Every group of s is taken once for each diagonal.
CUGAMMA_HD inline bool cross_with_diagonals(const loop_row& x,
                                            std::int64_t step_x,
                                            const loop_row& y,
                                            std::int64_t step_y,
                                            group_sizes& s) {
  const std::int64_t divisor = greatest_divisor(step_x, step_y);
  const std::int64_t i1 = step_y / divisor, i2 = step_x / divisor;
  const auto runs = [&](std::int64_t length) {  // of this many elements, overlapping ones too
    const std::int64_t columns = x.bound - (length - 1) * i1, rows = y.bound - (length - 1) * i2;
    return columns > 0 && rows > 0 ? columns * rows : 0;
  };
  group_sizes crossed;
  for (std::int64_t length = 1; runs(length) > 0; ++length) {
    const std::int64_t diagonals = runs(length) - 2 * runs(length + 1) + runs(length + 2);
    if (diagonals == 0) continue;
    for (int i = 0; i < s.count; ++i) {
      if (!add_groups(s.size[i] * length, s.groups[i] * diagonals, crossed)) return false;
    }
  }
  s = crossed;
  return true;
}

}  // namespace detail

/// The groups that a tensor's elements form when the loops in `fixed` (bits) do not count. False if
/// it takes an element list to say: three loops along one axis, or too many sizes.
CUGAMMA_HD inline bool find_groups(const tensor_row& t,
                                   const fan_loops& fan,
                                   unsigned fixed,
                                   group_sizes& s) {
  s.count = 1;
  s.size[0] = s.groups[0] = 1;
  unsigned sliding = 0;  // loops along axes of several terms
  for (int i = 0; i < fan.count; ++i) {
    const int d = fan.loops[i].dimension;
    if ((fixed >> i & 1) != 0) continue;
    if (t.stride[d] == 0) {
      s.size[0] *= fan.loops[i].bound;
    } else if ((t.sliding >> d & 1) == 0) {
      s.groups[0] *= fan.loops[i].bound;
    } else {
      sliding |= 1u << i;
    }
  }
  for (int i = 0; sliding >> i != 0; ++i) {
    if ((sliding >> i & 1) == 0) continue;
    const loop_row& x = fan.loops[i];
    const int axis = t.axis_of[x.dimension];
    if (axis < 0) return false;
    int other = -1;
    for (int j = i + 1; j < fan.count; ++j) {
      if ((sliding >> j & 1) == 0 || t.axis_of[fan.loops[j].dimension] != axis) continue;
      if (other >= 0) return false;
      other = j;
    }
    if (other < 0) {
      for (int k = 0; k < s.count; ++k) s.groups[k] *= x.bound;
      continue;
    }
    const loop_row& y = fan.loops[other];
    if (!detail::cross_with_diagonals(x,
                                      t.stride[x.dimension] * x.inside,
                                      y,
                                      t.stride[y.dimension] * y.inside,
                                      s)) {
      return false;
    }
    sliding &= ~(1u << other);
  }
  return true;
}

}  // namespace cugamma::timeloop::closed
