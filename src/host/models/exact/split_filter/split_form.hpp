#pragma once

#include "models/exact/closed/closed_form.hpp"
#include "models/exact/split_filter/split_windows.hpp"

/// The exact model of mappings of two levels that may cut R and S or be parallel in them, without a
/// loop over steps or sub-clusters: traffic, and the runtime where no NoC makes a step wait. N as
/// in tile_changes.hpp.
namespace cugamma::exact::split {

/// The cuts and loops of a mapping of two levels that may cut any dimension.
template <class N>
using split_nest = exact::detail::cut_nest<N, dims>;
template <class N>
using split_loops = exact::detail::loop_order<N, dims>;

/// What a window adds to both levels.
template <class N>
struct split_window {
  level_window<N, 0> outer;
  level_window<N, 1> inner;
};

/// Elements of a box.
template <class W, class N, class U>
CUGAMMA_HD constexpr exact::detail::box_elements<W> elements_of(const split_layer<U>& l,
                                                                const N (&length)[dims]) {
  const auto rows = [&](int axis) {
    const N filter = length[R + axis], each = min_of(N(l.stride[axis].value), filter);
    return W(length[Y + axis] * each + filter - each);
  };
  const W outputs = W(length[Y]) * W(length[X]);
  return {W(length[C]) * rows(0) * rows(1),
          W(length[K]) * W(length[C]) * W(length[R]) * W(length[S]),
          (l.is_depthwise ? W(length[C]) : W(length[K])) * outputs};
}

/// The sums of a dimension by where its loop stands as to the one that goes on.
template <class N>
struct turned_dimension {
  N outside;
  N moves;
  N inside;
};

/// The sums of the input's dimensions, of steps before which a loop of one level goes on.
template <class N>
struct input_sums {
  turned_dimension<N> features;     ///< K
  turned_dimension<N> channels;     ///< C
  const turned_sums<N>* window[2];  ///< of rows and of columns
};

/// Elements of the input that are there from the step before. outside: whether the loop of the
/// first of two dimensions is outside that of the second; of: whether by units or by all.
template <class N>
CUGAMMA_HD constexpr wide_of<N> held_input(const mask_of<N> (&outside)[dims][dims],
                                           const input_sums<N>& s,
                                           N held_sums<N>::*of) {
  using W = wide_of<N>;
  const auto at = [&](int d, int mover, const turned_dimension<N>& t) {
    return W(select(outside[d][mover], t.outside, t.inside));
  };
  const auto window_at = [&](int axis, int mover) {
    const auto outputs = outside[Y + axis][mover], filter = outside[R + axis][mover];
    const turned_sums<N>& t = *s.window[axis];
    return W(select(outputs & filter,
                    t.outside.*of,
                    select(outputs | filter, t.mixed.*of, t.inside.*of)));
  };
  W total = W(s.features.moves) * at(C, K, s.channels) * window_at(0, K) * window_at(1, K);
  for (int axis = 0; axis < 2; ++axis) {
    const auto add = [&](int mover, N moved) {
      total = total + at(K, mover, s.features) * at(C, mover, s.channels) * W(moved) *
                          window_at(1 - axis, mover);
    };
    add(Y + axis, s.window[axis]->outputs_move.*of);
    add(R + axis, s.window[axis]->filter_moves.*of);
  }
  return total;
}

/// A level's part of the input's traffic: all that its steps need, less what is there already.
template <class N>
CUGAMMA_HD constexpr wide_of<N> needed_input(const input_sums<N>& s, N held_sums<N>::*of) {
  using W = wide_of<N>;
  return W(s.features.outside) * W(s.channels.outside) * W(s.window[0]->outside.*of) *
         W(s.window[1]->outside.*of);
}

/// Of what the input's traffic at both levels is made.
template <class N>
struct input_levels {
  input_sums<N> outer, inner, under_outer;

  CUGAMMA_HD constexpr input_levels(const dimension_sums<N>& features,
                                    const dimension_sums<N>& channels,
                                    const split_window<N> (&window)[2])
      : outer{outer_of(features),
              outer_of(channels),
              {&window[0].outer.of[0], &window[1].outer.of[0]}},
        inner{inner_of(features),
              inner_of(channels),
              {&window[0].inner.of[1], &window[1].inner.of[1]}},
        under_outer{under_outer_of(features),
                    under_outer_of(channels),
                    {&window[0].inner.of[0], &window[1].inner.of[0]}} {}

  /// Of each level, with the loops of that level and of those above.
  CUGAMMA_HD constexpr wide_of<N> outer_traffic(const split_loops<N>& outer_loops,
                                                N held_sums<N>::*of) const {
    return needed_input(outer, of) - held_input(outer_loops.outside, outer, of);
  }
  CUGAMMA_HD constexpr wide_of<N> inner_traffic(const split_loops<N>& outer_loops,
                                                const split_loops<N>& inner_loops,
                                                N held_sums<N>::*of) const {
    return needed_input(inner, of) - held_input(inner_loops.outside, inner, of) -
           held_input(outer_loops.outside, under_outer, of);
  }

