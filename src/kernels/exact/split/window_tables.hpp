#pragma once

#include "device_number.hpp"
#include "models/exact/split_filter/split_windows.hpp"

/// What a window adds to a level's traffic, as window_counter of split_windows.hpp, by one thread
/// of a device. Each dimension's steps of all turns are one short table. So the threads of a warp
/// stay together, whichever steps their mappings have, and a thread has little memory.
namespace cugamma::exact::split {

using device::offset;

/// Steps that two dimensions have together add to one of these sums, of each loop that may go on:
/// that of the level itself, and that of the level above after those.
enum pair_sum : std::uint32_t { mixed, inside, parallel_moves, other_moves, sums_of_loop };
inline constexpr std::uint32_t no_sum = 0xf;

/// The sums that steps of one dimension add to with those of the other, by the turn of the latter.
class pair_targets {
 public:
  CUGAMMA_HD static constexpr pair_targets none() {
    pair_targets t;
    t.bits_ = no_bits;
    return t;
  }
  CUGAMMA_HD constexpr pair_targets& with(turn other, std::uint32_t sum) {
    bits_ ^= (sum ^ no_sum) << shift(other);
    return *this;
  }
  CUGAMMA_HD constexpr std::uint32_t of(turn other) const { return bits_ >> shift(other) & no_sum; }

 private:
  static constexpr std::uint32_t no_bits = 0xfffff;
  CUGAMMA_HD static constexpr int shift(turn t) { return 4 * static_cast<int>(t); }
  std::uint32_t bits_;
};

/// own_outside, above_outside: whether the loop of the dimension that may be parallel is outside
/// that of the other one, at the level and at the one above.
template <turn Parallel, int Level>
CUGAMMA_HD constexpr pair_targets targets_of(bool own_outside, bool above_outside) {
  constexpr std::uint32_t above = sums_of_loop;
  pair_targets t = pair_targets::none();
  if constexpr (Parallel == turn::same) {
    if (own_outside) t.with(turn::restarts, mixed).with(turn::moves, other_moves);
  } else if constexpr (Parallel == turn::moves) {
    t.with(own_outside ? turn::restarts : turn::same, parallel_moves);
  } else if constexpr (Parallel == turn::restarts) {
    t.with(turn::restarts, inside);
    if (!own_outside) t.with(turn::same, mixed).with(turn::moves, other_moves);
    if (Level > 0 && above_outside) {
      t.with(turn::above_restarts, above + mixed).with(turn::above_moves, above + other_moves);
    }
  } else if constexpr (Parallel == turn::above_moves) {
    t.with(above_outside ? turn::above_restarts : turn::restarts, above + parallel_moves);
  } else {
    t.with(turn::above_restarts, above + inside);
    if (!above_outside) {
      t.with(turn::restarts, above + mixed).with(turn::above_moves, above + other_moves);
    }
  }
  return t;
}

/// Most steps of a level: two or three of each turn.
template <int Level>
inline constexpr int most_steps = Level == 0 ? 5 : 13;
inline constexpr int turn_count = 5;
/// Most runs in them: a step after its own tile has one, a first step three for each box before.
template <int Level>
inline constexpr int most_runs = Level == 0 ? 7 : 30;

/// The steps of the dimension that is not parallel.
template <int Level>
struct other_table {
  struct row {
    turn how;
    offset weight;
    unit_run<offset> run;
  };

  int count = 0;
  row rows[most_steps<Level>];
  unsigned of[turn_count] = {};  ///< by turn, as bits

  template <turn T>
  CUGAMMA_HD constexpr void
  even(int, offset weight, offset, offset, offset last, offset last_before, offset shift) {
    add<T>(weight, last, last_before, shift);
  }
  template <turn T, int Boxes>
  CUGAMMA_HD constexpr void first(int,
                                  offset weight,
                                  const tile_round<offset>&,
                                  const first_step<offset>& now,
                                  const past_box<offset> (&before)[Boxes]) {
    add<T>(weight, now.last, before[0].edge, before[0].shift);
  }

  CUGAMMA_HD constexpr unsigned matches(const pair_targets& t) const {
    unsigned found = 0;
    CUGAMMA_UNROLL
    for (int i = 0; i < turn_count; ++i) {
      if (t.of(static_cast<turn>(i)) != no_sum) found |= of[i];
    }
    return found;
  }

 private:
  template <turn T>
  CUGAMMA_HD constexpr void add(offset weight, offset now, offset before, offset shift) {
    if (weight <= offset(0)) return;
    of[static_cast<int>(T)] |= 1u << count;
    rows[count++] = {T, weight, run_of(offset(1), now, before, shift)};
  }
};

/// The steps of the dimension that may be parallel, those that make a pair with one of the other.
template <int Level, bool HasRuns>
struct parallel_table {
  struct row {
    pair_targets targets;
    unsigned matches;  ///< of the other dimension's steps, as bits
    offset weight;
    unit_run<offset> last;
    int first_run;  ///< the others' runs are from here to that of the next row
  };

