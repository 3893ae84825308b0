#pragma once

#include <type_traits>

#include "models/exact/closed/closed_form.hpp"
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

/// The cuts and loops of a mapping that may cut any dimension.
template <class N>
using split_nest = exact::detail::cut_nest<N, dims>;

/// Sums by where the loops of a window stand as to the loop of some level that goes on.
template <class N>
struct turned_sums {
  held_sums<N> outside;       ///< both loops are outside that one
  held_sums<N> mixed;         ///< one is outside
  held_sums<N> inside;        ///< both start over
  held_sums<N> outputs_move;  ///< it is the outputs' loop
  held_sums<N> filter_moves;
};

template <class N>
struct split_window {
  turned_sums<N> outer;        ///< of level 0
  turned_sums<N> inner;        ///< of level 1, whose own loop goes on
  turned_sums<N> under_outer;  ///< of level 1, where one of level 0 goes on
};

template <class N>
CUGAMMA_HD constexpr held_sums<N> select(mask_of<N> m,
                                         const held_sums<N>& a,
                                         const held_sums<N>& b) {
  return {select(m, a.by_units, b.by_units), select(m, a.by_all, b.by_all)};
}

/// Elements of a window's tiles at one level, all steps together.
template <class N>
struct window_steps {
  N size;
  N units;   ///< steps of sub-clusters
  N groups;  ///< steps of groups
};

template <class N>
CUGAMMA_HD constexpr window_steps<N> steps_of(const two_cuts<N>& c, int level) {
  const dimension_sums<N> units = unit_steps(c), groups = group_steps(c);
  return level == 0 ? window_steps<N>{c.size, units.outer.same, groups.outer.same}
                    : window_steps<N>{c.size, units.inner.same, groups.inner.same};
}

/// All rows of windows that are next to one another: those of o outputs and f filter rows are
/// o + f - 1.
template <class N>
CUGAMMA_HD constexpr held_sums<N> all_rows(const window_steps<N>& o, const window_steps<N>& f) {
  return {o.size * f.units + f.size * o.units - o.units * f.units,
          o.size * f.groups + f.size * o.groups - o.groups * f.groups};
}

/// All rows of strided windows. filter: the steps of the filter's dimension.
template <class N>
CUGAMMA_HD constexpr held_sums<N> all_rows(const window_steps<N>& o,
                                           const step_list<N>& filter,
                                           N stride) {
  const auto rows = [&](N tile, N outputs_steps) {
    return o.size * min_of(tile, stride) + outputs_steps * max_of(tile - stride, N(0));
  };
  held_sums<N> s;
  for (int i = 0; i < step_list<N>::most; ++i) {
    if ((filter.used >> i & 1) == 0) continue;
    const alike_steps<N>& f = filter.steps[i];
    N by_units = rows(f.last.now, o.units), length = f.last.now;
    if ((f.used & 1) != 0) {  // the steps that no loop turns before have one run
      by_units = by_units + f.runs[0].count * rows(f.runs[0].now, o.units);
      length = length + f.runs[0].count * f.runs[0].now;
    }
    s.by_units = s.by_units + f.weight * by_units;
    s.by_all = s.by_all + f.weight * rows(length, o.groups);
  }
  return s;
}

/// Of both dimensions of a window the steps that a loop of theirs goes on before, that it starts
/// over before, and those of which it is outside the loop that goes on.
template <class N>
struct turned_steps {
  const step_list<N>& outside;
  const step_list<N>& move;
  const step_list<N>& inside;
};

/// Sums over pairs of a level's steps. One dimension is that which may be parallel.
template <class N, class Rows>
CUGAMMA_HD constexpr turned_sums<N> sum_pairs(const pair_counter<N, Rows>& pairs,
                                              const turned_steps<N>& parallel,
                                              const turned_steps<N>& other,
                                              mask_of<N> parallel_is_outside,
                                              mask_of<N> by_filter,
                                              const held_sums<N>& outside) {
  step_list<N> space[2];
  const step_list<N>& mixed =
      chosen<N>(parallel_is_outside, parallel.outside, parallel.inside, space[0]);
  const step_list<N>& other_mixed =
      chosen<N>(parallel_is_outside, other.inside, other.outside, space[1]);
  const held_sums<N> parallel_moves = pairs.sum(parallel.move, other_mixed);
  const held_sums<N> other_moves = pairs.sum(mixed, other.move);
  return {outside,
          pairs.sum(mixed, other_mixed),
          pairs.sum(parallel.inside, other.inside),
          select(by_filter, other_moves, parallel_moves),
          select(by_filter, parallel_moves, other_moves)};
}

