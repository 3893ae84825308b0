#pragma once

#include "models/exact/split_filter/run_rows.hpp"
#include "models/exact/split_filter/tile_changes.hpp"

/// Input rows (columns likewise) of pairs of tiles, one of outputs and one of the filter, and those
/// that sub-clusters hold of them. row_sets.hpp has the same for a mapping at a time.
namespace cugamma::exact::split {

/// Rows of a sub-cluster's tiles, and of those that it holds.
template <class N>
struct held_tile {
  N rows;
  N held;
  N shift;       ///< from the begin of the rows before to the begin of these
  N before_end;  ///< from the begin of these rows to the end of those before

  /// Whether what it lacks is one piece at the begin of its rows, if these are one interval.
  CUGAMMA_HD constexpr mask_of<N> lacks_begin() const {
    return (held <= N(0)) | (before_end >= rows);
  }
  /// Or at the end.
  CUGAMMA_HD constexpr mask_of<N> lacks_end() const { return (held <= N(0)) | (shift >= N(0)); }
};

/// The rows of a layer whose windows are next to one another.
template <class N>
struct unit_stride_rows {
  CUGAMMA_HD constexpr int stride_number() const { return 1; }
  CUGAMMA_HD constexpr bool is_by_filter(int) const { return false; }
  CUGAMMA_HD constexpr N pitch(N tile) const { return tile; }
  CUGAMMA_HD constexpr mask_of<N> are_apart(const unit_run<N>&) const { return N(1) < N(0); }
  CUGAMMA_HD constexpr mask_of<N> are_one_piece(const unit_run<N>&, const unit_run<N>&) const {
    return N(0) < N(1);
  }

  /// parallel: of the dimension that may be parallel; a stride of 1 treats both alike.
  CUGAMMA_HD constexpr held_tile<N> of(const unit_run<N>& parallel,
                                       const unit_run<N>& other) const {
    const N one(1), zero(0);
    const N rows = (parallel.now - one) + other.now, shift = parallel.shift + other.shift;
    const N end = (parallel.before_end - one) + other.before_end;
    return {rows, max_of(min_of(rows, end) + min_of(shift, zero), zero), shift, end};
  }
};

/// Any rows, as row_set of row_sets.hpp: intervals of one length, a stride apart; where windows
/// touch, a single one.
template <class N>
struct intervals {
  N begin;
  N count;
  N length;
};

template <class N, class U>
struct strided_rows {
  const core::divisor<U>& stride;
  mask_of<N> by_filter;  ///< the filter's dimension is the one that may be parallel

  CUGAMMA_HD constexpr int stride_number() const { return static_cast<int>(stride.value); }
  CUGAMMA_HD constexpr bool is_by_filter(int lane) const { return is_in(by_filter, lane); }
  CUGAMMA_HD constexpr N pitch(N tile) const {
    return select(by_filter, tile, tile * N(stride.value));
  }
  /// Whether tiles of different sub-clusters have no row in common.
  CUGAMMA_HD constexpr mask_of<N> are_apart(const unit_run<N>& other) const {
    return (!by_filter) & (other.now <= N(stride.value));
  }

  /// Whether the rows of a sub-cluster, and those before, are one interval each, and as long as it
  /// is to the next sub-cluster's.
  CUGAMMA_HD constexpr mask_of<N> are_one_piece(const unit_run<N>& parallel,
                                                const unit_run<N>& other) const {
    const intervals<N> now = rows_now(parallel, other), before = rows_before(parallel, other);
    return (now.count <= N(1)) & (before.count <= N(1)) & (now.length >= pitch(parallel.now));
  }

  CUGAMMA_HD constexpr held_tile<N> of(const unit_run<N>& parallel,
                                       const unit_run<N>& other) const {
    const intervals<N> now = rows_now(parallel, other), before = rows_before(parallel, other);
    return {now.count * now.length, shared(now, before), now.begin, before.length - now.begin};
  }

 private:
  CUGAMMA_HD constexpr N of_outputs(N parallel, N other) const {
    return select(by_filter, other, parallel);
  }
  CUGAMMA_HD constexpr N of_filter(N parallel, N other) const {
    return select(by_filter, parallel, other);
  }
  CUGAMMA_HD constexpr intervals<N> rows_now(const unit_run<N>& parallel,
                                             const unit_run<N>& other) const {
    return rows_of(of_outputs(parallel.shift, other.shift) * N(stride.value) +
                       of_filter(parallel.shift, other.shift),
                   of_outputs(parallel.now, other.now),
                   of_filter(parallel.now, other.now));
  }
  CUGAMMA_HD constexpr intervals<N> rows_before(const unit_run<N>& parallel,
                                                const unit_run<N>& other) const {
    return rows_of(N(0),
                   of_outputs(parallel.before(), other.before()),
                   of_filter(parallel.before(), other.before()));
  }

  CUGAMMA_HD constexpr intervals<N> rows_of(N begin, N outputs, N filter) const {
    const N one(1), step(stride.value);
    const auto touch = (filter >= step) | (outputs <= one);
    return {begin,
            select(touch, one, outputs),
            select(touch, (outputs - one) * step + filter, filter)};
  }

  /// Rows of a below `end`.
  CUGAMMA_HD constexpr N count_below(const intervals<N>& a, N end) const {
    const N step(stride.value), way = max_of(end - a.begin, N(0));
    const N whole = min_of(a.count, floor_div(way, stride));
    return whole * a.length + select(whole < a.count, min_of(a.length, way - whole * step), N(0));
  }
  /// Rows of a between the first and the last of b.
  CUGAMMA_HD constexpr N count_within(const intervals<N>& a, const intervals<N>& b) const {
    return count_below(a, b.begin + b.length) - count_below(a, b.begin);
  }

  CUGAMMA_HD constexpr N shared(const intervals<N>& a, const intervals<N>& b) const {
    const N one(1), zero(0);
    const auto a_single = a.count <= one, b_single = b.count <= one;
    N rows =
        max_of(min_of(a.begin + a.length, b.begin + b.length) - max_of(a.begin, b.begin), zero);
    if (any_of(b_single & (!a_single))) rows = select(a_single, rows, count_within(a, b));
    if (any_of(a_single & (!b_single))) rows = select(b_single, rows, count_within(b, a));
    const auto many = !(a_single | b_single);
    if (any_of(many)) rows = select(many, shared_of_many(a, b), rows);
    return rows;
  }

  /// An interval of one set meets at most two neighbours of the other.
  CUGAMMA_HD constexpr N shared_of_many(const intervals<N>& a, const intervals<N>& b) const {
    const N zero(0), step(stride.value), way = b.begin - a.begin;
    const N up = floor_div(max_of(way, zero) + step - N(1), stride);
    const N down = floor_div(max_of(zero - way, zero), stride);
    N next = down - up, rows(0);
    for (int neighbour = 0; neighbour < 2; ++neighbour) {
      const N begin = way + next * step;
      const N meets = min_of(a.length, begin + b.length) - max_of(zero, begin);
      const N pairs = min_of(a.count, b.count - next) - max_of(zero, zero - next);
      rows = rows + max_of(meets, zero) * max_of(pairs, zero);
      next = next + N(1);
    }
    return rows;
  }
};

}  // namespace cugamma::exact::split
