#pragma once

#include <type_traits>

#include "models/exact/split_filter/deep_changes.hpp"
#include "models/exact/split_filter/held_pairs.hpp"

/// What a window of two dimensions, an output's and the filter's, contributes to the traffic of the
/// input: sums over pairs of their steps, for each way in which their loops turn.
namespace cugamma::exact::split {

enum : int { K, C, Y, X, R, S };
inline constexpr int dims = gene_dimension_count;

/// A layer as this form needs it. U is a plain number.
template <class U>
struct split_layer {
  U size[dims];  ///< of the output
  core::divisor<U> stride[2];
  bool has_unit_stride[2];
  bool is_depthwise;
};

template <class U>
constexpr split_layer<U> make_split_layer(const layer& l) {
  split_layer<U> s{};
  for (int d = 0; d < dims; ++d) {
    s.size[d] = static_cast<U>(output_size(l, static_cast<dimension>(d)));
  }
  const std::int32_t strides[2] = {l.stride_y, l.stride_x};
  for (int axis = 0; axis < 2; ++axis) {
    s.stride[axis] = core::make_divisor(static_cast<U>(strides[axis]));
    s.has_unit_stride[axis] = strides[axis] == 1;
  }
  s.is_depthwise = l.type == layer_type::dsconv;
  return s;
}

/// Sums by where the loops of a window stand as to the loop of some level that goes on.
template <class N>
struct turned_sums {
  held_sums<N> outside;       ///< both loops are outside that one
  held_sums<N> mixed;         ///< one is outside
  held_sums<N> inside;        ///< both start over
  held_sums<N> outputs_move;  ///< it is the outputs' loop
  held_sums<N> filter_moves;
};

/// A window's sums of a level, by the level of the loop that goes on.
template <class N, int Level>
struct level_window {
  turned_sums<N> of[Level + 1];
};

template <class N>
CUGAMMA_HD constexpr held_sums<N> select(mask_of<N> m,
                                         const held_sums<N>& a,
                                         const held_sums<N>& b) {
  return {select(m, a.by_units, b.by_units), select(m, a.by_all, b.by_all)};
}

/// How often a number of elements is worked on.
template <class N>
struct repeated {
  N times;
  N length;
};

/// Calls f(repeated) for a dimension's tiles at a level.
template <class N, class F>
CUGAMMA_HD constexpr void each_tile(const chain_of<N>& c, int level, F f) {
  for (int kind = 0; kind <= level + 1; ++kind) {
    f(repeated<N>{c.boxes[level + 1][kind], c.length[level + 1][kind]});
  }
}
/// And for what its sub-clusters work on together in a step.
template <class N, class F>
CUGAMMA_HD constexpr void each_group(const chain_of<N>& c, int level, F f) {
  const N one(1), round = c.units[level] * c.tile[level];
  N full(0);
  for (int kind = 0; kind <= level; ++kind) {
    const N boxes = c.boxes[level][kind], others = c.cuts[level][kind].steps - one;
    full = full + boxes * others;
    f(repeated<N>{boxes, c.length[level][kind] - others * round});
  }
  f(repeated<N>{full, round});
}

/// All rows of a level's steps together. outputs, filter: how a window's dimensions are cut.
template <class N>
CUGAMMA_HD constexpr held_sums<N> all_rows(const chain_of<N>& outputs,
                                           const chain_of<N>& filter,
                                           int level,
                                           N stride) {
  const N size = outputs.length[0][0];
  N units(0), groups(0);
  each_tile(outputs, level, [&](const repeated<N>& o) { units = units + o.times; });
  each_group(outputs, level, [&](const repeated<N>& o) { groups = groups + o.times; });
  const auto rows = [&](const repeated<N>& f, N steps) {
    return f.times * (size * min_of(f.length, stride) + steps * max_of(f.length - stride, N(0)));
  };
  held_sums<N> s{N(0), N(0)};
  each_tile(filter, level, [&](const repeated<N>& f) { s.by_units = s.by_units + rows(f, units); });
  each_group(filter, level, [&](const repeated<N>& f) { s.by_all = s.by_all + rows(f, groups); });
  return s;
}

/// Of both dimensions of a window the steps that a loop of theirs goes on before, that it starts
/// over before, and those of which it is outside the loop that goes on.
template <class Outside, class Move, class Inside>
struct turned_steps {
  const Outside& outside;
  const Move& move;
  const Inside& inside;
};

/// Sums over pairs of a level's steps. One dimension is that which may be parallel.
template <class N, class Rows, class Parallel, class Other>
CUGAMMA_HD constexpr turned_sums<N> sum_pairs(const pair_counter<N, Rows>& pairs,
                                              const Parallel& parallel,
                                              const Other& other,
                                              mask_of<N> parallel_is_outside,
                                              mask_of<N> by_filter,
                                              const held_sums<N>& outside) {
  const auto mixed = choose<N>(parallel_is_outside, parallel.outside, parallel.inside);
  const auto other_mixed = choose<N>(parallel_is_outside, other.inside, other.outside);
  const held_sums<N> parallel_moves = pairs.sum(parallel.move, other_mixed);
  const held_sums<N> other_moves = pairs.sum(mixed, other.move);
  return {outside,
          pairs.sum(mixed, other_mixed),
          pairs.sum(parallel.inside, other.inside),
          select(by_filter, other_moves, parallel_moves),
          select(by_filter, parallel_moves, other_moves)};
}

/// In each lane one of two dimensions, as far as its first levels.
template <class N>
CUGAMMA_HD constexpr chain_of<N> choose(mask_of<N> m,
                                        const chain_of<N>& a,
                                        const chain_of<N>& b,
                                        int levels) {
  const auto mix = [&](N x, N y) { return select(m, x, y); };
  chain_of<N> out;
  for (int level = 0; level < levels; ++level) {
    out.tile[level] = mix(a.tile[level], b.tile[level]);
    out.units[level] = mix(a.units[level], b.units[level]);
    for (int kind = 0; kind <= level; ++kind) {
      const cut<N>&x = a.cuts[level][kind], &y = b.cuts[level][kind];
      out.cuts[level][kind] = {mix(x.tiles, y.tiles),
                               mix(x.steps, y.steps),
                               mix(x.active, y.active),
                               mix(x.first, y.first),
                               mix(x.edge, y.edge)};
      out.boxes[level][kind] = mix(a.boxes[level][kind], b.boxes[level][kind]);
      out.length[level][kind] = mix(a.length[level][kind], b.length[level][kind]);
    }
  }
  return out;
}

/// A window: how its dimensions are cut, and which loops are outside which.
template <class N, class U, int Levels>
struct window_of {
  const chain_of<N>& outputs;
  const chain_of<N>& filter;
  mask_of<N> by_filter[Levels];  ///< whether a level is parallel in the filter's dimension
  mask_of<N> outputs_are_outside[Levels];  ///< whether in its order the outputs' loop is outside
  const core::divisor<U>& stride;
};

/// Sums the pairs of a level.
template <int Level, class N, class U, int Levels, class Rows>
struct window_counter {
  const window_of<N, U, Levels>& w;
  const Rows& rows;