  const other_table<Level>& other;
  bool own_outside;
  bool above_outside;
  int count = 0;
  int run_count = 0;
  unsigned with_runs = 0;  ///< rows of steps of more than one sub-cluster, as bits
  row rows[most_steps<Level> + 1];
  unit_run<offset> runs[HasRuns ? most_runs<Level> : 1];

  CUGAMMA_HD constexpr parallel_table(const other_table<Level>& other_steps,
                                      bool own_is_outside,
                                      bool above_is_outside)
      : other(other_steps), own_outside(own_is_outside), above_outside(above_is_outside) {}

  template <turn T>
  CUGAMMA_HD constexpr void even(int,
                                 offset weight,
                                 offset units,
                                 offset tile,
                                 offset edge,
                                 offset last_before,
                                 offset shift) {
    if (!begin_row<T>(weight)) return;
    put(0, run_of(units - offset(1), tile, tile, shift));
    end_row(run_of(offset(1), edge, last_before, shift));
  }
  template <turn T, int Boxes>
  CUGAMMA_HD constexpr void first(int,
                                  offset weight,
                                  const tile_round<offset>& round,
                                  const first_step<offset>& now,
                                  const past_box<offset> (&before)[Boxes]) {
    if (!begin_row<T>(weight)) return;
    if constexpr (HasRuns) {
      set_first_step(*this, round, now, before);
      end_row(last);
    } else {
      end_row(run_of(offset(1), now.last, before[0].edge, before[0].shift));
    }
  }

  /// For set_first_step.
  unit_run<offset> last;
  CUGAMMA_HD constexpr void put(int, const unit_run<offset>& run) {
    if (HasRuns && run.count > offset(0)) runs[run_count++] = run;
  }

 private:
  template <turn T>
  CUGAMMA_HD constexpr bool begin_row(offset weight) {
    const pair_targets targets = targets_of<T, Level>(own_outside, above_outside);
    const unsigned matches = other.matches(targets);
    if (weight <= offset(0) || matches == 0) return false;
    row& r = rows[count];
    r.targets = targets;
    r.matches = matches;
    r.weight = weight;
    r.first_run = run_count;
    return true;
  }
  CUGAMMA_HD constexpr void end_row(const unit_run<offset>& last_unit) {
    row& r = rows[count];
    r.last = last_unit;
    if (run_count > r.first_run) with_runs |= 1u << count;
    rows[++count].first_run = run_count;
  }
};

/// Sub-clusters of a step side by side.
struct run_range {
  const unit_run<offset>* runs;
  int count;
};

/// Rows that the sub-clusters of a step hold, and that none of them lacks; as lacking_runs counts
/// the latter, but in one direction: that which the first and the last sub-cluster allow.
template <class Rows, int MostRuns>
struct step_rows {
  const Rows& rows;
  offset tile;
  run_range parallel;  ///< all but the last one
  const unit_run<offset>& parallel_last;
  const unit_run<offset>& other;

  CUGAMMA_HD constexpr held_sums<offset> held() const {
    const held_tile<offset> first = rows.of(parallel.runs[0], other);
    const held_tile<offset> last = rows.of(parallel_last, other);
    const bool is_up = first.lacks_begin() && last.lacks_begin();
    const offset pitch = rows.pitch(tile), last_lack = last.rows - last.held;
    bool counts = (is_up || last.lacks_end()) && rows.are_one_piece(parallel_last, other);
    held_sums<offset> s{last.held, offset(0)};
    row_sweep<offset> sweep;
    if (!is_up) sweep.add_one(pitch + last.rows - first.rows, last_lack);
    for (int i = 0; i < parallel.count; ++i) {
      const unit_run<offset> run = parallel.runs[is_up ? i : parallel.count - 1 - i];
      const held_tile<offset> t = rows.of(run, other);
      s.by_units = s.by_units + run.count * t.held;
      counts =
          counts && (is_up ? t.lacks_begin() : t.lacks_end()) && rows.are_one_piece(run, other);
      sweep.add_many(run.count, t.rows - t.held, pitch);
    }
    if (s.by_units <= offset(0) || rows.are_apart(other)) {
      s.by_all = s.by_units;
    } else if (counts) {
      sweep.add_one(is_up ? last.rows : first.rows - pitch, is_up ? last_lack : offset(0));
      s.by_all = sweep.held;
    } else {
      s.by_all = counted_one_by_one();
    }
    return s;
  }

