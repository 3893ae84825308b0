#pragma once

#include "models/timeloop/closed/groups.hpp"

namespace cugamma::timeloop::closed {

/// Which elements along a row or a column no neighbour serves: those of any index of its first
/// loop, of its first one, of its last one, or none.
enum class left_elements : std::uint8_t { all = 0, first = 1, last = 2, none = 3, unknown = 4 };

/// How a level's elements lie in columns and rows.
struct grid {
  std::int64_t columns = 1;
  /// Loops [0, end_x) run along a row, [end_x, end_y) along a column. irregular: elements are
  /// packed into rows across the bounds of loops.
  int end_x = 0;
  int end_y = 0;
  bool is_irregular = false;
};

CUGAMMA_HD inline grid grid_of(const fan_loops& fan, std::int64_t fan_x) {
  const std::int64_t columns = fan_x > fan.used_x ? fan_x : fan.used_x;
  if (fan.used() <= columns) return {columns, fan.count, fan.count, false};
  return {columns, fan.count_x, fan.count, columns != fan.used_x};
}

namespace detail {

CUGAMMA_HD inline std::int64_t step_of(const tensor_row& t, const loop_row& l) {
  return t.stride[l.dimension] * l.inside;
}

/// After a jump, along loops [begin, end) of a row or column. unknown: elements of several loops
/// serve each other.
CUGAMMA_HD inline left_elements left_along(const tensor_row& t,
                                           const fan_loops& fan,
                                           int begin,
                                           int end,
                                           std::int64_t jump) {
  if (begin == end) return left_elements::all;
  const std::int64_t step = step_of(t, fan.loops[begin]);
  std::int64_t reach = step * (fan.loops[begin].bound - 1);
  for (int i = begin + 1; i < end; ++i) {
    const std::int64_t next = step_of(t, fan.loops[i]);
    if (next - reach == jump || reach - next == jump) return left_elements::unknown;
    reach += next * (fan.loops[i].bound - 1);
  }
  const int last = step == jump ? 2 : 0, first = -step == jump ? 1 : 0;
  return static_cast<left_elements>(last + first);
}

/// Whether elements `distance` apart in the packed order may differ by a jump: all ways to carry
/// when the distance is added to an element's number.
CUGAMMA_HD inline bool may_differ(const tensor_row& t,
                                  const fan_loops& fan,
                                  std::int64_t distance,
                                  std::int64_t jump) {
  const unsigned ways = 1u << (fan.count - 1);
  for (unsigned carries = 0; carries < ways; ++carries) {
    std::int64_t rest = distance, difference = 0;
    bool is_possible = true;
    unsigned carry = 0;
    for (int i = 0; i < fan.count; ++i) {
      const std::int64_t bound = fan.loops[i].bound;
      std::int64_t more = rest % bound + carry;
      rest /= bound;
      carry = carries >> i & 1;
      more -= carry != 0 ? bound : 0;
      is_possible = is_possible && more < bound && -more < bound;
      difference += more * step_of(t, fan.loops[i]);
    }
    if (is_possible && rest == 0 && (difference == jump || difference == -jump)) return true;
  }
  return false;
}

}  // namespace detail

/// The elements that neighbours leave over after a jump.
struct left_over {
  left_elements x = left_elements::all;
  left_elements y = left_elements::all;
  CUGAMMA_HD bool is_unknown() const {
    return x == left_elements::unknown || y == left_elements::unknown;
  }
  CUGAMMA_HD bool is_all() const { return x == left_elements::all && y == left_elements::all; }
  CUGAMMA_HD bool is_none() const { return x == left_elements::none || y == left_elements::none; }
};

CUGAMMA_HD inline left_over find_left_over(const tensor_row& t,
                                           const fan_loops& fan,
                                           const grid& g,
                                           std::int64_t jump) {
  if (g.is_irregular) {
    const bool may_serve =
        detail::may_differ(t, fan, 1, jump) || detail::may_differ(t, fan, g.columns, jump);
    return {may_serve ? left_elements::unknown : left_elements::all, left_elements::all};
  }
  return {detail::left_along(t, fan, 0, g.end_x, jump),
          detail::left_along(t, fan, g.end_x, g.end_y, jump)};
}

/// The loops that do not count for what is left over, as bits.
CUGAMMA_HD inline unsigned fixed_loops(const left_over& l, const grid& g) {
  return (l.x == left_elements::all ? 0u : 1u) | (l.y == left_elements::all ? 0u : 1u << g.end_x);
}

}  // namespace cugamma::timeloop::closed
