#pragma once

#include "models/exact/split_filter/held_tiles.hpp"

/// Rows that are held, summed over pairs of steps of a window's two dimensions.
namespace cugamma::exact::split {

/// Rows that sub-clusters hold, copies counted, and rows that no sub-cluster lacks.
template <class N>
struct held_sums {
  N by_units;
  N by_all;
};

/// Counts rows that no sub-cluster lacks, sub-cluster by sub-cluster along the parallel dimension:
/// each lacks a piece at the begin of its rows, which may reach into those of the next ones. From
/// the other side the same counts what is lacking at the end.
template <class N>
struct row_sweep {
  N begin = N(0);    ///< of the rows of the next sub-cluster
  N lacking = N(0);  ///< all rows before this one that are looked at later are lacking
  N held = N(0);

  /// The first `count` sub-clusters; as add_many.
  CUGAMMA_HD constexpr void begin_with(N count, N lack, N pitch) {
    const auto has_any = count > N(0);
    begin = count * pitch;
    held = count * max_of(pitch - lack, N(0));
    lacking = select(has_any, begin - pitch + lack, N(0));
  }
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

/// What the sub-clusters of one step lack, run by run; the last sub-cluster by itself.
template <class N, int Runs>
struct lacking_runs {
  N count[Runs];
  N lack[Runs];
  int size = 0;
  N whole = N(0);  ///< rows of a sub-cluster that is not the last
  N last_rows;
  N last_lack;
  mask_of<N> at_begin;  ///< whether all lack a piece at the begin of their rows
  mask_of<N> at_end;    ///< or at the end
  mask_of<N> are_one_piece;

  CUGAMMA_HD constexpr explicit lacking_runs(const held_tile<N>& last, mask_of<N> is_one_piece)
      : last_rows(last.rows),
        last_lack(last.rows - last.held),
        at_begin(last.lacks_begin()),
        at_end(last.lacks_end()),
        are_one_piece(is_one_piece) {}

  CUGAMMA_HD constexpr void add(N units, const held_tile<N>& t, mask_of<N> is_one_piece) {
    const auto none = units <= N(0);
    count[size] = units;
    lack[size++] = t.rows - t.held;
    whole = select(none, whole, t.rows);
    at_begin = at_begin & (none | t.lacks_begin());
    at_end = at_end & (none | t.lacks_end());
    are_one_piece = are_one_piece & (none | is_one_piece);
  }

  /// Rows that no sub-cluster lacks, if all lack a piece at the begin.
  CUGAMMA_HD constexpr N held_after_begin(N pitch) const {
    row_sweep<N> sweep;
    sweep.begin_with(count[0], lack[0], pitch);
    for (int i = 1; i < size; ++i) sweep.add_many(count[i], lack[i], pitch);
    sweep.add_one(last_rows, last_lack);
    return sweep.held;
  }
  /// And if at the end: from there to the begin of the first sub-cluster's rows.
  CUGAMMA_HD constexpr N held_before_end(N pitch) const {
    row_sweep<N> sweep;
    sweep.add_one(pitch + last_rows - whole, last_lack);
    for (int i = size - 1; i >= 0; --i) sweep.add_many(count[i], lack[i], pitch);
    sweep.add_one(whole - pitch, N(0));
    return sweep.held;
  }
};

/// Sums over pairs of steps of two dimensions, of which `parallel` alone may be parallel. Rows: one
/// of held_tiles.hpp.
template <class N, class Rows>
struct pair_counter {
  const Rows& rows;
  N tile;  ///< of the parallel dimension