 private:
  CUGAMMA_HD static constexpr turned_dimension<N> outer_of(const dimension_sums<N>& s) {
    return {s.outer.same, s.outer.moves, s.outer.restarts};
  }
  CUGAMMA_HD static constexpr turned_dimension<N> inner_of(const dimension_sums<N>& s) {
    return {s.inner.same, s.inner.moves, s.inner.restarts};
  }
  CUGAMMA_HD static constexpr turned_dimension<N> under_outer_of(const dimension_sums<N>& s) {
    return {s.inner.restarts, s.inner.outer_moves, s.inner.outer_restarts};
  }
};

template <class N>
CUGAMMA_HD constexpr exact::detail::tensor_traffic<wide_of<N>> input_traffic(
    const split_nest<N>& n,
    const split_window<N> (&window)[2]) {
  const dimension_sums<N> channels = held_channels(n.cuts[C]);
  const input_levels<N> by_groups(group_steps(n.cuts[K]), channels, window);
  const input_levels<N> by_units(unit_steps(n.cuts[K]), channels, window);
  return {by_groups.outer_traffic(n.outer, &held_sums<N>::by_all),
          by_units.outer_traffic(n.outer, &held_sums<N>::by_units),
          by_groups.inner_traffic(n.outer, n.inner, &held_sums<N>::by_all),
          by_units.inner_traffic(n.outer, n.inner, &held_sums<N>::by_units)};
}

template <class N>
CUGAMMA_HD constexpr exact::detail::tensor_traffic<wide_of<N>> filter_traffic(
    const split_nest<N>& n) {
  exact::detail::tensor_sums<N, dims> by_groups, by_units;
  for (const int d : {K, C, R, S}) {
    const dimension_sums<N> held = held_channels(n.cuts[d]);
    by_groups.put(d, held);
    by_units.put(d, held);
  }
  for (const int d : {Y, X}) {
    by_groups.put(d, group_steps(n.cuts[d]));
    by_units.put(d, unit_steps(n.cuts[d]));
  }
  return exact::detail::traffic_of<1u << Y | 1u << X>(n, by_groups, by_units);
}

template <class N, class U>
CUGAMMA_HD constexpr exact::detail::output_traffic<wide_of<N>> outputs_of(const split_nest<N>& n,
                                                                          const split_layer<U>& l) {
  exact::detail::tensor_sums<N, dims> s;
  for (const int d : {K, Y, X}) s.put(d, kept_outputs(n.cuts[d]));
  for (const int d : {R, S}) s.put(d, working_steps(n.cuts[d]));
  s.put(C, l.is_depthwise ? kept_outputs(n.cuts[C]) : working_steps(n.cuts[C]));
  constexpr unsigned movers = 1u << C | 1u << R | 1u << S;
  return {exact::detail::outer_traffic<movers>(n.outer, s),
          exact::detail::inner_traffic<movers>(n.outer, n.inner, s)};
}

/// A dimension of two levels as one of any. A third level is left open: nothing reads it.
template <class N>
CUGAMMA_HD constexpr void set_chain(const two_cuts<N>& from, chain_of<N>& c) {
  const N one(1);
  for (int level = 0; level < 2; ++level) {
    c.tile[level] = from.tile[level];
    c.units[level] = from.units[level];
  }
  c.cuts[0][0] = from.outer;
  c.cuts[1][0] = from.whole;
  c.cuts[1][1] = from.edge;
  c.length[0][0] = from.size;
  c.length[1][0] = from.tile[0];
  c.length[1][1] = from.outer.edge;
  c.length[2][0] = from.tile[1];
  c.length[2][1] = from.whole.edge;
  c.length[2][2] = from.edge.edge;
  c.boxes[0][0] = c.boxes[1][1] = c.boxes[2][2] = one;
  c.boxes[1][0] = c.boxes[2][1] = from.whole_boxes;
  c.boxes[2][0] = from.whole_boxes * (from.whole.tiles - one) + from.edge.tiles - one;
}

/// The sums of a window whose filter is one step: its loop never goes on, and whatever turns, the
/// filter is there from before. same, moves, restarts: of the outputs' loop
template <class N>
CUGAMMA_HD constexpr turned_sums<N> sums_of_outputs(const held_sums<N>& same,
                                                    const held_sums<N>& moves,
                                                    const held_sums<N>& restarts,
                                                    mask_of<N> outputs_are_outside) {
  return {same, select<N>(outputs_are_outside, same, restarts), restarts, moves, {N(0), N(0)}};
}

/// The same of level 0. units, all: what sub-clusters hold, and what none lacks
template <class N>
CUGAMMA_HD constexpr level_window<N, 0> sums_of_outputs(const outer_sums<N>& units,
                                                        const outer_sums<N>& all,
                                                        mask_of<N> outputs_are_outside) {
  return {{sums_of_outputs<N>({units.same, all.same},
                              {units.moves, all.moves},
                              {units.restarts, all.restarts},
                              outputs_are_outside)}};
}

/// The rows of a window whose filter is whole.
template <class N, class U>
CUGAMMA_HD constexpr row_grid<N> whole_grid(const split_layer<U>& l, int axis) {
  const N length(l.size[R + axis]), each = min_of(N(l.stride[axis].value), length);
  return {each, length - each};
}

/// The sums of level 0 if it does not cut the window's filter.
template <class N, class U>
CUGAMMA_HD constexpr level_window<N, 0> sum_whole_above(const split_nest<N>& n,
                                                        const split_layer<U>& l,
                                                        int axis) {
  const auto rows = sum_outer_rows(n.cuts[Y + axis], whole_grid<N>(l, axis));
  return sums_of_outputs<N>(rows.by_units, rows.by_all, n.outer.outside[Y + axis][R + axis]);
}

/// The sums of a window whose filter no level cuts.
template <class N, class U>
CUGAMMA_HD constexpr split_window<N> sum_whole_window(const split_nest<N>& n,
                                                      const split_layer<U>& l,
                                                      int axis) {
  const int outputs = Y + axis, filter = R + axis;
  const held_rows<N> rows = sum_rows(n.cuts[outputs], whole_grid<N>(l, axis));
  const auto above = n.outer.outside[outputs][filter], own = n.inner.outside[outputs][filter];
  const auto held = [](N of_units, N of_all) { return held_sums<N>{of_units, of_all}; };
  const inner_sums<N>&units = rows.by_units.inner, &all = rows.by_all.inner;
  const held_sums<N> restarts = held(units.restarts, all.restarts);
  split_window<N> w;
  w.outer = sums_of_outputs<N>(rows.by_units.outer, rows.by_all.outer, above);
  w.inner.of[1] =
      sums_of_outputs<N>(held(units.same, all.same), held(units.moves, all.moves), restarts, own);
  w.inner.of[0] = sums_of_outputs<N>(restarts,
                                     held(units.outer_moves, all.outer_moves),
                                     held(units.outer_restarts, all.outer_restarts),
                                     above);
  return w;
}

template <class N, class U>
CUGAMMA_HD constexpr split_window<N> sum_window(const split_nest<N>& n,
                                                const core::two_level_genes<N, dims>& g,
                                                const split_layer<U>& l,
                                                int axis) {
  const int outputs = Y + axis, filter = R + axis;
  const bool is_whole_above = !any_of(n.cuts[filter].outer.tiles > N(1));
  if (is_whole_above && !any_of(n.cuts[filter].whole.tiles > N(1))) {
    return sum_whole_window(n, l, axis);
  }
  chain_of<N> of_outputs, of_filter;
  set_chain(n.cuts[outputs], of_outputs);
  set_chain(n.cuts[filter], of_filter);
  const window_of<N, U, 2> w{of_outputs,
                             of_filter,
                             {g.spatial[0][filter], g.spatial[1][filter]},
                             {n.outer.outside[outputs][filter], n.inner.outside[outputs][filter]},
                             l.stride[axis]};
  const bool has_unit_stride = l.has_unit_stride[axis];
  return {is_whole_above ? sum_whole_above(n, l, axis) : sum_window<0>(w, has_unit_stride),
          sum_window<1>(w, has_unit_stride)};
}

/// Figures of mappings that are legal, as closed_form.
template <class N, class U>
CUGAMMA_HD constexpr closed_figures<wide_of<N>> split_form(const core::two_level_genes<N, dims>& g,
                                                           const split_layer<U>& l,
                                                           const closed_accelerator<U>& a) {
  const split_nest<N> n = exact::detail::cut_dimensions(g, l.size);
  closed_figures<wide_of<N>> f;
  exact::detail::set_sizes_and_runtime(n.cuts, l, N(1), a, f);
  const split_window<N> window[2] = {sum_window(n, g, l, 0), sum_window(n, g, l, 1)};
  const auto input = input_traffic(n, window);
  const auto filter = filter_traffic(n);
  const auto outputs = outputs_of(n, l);
  f.l1_fills = input.pe_fills + filter.pe_fills;
  f.l2_traffic = input.reads + filter.reads + outputs.outer + outputs.outer;
  f.cluster_traffic = input.fills + input.cluster_reads + filter.fills + filter.cluster_reads +
                      outputs.inner + outputs.inner;
  return f;
}

}  // namespace cugamma::exact::split
