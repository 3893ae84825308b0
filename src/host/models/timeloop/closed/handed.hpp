#pragma once

#include "models/timeloop/closed/neighbours.hpp"

namespace cugamma::timeloop::closed {

/// Words that a level hands down of a tensor, by which elements its neighbours leave over.
struct handed {
  static constexpr int most_kinds = 16;
  std::int64_t to_all = 0;
  int kinds = 0;
  left_over kind[most_kinds];  ///< in the order of their first appearance
  std::int64_t words[most_kinds];
  bool is_known = true;

  CUGAMMA_HD void add(const left_over& l, std::int64_t more) {
    if (l.is_all()) {
      to_all += more;
      return;
    }
    int k = 0;
    while (k < kinds && (kind[k].x != l.x || kind[k].y != l.y)) ++k;
    is_known = is_known && !l.is_unknown() && k < most_kinds;
    if (!is_known) return;
    if (k == kinds) {
      kind[k] = l;
      words[k] = 0;
      ++kinds;
    }
    words[k] += more;
  }
};

namespace detail {

/// The temporal loops of a level and of those outside of it, as a tensor's inner tile sees them.
struct advances {
  const tensor_row& t;
  const nest& n;
  int begin;
  int end;
  CUGAMMA_HD std::int64_t step(int j) const { return step_of(t, n.loops[j]); }
  CUGAMMA_HD std::int64_t outward(int j) const { return j < end ? n.loops[j].outward : 1; }
  CUGAMMA_HD std::int64_t repeats(int j) const { return outward(j) - outward(j + 1); }
  /// The innermost loop that moves the tile; end: none does.
  CUGAMMA_HD int mover() const {
    int j = begin;
    while (j < end && t.stride[n.loops[j].dimension] == 0) ++j;
    return j;
  }
};

/// Each MAC takes a word in each cycle; those with fan-out pass them on.
CUGAMMA_HD inline handed handed_to_macs(const advances& a, const grid& g) {
  handed h;
  h.to_all = 1;
  std::int64_t behind = 0;
  for (int j = a.begin; j < a.end; ++j) {
    const std::int64_t jump = a.step(j) - behind;
    behind += a.step(j);
    // Elements of a tensor that does not slide differ by no jump but 0.
    const bool may_serve = jump == 0 || a.t.sliding != 0;
    h.add(may_serve ? find_left_over(a.t, a.n.fans[0], g, jump) : left_over{}, a.repeats(j));
  }
  return h;
}

/// A tile that the innermost loop moves, by `part` new words: neighbours serve what another element
/// was handed just before in the same shape.
CUGAMMA_HD inline void hand_by_neighbours(const advances& a,
                                          const fan_loops& fan,
                                          const grid& g,
                                          std::int64_t full,
                                          std::int64_t part,
                                          handed& h) {
  const std::int64_t first_step = a.step(a.begin), more = a.n.loops[a.begin].bound - 1;
  const bool is_apart = part == full;
  const auto is_alike = [&](std::int64_t jump) {
    return jump != 0 && (jump == first_step || is_apart);
  };
  const left_over first = find_left_over(a.t, fan, g, first_step);
  h.add(is_apart ? first : left_over{}, part * more);
  std::int64_t behind = first_step;
  for (int j = a.begin + 1; j < a.end; ++j) {
    const std::int64_t jump = a.step(j) - behind;
    behind += a.step(j);
    h.add(is_alike(jump) ? first : left_over{}, part * more * a.repeats(j));
  }
  behind = first_step;
  for (int j = a.begin + 1; j < a.end; ++j) {
    const std::int64_t jump = a.step(j) - behind;
    behind += a.step(j);
    if (jump == 0) continue;
    const std::int64_t words = jump == first_step ? part : full;
    h.add(is_alike(jump) ? find_left_over(a.t, fan, g, jump) : left_over{}, words * a.repeats(j));
  }
}

/// preconditions: the tensor slides, a.mover() is a loop
CUGAMMA_HD inline std::int64_t sliding_words(const advances& a,
                                             std::int64_t full,
                                             std::int64_t part) {
  const int mover = a.mover();
  const std::int64_t first_step = a.step(mover);
  std::int64_t words = full + part * a.repeats(mover), behind = first_step;
  for (int j = mover + 1; j < a.end; ++j) {
    const std::int64_t jump = a.step(j) - behind;
    behind += a.step(j);
    if (jump != 0) words += (jump == first_step ? part : full) * a.repeats(j);
  }
  return words;
}

CUGAMMA_HD inline bool slides_along(const fan_loops& fan, const tensor_row& t) {
  bool slides = false;
  for (int i = 0; i < fan.count; ++i) slides = slides || (t.sliding >> fan.loops[i].dimension & 1);
  return slides;
}

}  // namespace detail

/// What an instance of a level hands to each instance of the next inner one over the whole run.
CUGAMMA_HD inline handed find_handed(const tensor_row& t,
                                     const nest& n,
                                     int level,
                                     int levels,
                                     const grid& g) {
  const fan_loops& fan = n.fans[level];
  const detail::advances a{t, n, n.first_loop[level], n.first_loop[levels]};
  handed h;
  if (level == 0) {
    if (fan.count > 0) return detail::handed_to_macs(a, g);
    h.to_all = n.cycles;
    return h;
  }
  const std::int64_t full = volume(t, n.below[level]);
  const int mover = a.mover();
  if (t.sliding == 0 || mover == a.end) {
    // Every loop from the mover outward brings a whole new tile.
    h.to_all = full * a.outward(mover);
    return h;
  }
  const loop_row& l = n.loops[mover];
  const std::int64_t part = new_words(t, n.below[level], l.dimension, l.inside);
  if (mover == a.begin && detail::slides_along(fan, t)) {
    h.to_all = full;
    detail::hand_by_neighbours(a, fan, g, full, part, h);
  } else {
    h.to_all = detail::sliding_words(a, full, part);
  }
  return h;
}

}  // namespace cugamma::timeloop::closed
