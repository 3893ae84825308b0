#pragma once

#include "models/timeloop/closed/neighbours.hpp"

namespace cugamma::timeloop::closed {

namespace detail {

/// The temporal loops of a level and of those outside of it, as a tensor's inner tile sees them.
struct advances {
  const tensor_row& t;
  const nest& n;
  int begin;
  int end;
  CUGAMMA_HD std::int64_t step(int j) const { return step_of(t, n.loops[j]); }
  CUGAMMA_HD std::int64_t outward(int j) const { return j < end ? n.outward[j] : 1; }
  CUGAMMA_HD std::int64_t repeats(int j) const { return outward(j) - outward(j + 1); }
  /// The innermost loop that moves the tile; end: none does.
  CUGAMMA_HD int mover() const {
    int j = begin;
    while (j < end && t.stride[n.loops[j].dimension] == 0) ++j;
    return j;
  }
};

/// Each MAC takes a word in each cycle; those with fan-out pass them on.
template <class Sink>
CUGAMMA_HD void hand_to_macs(const advances& a, Sink& sink) {
  sink.hand(1);
  std::int64_t behind = 0;
  for (int j = a.begin; j < a.end; ++j) {
    const std::int64_t jump = a.step(j) - behind;
    behind += a.step(j);
    // Elements of a tensor that does not slide differ by no jump but 0.
    if (jump == 0 || a.t.sliding != 0) {
      sink.hand_after(jump, a.repeats(j));
    } else {
      sink.hand(a.repeats(j));
    }
  }
}

/// A tile that the innermost loop moves, by `part` new words: neighbours serve what another element
/// was handed just before in the same shape.
template <class Sink>
CUGAMMA_HD void hand_by_neighbours(const advances& a,
                                   std::int64_t full,
                                   std::int64_t part,
                                   Sink& sink) {
  const std::int64_t first_step = a.step(a.begin), more = a.n.loops[a.begin].bound - 1;
  const bool is_apart = part == full;
  const auto hand_if = [&](bool is_alike, std::int64_t jump, std::int64_t words) {
    if (is_alike) {
      sink.hand_after(jump, words);
    } else {
      sink.hand(words);
    }
  };
  const auto is_alike = [&](std::int64_t jump) {
    return jump != 0 && (jump == first_step || is_apart);
  };
  hand_if(is_apart, first_step, part * more);
  std::int64_t behind = first_step;
  for (int j = a.begin + 1; j < a.end; ++j) {
    const std::int64_t jump = a.step(j) - behind;
    behind += a.step(j);
    hand_if(is_alike(jump), first_step, part * more * a.repeats(j));
  }
  behind = first_step;
  for (int j = a.begin + 1; j < a.end; ++j) {
    const std::int64_t jump = a.step(j) - behind;
    behind += a.step(j);
    if (jump == 0) continue;
    const std::int64_t words = jump == first_step ? part : full;
    hand_if(is_alike(jump), jump, words * a.repeats(j));
  }
}

/// Words of a sliding tile over the whole run. preconditions: a.mover() is a loop
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
  for (int i = 0; i < fan.count; ++i) {
    slides = slides || (t.sliding >> fan.loops[i].dimension & 1) != 0;
  }
  return slides;
}

}  // namespace detail

/// What an instance of a level hands to each instance of the next inner one over the whole run:
/// sink.hand(words) to all elements, or sink.hand_after(jump, words) to those that no neighbour
/// serves after a jump of the tile.
template <class Sink>
CUGAMMA_HD void hand_down(const tables& tables, const nest& n, int tensor, int level, Sink& sink) {
  const tensor_row& t = tables.tensors[tensor];
  const fan_loops& fan = n.fans[level];
  const detail::advances a{t, n, n.first_loop[level], n.first_loop[tables.shape.num_levels]};
  if (level == 0) {
    if (fan.count > 0) return detail::hand_to_macs(a, sink);
    return sink.hand(n.cycles);
  }
  const std::int64_t full = n.words[tensor][level];
  const int mover = a.mover();
  if (t.sliding == 0 || mover == a.end) {
    // Every loop from the mover outward brings a whole new tile.
    return sink.hand(full * a.outward(mover));
  }
  const loop_row& l = n.loops[mover];
  const std::int64_t part = new_words(t, n.below[level], l.dimension, l.inside);
  if (mover == a.begin && detail::slides_along(fan, t)) {
    sink.hand(full);
    detail::hand_by_neighbours(a, full, part, sink);
  } else {
    sink.hand(detail::sliding_words(a, full, part));
  }
}

}  // namespace cugamma::timeloop::closed