template <class N, class Rows, class U>
struct window_counter {
  const split_nest<N>& n;
  const split_layer<U>& l;
  int axis;
  const mask_of<N> (&by_filter)[2];  ///< whether a level is parallel in the filter's dimension
  mask_of<N>& unknown;

  CUGAMMA_HD constexpr split_window<N> sums() const {
    split_window<N> w;
    add_outer(w);
    add_inner(w);
    return w;
  }

 private:
  CUGAMMA_HD constexpr const two_cuts<N>& outputs() const { return n.cuts[Y + axis]; }
  CUGAMMA_HD constexpr const two_cuts<N>& filter() const { return n.cuts[R + axis]; }

  /// Whether in an order the loop of the dimension that may be parallel is outside the other one's.
  CUGAMMA_HD constexpr mask_of<N> parallel_is_outside(
      const exact::detail::loop_order<N, dims>& order,
      int level) const {
    const auto outside = order.outside[Y + axis][R + axis];
    return (by_filter[level] & (!outside)) | ((!by_filter[level]) & outside);
  }

  CUGAMMA_HD constexpr Rows rows_of(int level) const {
    if constexpr (std::is_same_v<Rows, unit_stride_rows<N>>) {
      return {};
    } else {
      return {l.stride[axis], by_filter[level]};
    }
  }

  CUGAMMA_HD constexpr held_sums<N> all(int level,
                                        const step_list<N>& parallel,
                                        const step_list<N>& other) const {
    const window_steps<N> o = steps_of(outputs(), level);
    if constexpr (std::is_same_v<Rows, unit_stride_rows<N>>) {
      return all_rows(o, steps_of(filter(), level));
    } else {
      step_list<N> space;
      return all_rows(o,
                      chosen<N>(by_filter[level], parallel, other, space),
                      N(l.stride[axis].value));
    }
  }

  CUGAMMA_HD constexpr void add_outer(split_window<N>& w) const {
    two_cuts<N> space[2];
    const two_cuts<N>& parallel = chosen<N>(by_filter[0], filter(), outputs(), space[0]);
    const two_cuts<N>& other = chosen<N>(by_filter[0], outputs(), filter(), space[1]);
    const own_changes<N> p = outer_changes(parallel), o = outer_changes(other);
    const Rows rows = rows_of(0);
    w.outer = sum_pairs(pair_counter<N, Rows>{rows, parallel.tile[0], unknown},
                        turned_steps<N>{p.same, p.moves, p.restarts},
                        turned_steps<N>{o.same, o.moves, o.restarts},
                        parallel_is_outside(n.outer, 0),
                        by_filter[0],
                        all(0, p.same, o.same));
  }

  CUGAMMA_HD constexpr void add_inner(split_window<N>& w) const {
    two_cuts<N> space[2];
    const two_cuts<N>& parallel = chosen<N>(by_filter[1], filter(), outputs(), space[0]);
    const two_cuts<N>& other = chosen<N>(by_filter[1], outputs(), filter(), space[1]);
    const own_changes<N> p = inner_changes(parallel), o = inner_changes(other);
    const Rows rows = rows_of(1);
    const pair_counter<N, Rows> pairs{rows, parallel.tile[1], unknown};
    w.inner = sum_pairs(pairs,
                        turned_steps<N>{p.same, p.moves, p.restarts},
                        turned_steps<N>{o.same, o.moves, o.restarts},
                        parallel_is_outside(n.inner, 1),
                        by_filter[1],
                        all(1, p.same, o.same));
    const above_changes<N> from_p = changes_from_above(parallel),
                           from_o = changes_from_above(other);
    w.under_outer = sum_pairs(pairs,
                              turned_steps<N>{p.restarts, from_p.moves, from_p.restarts},
                              turned_steps<N>{o.restarts, from_o.moves, from_o.restarts},
                              parallel_is_outside(n.outer, 1),
                              by_filter[1],
                              w.inner.inside);
  }
};

/// unknown: set in lanes whose sums are not of use.
template <class N, class U>
CUGAMMA_HD constexpr split_window<N> sum_window(const split_nest<N>& n,
                                                const split_layer<U>& l,
                                                int axis,
                                                const mask_of<N> (&by_filter)[2],
                                                mask_of<N>& unknown) {
  if (l.has_unit_stride[axis]) {
    return window_counter<N, unit_stride_rows<N>, U>{n, l, axis, by_filter, unknown}.sums();
  }
  return window_counter<N, strided_rows<N, U>, U>{n, l, axis, by_filter, unknown}.sums();
}

}  // namespace cugamma::exact::split