  template <int A, int B, int Runs>
  CUGAMMA_HD constexpr held_sums<N> sum(const step_list<N, A, Runs>& parallel,
                                        const step_list<N, B, 0>& other) const {
    held_sums<N> s{N(0), N(0)};
    each_bit(parallel.used, [&](int i) {
      const alike_steps<N, Runs>& steps = parallel.steps[i];
      if constexpr (Runs > 0) {
        if (steps.used != 0) {
          each_bit(other.used, [&](int j) { add_runs(steps, other.steps[j], s); });
          return;
        }
      }
      N of_last(0);
      each_bit(other.used, [&](int j) {
        const alike_steps<N, 0>& o = other.steps[j];
        of_last = of_last + o.weight * rows.of(steps.last, o.last).held;
      });
      s.by_units = s.by_units + steps.weight * of_last;
      if constexpr (Runs > 0) s.by_all = s.by_all + steps.weight * of_last;
    });
    if constexpr (Runs == 0) s.by_all = s.by_units;
    return s;
  }

 private:
  /// Adds what the sub-clusters hold, and what none of all lacks.
  template <int Runs>
  CUGAMMA_HD constexpr void add_runs(const alike_steps<N, Runs>& parallel,
                                     const alike_steps<N, 0>& other,
                                     held_sums<N>& s) const {
    const held_tile<N> last = rows.of(parallel.last, other.last);
    lacking_runs<N, Runs> runs(last, rows.are_one_piece(parallel.last, other.last));
    N by_units = last.held, others(0);
    each_bit(parallel.used, [&](int i) {
      const unit_run<N>& run = parallel.runs[i];
      const held_tile<N> t = rows.of(run, other.last);
      runs.add(run.count, t, rows.are_one_piece(run, other.last));
      by_units = by_units + run.count * t.held;
      others = others + run.count;
    });
    const N weight = parallel.weight * other.weight;
    s.by_units = s.by_units + weight * by_units;
    const auto counts = (weight > N(0)) & (by_units > N(0));
    if (!any_of(counts)) return;
    const auto swept = counts & !((others <= N(0)) | rows.are_apart(other.last));
    N by_all = by_units;
    if (any_of(swept)) by_all = held_by_all(parallel, other.last, runs, swept, by_all);
    s.by_all = s.by_all + weight * by_all;
  }

  /// Rows of a step that no sub-cluster lacks, in the lanes `swept`.
  template <int Runs>
  CUGAMMA_HD constexpr N held_by_all(const alike_steps<N, Runs>& parallel,
                                     const unit_run<N>& other,
                                     const lacking_runs<N, Runs>& runs,
                                     mask_of<N> swept,
                                     N others) const {
    const N pitch = rows.pitch(tile);
    const auto up = swept & runs.are_one_piece & runs.at_begin;
    const auto down = swept & runs.are_one_piece & runs.at_end & (!runs.at_begin);
    const auto left = swept & !(up | down);
    N held = others;
    if (any_of(up)) held = select(up, runs.held_after_begin(pitch), held);
    if (any_of(down)) held = select(down, runs.held_before_end(pitch), held);
    if (any_of(left)) {
      held = lanes_where(left, held, [&](int lane) {
        return counted_one_by_one(parallel, other, lane);
      });
    }
    return held;
  }

  /// The same of one mapping.
  template <int Runs>
  std::int64_t counted_one_by_one(const alike_steps<N, Runs>& parallel,
                                  const unit_run<N>& other,
                                  int lane) const {
    using whole = std::int64_t;
    const auto numbers = [&](const unit_run<N>& run) {
      const auto at = [&](N x) { return number_of_lane(x, lane); };
      return run_numbers<whole>{at(run.count), at(run.now), at(run.before()), at(run.shift)};
    };
    run_numbers<whole> runs[Runs + 1];
    int count = 0;
    const auto add = [&](const unit_run<N>& run) {
      runs[count] = numbers(run);
      if (runs[count].count > 0) ++count;
    };
    each_bit(parallel.used, [&](int i) { add(parallel.runs[i]); });
    add(parallel.last);
    return rows_held_by_all<Runs + 1>(step_numbers<whole>{runs,
                                                          count,
                                                          numbers(other),
                                                          number_of_lane(tile, lane),
                                                          rows.stride_number(),
                                                          rows.is_by_filter(lane)});
  }
};

}  // namespace cugamma::exact::split