 private:
  CUGAMMA_HD constexpr offset counted_one_by_one() const {
    using whole = std::int32_t;
    const auto numbers = [](const unit_run<offset>& run) {
      return run_numbers<whole>{run.count.v, run.now.v, run.before().v, run.shift.v};
    };
    run_numbers<whole> runs[MostRuns + 1];
    for (int i = 0; i < parallel.count; ++i) runs[i] = numbers(parallel.runs[i]);
    runs[parallel.count] = numbers(parallel_last);
    return offset(rows_held_by_all<MostRuns + 1>(step_numbers<whole>{runs,
                                                                     parallel.count + 1,
                                                                     numbers(other),
                                                                     tile.v,
                                                                     rows.stride_number(),
                                                                     rows.is_by_filter(0)}));
  }
};

/// Calls f(row, other row) for all pairs of the rows that are given as bits. One loop, not two, so
/// that threads with few pairs of one row go on to the next.
template <int Level, bool HasRuns, class F>
CUGAMMA_HD constexpr void each_pair(const parallel_table<Level, HasRuns>& table,
                                    unsigned rows,
                                    F f) {
  int i = 0;
  unsigned matches = 0;
  while (matches != 0 || rows != 0) {
    if (matches == 0) {
      i = std::countr_zero(rows);
      rows &= rows - 1;
      matches = table.rows[i].matches;
    }
    f(i, table.other.rows[std::countr_zero(matches)]);
    matches &= matches - 1;
  }
}

/// Adds up the pairs of steps of a level.
template <int Level, bool HasRuns, class Rows>
CUGAMMA_HD constexpr void sum_tables(const Rows& rows,
                                     offset tile,
                                     const parallel_table<Level, HasRuns>& parallel,
                                     held_sums<offset> (&sums)[(Level + 1) * sums_of_loop]) {
  const unsigned all = (1u << parallel.count) - 1;
  each_pair(parallel, all & ~parallel.with_runs, [&](int i, const auto& o) {
    const auto& p = parallel.rows[i];
    const offset held = p.weight * o.weight * rows.of(p.last, o.run).held;
    held_sums<offset>& sum = sums[p.targets.of(o.how)];
    sum.by_units = sum.by_units + held;
    if (HasRuns) sum.by_all = sum.by_all + held;
  });
  if constexpr (HasRuns) {
    each_pair(parallel, parallel.with_runs, [&](int i, const auto& o) {
      const auto& p = parallel.rows[i];
      const run_range runs{parallel.runs + p.first_run,
                           parallel.rows[i + 1].first_run - p.first_run};
      const held_sums<offset> held =
          step_rows<Rows, 3 * (Level + 1)>{rows, tile, runs, p.last, o.run}.held();
      const offset weight = p.weight * o.weight;
      held_sums<offset>& sum = sums[p.targets.of(o.how)];
      sum.by_units = sum.by_units + weight * held.by_units;
      sum.by_all = sum.by_all + weight * held.by_all;
    });
  } else {
    for (held_sums<offset>& sum : sums) sum.by_all = sum.by_units;
  }
}

/// As sum_window of split_windows.hpp. HasRuns: whether the level may be parallel in one of the
/// window's dimensions.
template <int Level, bool HasRuns, class U, int Levels>
CUGAMMA_HD constexpr level_window<offset, Level> sum_window_by_tables(
    const window_of<offset, U, Levels>& w,
    bool has_unit_stride) {
  static_assert(Level < 2);
  const bool by_filter = HasRuns && w.by_filter[Level];
  const chain_of<offset> own = choose<offset>(by_filter, w.filter, w.outputs, Level + 1);
  const chain_of<offset> others = choose<offset>(by_filter, w.outputs, w.filter, Level + 1);
  const auto is_outside = [&](int level) { return w.outputs_are_outside[level] != by_filter; };
  other_table<Level> other;
  list_own_steps<Level>(others, other);
  if constexpr (Level > 0) list_steps_below<Level>(others, other);
  parallel_table<Level, HasRuns> parallel(other, is_outside(Level), is_outside(0));
  list_own_steps<Level>(own, parallel);
  if constexpr (Level > 0) list_steps_below<Level>(own, parallel);
  held_sums<offset> sums[(Level + 1) * sums_of_loop]{};
  const offset tile = own.tile[Level];
  if (has_unit_stride) {
    sum_tables(unit_stride_rows<offset>{}, tile, parallel, sums);
  } else {
    sum_tables(strided_rows<offset, U>{w.stride, by_filter}, tile, parallel, sums);
  }
  level_window<offset, Level> out;
  CUGAMMA_UNROLL
  for (int i = 0; i <= Level; ++i) {
    const held_sums<offset>* const s = sums + i * sums_of_loop;
    out.of[Level - i] = {
        i == 0 ? all_rows(w.outputs, w.filter, Level, offset(w.stride.value)) : sums[inside],
        s[mixed],
        s[inside],
        by_filter ? s[other_moves] : s[parallel_moves],
        by_filter ? s[parallel_moves] : s[other_moves]};
  }
  return out;
}

}  // namespace cugamma::exact::split