  CUGAMMA_HD constexpr level_window<N, Level> sums() const {
    const auto by_filter = w.by_filter[Level];
    if (!any_of(by_filter)) return sums_of(w.outputs, w.filter);
    if (!any_of(!by_filter)) return sums_of(w.filter, w.outputs);
    return sums_of(choose<N>(by_filter, w.filter, w.outputs, Level + 1),
                   choose<N>(by_filter, w.outputs, w.filter, Level + 1));
  }

 private:
  /// parallel: the dimension that may be parallel.
  CUGAMMA_HD constexpr level_window<N, Level> sums_of(const chain_of<N>& parallel,
                                                      const chain_of<N>& other) const {
    return any_of(parallel.units[Level] > N(1)) ? sums_of_runs<3 * (Level + 1)>(parallel, other)
                                                : sums_of_runs<0>(parallel, other);
  }

  template <int Runs>
  CUGAMMA_HD constexpr level_window<N, Level> sums_of_runs(const chain_of<N>& parallel,
                                                           const chain_of<N>& other) const {
    level_window<N, Level> out;
    const pair_counter<N, Rows> pairs{rows, parallel.tile[Level]};
    const auto add = [&](int loop, const auto& p, const auto& o, const held_sums<N>& outside) {
      const auto is_outside = w.outputs_are_outside[loop];
      const auto by_filter = w.by_filter[Level];
      out.of[loop] = sum_pairs(pairs,
                               p,
                               o,
                               (by_filter & (!is_outside)) | ((!by_filter) & is_outside),
                               by_filter,
                               outside);
    };
    const own_changes<N, Level, Runs> p(parallel);
    const own_changes<N, Level, 0> o(other);
    add(Level,
        turned_steps{p.same, p.moves, p.restarts},
        turned_steps{o.same, o.moves, o.restarts},
        all_rows(w.outputs, w.filter, Level, N(w.stride.value)));
    if constexpr (Level > 0) {
      const above_changes<N, Level, Runs> p_above(parallel);
      const above_changes<N, Level, 0> o_above(other);
      add(Level - 1,
          turned_steps{p.restarts, p_above.moves, p_above.restarts},
          turned_steps{o.restarts, o_above.moves, o_above.restarts},
          out.of[Level].inside);
      if constexpr (Level > 1) {
        const deep_changes<N, Runs> p_deep(parallel);
        const deep_changes<N, 0> o_deep(other);
        add(0,
            turned_steps{p_above.restarts, p_deep.moves, p_deep.restarts},
            turned_steps{o_above.restarts, o_deep.moves, o_deep.restarts},
            out.of[1].inside);
      }
    }
    return out;
  }
};

template <int Level, class N, class U, int Levels>
CUGAMMA_HD constexpr level_window<N, Level> sum_window(const window_of<N, U, Levels>& w,
                                                       bool has_unit_stride) {
  if (has_unit_stride) {
    const unit_stride_rows<N> rows;
    return window_counter<Level, N, U, Levels, unit_stride_rows<N>>{w, rows}.sums();
  }
  const strided_rows<N, U> rows{w.stride, w.by_filter[Level]};
  return window_counter<Level, N, U, Levels, strided_rows<N, U>>{w, rows}.sums();
}

}  // namespace cugamma::exact::split
