#pragma once

#include <cstdint>
#include <limits>

#include "numbers/number.hpp"

/// Rows that no sub-cluster lacks, one mapping and one step at a time: where the pieces that they
/// lack lie as no sum of held_pairs.hpp says. I is a plain integer.
namespace cugamma::exact::split {

/// Sub-clusters side by side whose tiles lie alike to those that they had before, as unit_run.
template <class I>
struct run_numbers {
  I count;
  I now;
  I before;
  I shift;
};

/// The tiles of one step. runs: along the parallel dimension, of tiles that are `tile` apart; none
/// is empty.
template <class I>
struct step_numbers {
  const run_numbers<I>* runs;
  int run_count;
  run_numbers<I> other;  ///< of the other dimension of the window
  I tile;
  I stride;
  bool by_filter;  ///< the parallel dimension is the filter's
};

/// floor(a / b), b > 0.
template <class I>
CUGAMMA_HD constexpr I floor_quotient(I a, I b) {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/// Every stride-th row: among these, a tile of outputs and one of the filter always make an
/// interval. Along the parallel dimension the intervals of sub-clusters that have any begin and end
/// one after the other, and so does what they hold within a run.
template <class I, int MostRuns>
class spaced_rows {
 public:
  /// rest: of the rows by the stride
  CUGAMMA_HD constexpr spaced_rows(const step_numbers<I>& s, I rest) : s_(s), rest_(rest) {
    I after = std::numeric_limits<I>::max();
    for (int run = s.run_count - 1; run >= 0; --run) {
      after_[run] = after;
      const unit u = first_of(run);
      if (u.run == run && u.held_end < after) after = u.held_end;
    }
  }

  /// Those that no sub-cluster lacks.
  CUGAMMA_HD constexpr I held_by_all() const {
    // The last sub-cluster whose interval has begun, and the first whose has not ended.
    unit last = first_of(0), open = last;
    I held = 0, at = last.begin, lacking = last.held_begin;
    while (open.run < s_.run_count) {
      unit next = last;
      go_on(next);
      const bool ends = next.run == s_.run_count || open.end <= next.begin;
      const I end = ends ? open.end : next.begin;
      const I from = at > lacking ? at : lacking;
      const I lacks_end = open.held_end < after_[open.run] ? open.held_end : after_[open.run];
      const I to = end < lacks_end ? end : lacks_end;
      if (to > from) held += to - from;
      at = end;
      if (ends) {
        const bool was_last = open.run == last.run && open.number == last.number;
        go_on(open);
        if (!was_last) continue;
        if (open.run == s_.run_count) break;
        at = open.begin;
      }
      last = next;
      if (last.held_begin > lacking) lacking = last.held_begin;
    }
    return held;
  }

 private:
  /// A sub-cluster that has rows: which they are, and up to where it lacks them and from where on.
  struct unit {
    int run;
    I number;  ///< in its run
    I place;   ///< where its tile begins
    I begin;
    I end;
    I held_begin;
    I held_end;
  };
  struct interval {
    I begin;
    I end;
    bool is_empty;
  };

  CUGAMMA_HD constexpr interval rows(I own, I own_length, I other, I other_length) const {
    const I filter = s_.by_filter ? own : other, outputs = s_.by_filter ? other : own;
    const I filter_end = filter + (s_.by_filter ? own_length : other_length);
    const I outputs_end = outputs + (s_.by_filter ? other_length : own_length);
    const I first = floor_quotient<I>(filter - rest_ + s_.stride - 1, s_.stride);
    const I end = floor_quotient<I>(filter_end - rest_ + s_.stride - 1, s_.stride);
    return {outputs + first, outputs_end - 1 + end, first >= end};
  }

  /// Sets what a sub-cluster has and holds. False if it has no rows.
  CUGAMMA_HD constexpr bool look_at(unit& u) const {
    const run_numbers<I>& r = s_.runs[u.run];
    const interval now = rows(u.place, r.now, 0, s_.other.now);
    if (now.is_empty) return false;
    const interval before = rows(u.place - r.shift, r.before, -s_.other.shift, s_.other.before);
    const auto clamp = [&](I x) { return x < now.begin ? now.begin : x > now.end ? now.end : x; };
    u.begin = now.begin;
    u.end = now.end;
    u.held_end = clamp(before.end);
    u.held_begin = before.is_empty ? u.held_end : clamp(before.begin);
    return true;
  }

  /// Goes on to the next sub-cluster that has rows; beyond the last run if there is none.
  CUGAMMA_HD constexpr void go_on(unit& u) const {
    do {
      u.place += s_.tile;
      if (++u.number == s_.runs[u.run].count) {
        u.number = 0;
        ++u.run;
      }
    } while (u.run < s_.run_count && !look_at(u));
  }

  /// The first of a run or of those after it.
  CUGAMMA_HD constexpr unit first_of(int run) const {
    unit u{run, 0, 0, 0, 0, 0, 0};
    for (int i = 0; i < run; ++i) u.place += s_.runs[i].count * s_.tile;
    if (!look_at(u)) go_on(u);
    return u;
  }

  const step_numbers<I>& s_;
  I rest_;
  I after_[MostRuns];  ///< of the runs after each, the first place from which on one lacks its rows
};

// SIMD lanes count them by these, which are compiled once, for any instruction set.
extern template class spaced_rows<std::int64_t, 4>;
extern template class spaced_rows<std::int64_t, 7>;
extern template class spaced_rows<std::int64_t, 10>;

template <int MostRuns, class I>
CUGAMMA_HD_CALLED constexpr I rows_held_by_all(const step_numbers<I>& s) {
  I held = 0;
  for (I rest = 0; rest < s.stride; ++rest) held += spaced_rows<I, MostRuns>(s, rest).held_by_all();
  return held;
}

/// In the lanes of m f(lane), in the others b; a plain number is one lane.
template <core::scalar N, class F>
constexpr N lanes_where(bool m, N b, F f) {
  return m ? static_cast<N>(f(0)) : b;
}
template <core::scalar N>
constexpr std::int64_t number_of_lane(N a, int) {
  return static_cast<std::int64_t>(a);
}
CUGAMMA_HD constexpr bool is_in(bool m, int) { return m; }

}  // namespace cugamma::exact::split
