#pragma once

#include "models/exact/split_filter/held_tiles.hpp"

/// Rows that are held, summed over pairs of steps of a window's two dimensions.
namespace cugamma::exact::split {

/// Rows that sub-clusters hold, copies counted, and rows that no sub-cluster lacks.
template <class N>
struct held_sums {
  N by_units = N(0);
  N by_all = N(0);
};

/// Counts rows that no sub-cluster lacks, sub-cluster by sub-cluster along the parallel dimension:
/// each lacks a piece at the begin of its rows, which may reach into those of the next ones. From
/// the other side the same counts what is lacking at the end.
template <class N>
struct row_sweep {
  N begin = N(0);    ///< of the rows of the next sub-cluster
  N lacking = N(0);  ///< all rows before this one that are looked at later are lacking
  N held = N(0);

  /// `count` sub-clusters, from each to the next `pitch` rows, of which it lacks `lack` and more.
  CUGAMMA_HD constexpr void add_many(N count, N lack, N pitch) {
    const N zero(0), one(1);
    const N within = min_of(max_of(lacking - begin, zero), count * pitch);
    const N gone = any_of(within > zero) ? floor_div(within, pitch) : zero;
    const N rest = count - gone;
    const N of_first = max_of(pitch - max_of(lack, within - gone * pitch), zero);
    held = held + select(rest > zero, of_first + (rest - one) * max_of(pitch - lack, zero), zero);
    lacking = select(count > zero, max_of(lacking, begin + (count - one) * pitch + lack), lacking);
    begin = begin + count * pitch;
  }
  /// One sub-cluster with `rows` of its own.
  CUGAMMA_HD constexpr void add_one(N rows, N lack) {
    held = held + max_of(rows - max_of(lack, lacking - begin), N(0));
    lacking = max_of(lacking, begin + lack);
    begin = begin + rows;
  }
};

/// Sums over pairs of steps of two dimensions, of which `parallel` alone may be parallel. Rows: one
/// of held_tiles.hpp.
template <class N, class Rows>
struct pair_counter {
  const Rows& rows;
  N tile;               ///< of the parallel dimension
  mask_of<N>& unknown;  ///< lanes whose pieces that lack lie as no form here says

  CUGAMMA_HD constexpr held_sums<N> sum(const step_list<N>& parallel,
                                        const step_list<N>& other) const {
    held_sums<N> s;
    for (int i = 0; i < step_list<N>::most; ++i) {
      if ((parallel.used >> i & 1) == 0) continue;
      const alike_steps<N>& steps = parallel.steps[i];
      N of_last(0);
      each_steps(other, [&](const alike_steps<N>& o) {
        of_last = of_last + o.weight * rows.of(steps.last, o.last).held;
      });
      s.by_units = s.by_units + steps.weight * of_last;
      if (steps.used == 0) {
        s.by_all = s.by_all + steps.weight * of_last;
      } else {
        each_steps(other, [&](const alike_steps<N>& o) { add_runs(steps, o, s); });
      }
    }
    return s;
  }

 private:
  template <class F>
  CUGAMMA_HD static constexpr void each_steps(const step_list<N>& list, F f) {
    for (int i = 0; i < step_list<N>::most; ++i) {
      if ((list.used >> i & 1) != 0) f(list.steps[i]);
    }
  }

  /// Adds what sub-clusters but the last hold, and what none of all lacks.
  CUGAMMA_HD constexpr void add_runs(const alike_steps<N>& parallel,
                                     const alike_steps<N>& other,
                                     held_sums<N>& s) const {
    N by_units(0);
    each_run(parallel, [&](const unit_run<N>& run) {
      by_units = by_units + run.count * rows.of(run, other.last).held;
    });
    const N weight = parallel.weight * other.weight;
    s.by_units = s.by_units + weight * by_units;
    const held_tile<N> last = rows.of(parallel.last, other.last);
    by_units = by_units + last.held;
    const auto counts = (weight > N(0)) & (by_units > N(0));
    if (!any_of(counts)) return;
    s.by_all = s.by_all + weight * held_by_all(parallel, last, by_units, counts, other.last);
  }

  template <class F>
  CUGAMMA_HD static constexpr void each_run(const alike_steps<N>& s, F f) {
    for (int i = 0; i < alike_steps<N>::most_runs; ++i) {
      if ((s.used >> i & 1) != 0) f(s.runs[i]);
    }
  }

  /// Rows of a step that no sub-cluster lacks. counts: lanes in which they are of use.
  CUGAMMA_HD constexpr N held_by_all(const alike_steps<N>& parallel,
                                     const held_tile<N>& last,
                                     N by_units,
                                     mask_of<N> counts,
                                     const unit_run<N>& other) const {
    N others(0);
    mask_of<N> one_piece = rows.are_one_piece(parallel.last, other);
    mask_of<N> at_begin = last.lacks_begin(), at_end = last.lacks_end();
    each_run(parallel, [&](const unit_run<N>& run) {
      const auto none = run.count <= N(0);
      const held_tile<N> tile_of_run = rows.of(run, other);
      others = others + run.count;
      one_piece = one_piece & (none | rows.are_one_piece(run, other));
      at_begin = at_begin & (none | tile_of_run.lacks_begin());
      at_end = at_end & (none | tile_of_run.lacks_end());
    });
    const auto plain = (others <= N(0)) | rows.are_apart(other);
    const auto swept = counts & (!plain);
    unknown = unknown | (swept & !(one_piece & (at_begin | at_end)));
    const auto from_end = swept & (!at_begin);
    N held = by_units;
    if (any_of(swept & at_begin)) {
      held = select(swept & at_begin, sweep_up(parallel, last, other), held);
    }
    if (any_of(from_end)) held = select(from_end, sweep_down(parallel, last, other), held);
    return held;
  }

  CUGAMMA_HD constexpr N sweep_up(const alike_steps<N>& parallel,
                                  const held_tile<N>& last,
                                  const unit_run<N>& other) const {
    const N pitch = rows.pitch(tile);
    row_sweep<N> sweep;
    each_run(parallel, [&](const unit_run<N>& run) {
      const held_tile<N> t = rows.of(run, other);
      sweep.add_many(run.count, t.rows - t.held, pitch);
    });
    sweep.add_one(last.rows, last.rows - last.held);
    return sweep.held;
  }

  /// From the end of the last sub-cluster's rows to the begin of the first one's.
  CUGAMMA_HD constexpr N sweep_down(const alike_steps<N>& parallel,
                                    const held_tile<N>& last,
                                    const unit_run<N>& other) const {
    const N pitch = rows.pitch(tile);
    N whole(0);  // rows of a sub-cluster that is not the last
    each_run(parallel, [&](const unit_run<N>& run) {
      whole = select(run.count > N(0), rows.of(run, other).rows, whole);
    });
    row_sweep<N> sweep;
    sweep.add_one(pitch + last.rows - whole, last.rows - last.held);
    for (int i = alike_steps<N>::most_runs - 1; i >= 0; --i) {
      if ((parallel.used >> i & 1) == 0) continue;
      const held_tile<N> t = rows.of(parallel.runs[i], other);
      sweep.add_many(parallel.runs[i].count, t.rows - t.held, pitch);
    }
    // The first sub-cluster's rows go on to their begin.
    sweep.add_one(whole - pitch, N(0));
    return sweep.held;
  }
};

}  // namespace cugamma::exact::split
