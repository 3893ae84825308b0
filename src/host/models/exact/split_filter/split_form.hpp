#pragma once

#include "models/exact/split_filter/split_windows.hpp"

/// The exact model of mappings of two levels that may cut R and S or be parallel in them, without a
/// loop over steps or sub-clusters: traffic, and the runtime where no NoC makes a step wait. N as
/// in tile_changes.hpp.
namespace cugamma::exact::split {

template <class N>
struct split_figures {
  closed_figures<wide_of<N>> all;
  mask_of<N> is_traffic_known;  ///< else this form has none of the mapping's traffic
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

/// Elements of the input that are there from the step before. of: whether by units or by all.
template <class N>
CUGAMMA_HD constexpr wide_of<N> held_input(const exact::detail::loop_order<N, dims>& order,
                                           const input_sums<N>& s,
                                           N held_sums<N>::*of) {
  using W = wide_of<N>;
  const auto at = [&](int d, int mover, const turned_dimension<N>& t) {
    return W(select(order.outside[d][mover], t.outside, t.inside));
  };
  const auto window_at = [&](int axis, int mover) {
    const auto outputs = order.outside[Y + axis][mover], filter = order.outside[R + axis][mover];
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
      : outer{outer_of(features), outer_of(channels), {&window[0].outer, &window[1].outer}},
        inner{inner_of(features), inner_of(channels), {&window[0].inner, &window[1].inner}},
        under_outer{under_outer_of(features),
                    under_outer_of(channels),
                    {&window[0].under_outer, &window[1].under_outer}} {}

  CUGAMMA_HD constexpr wide_of<N> outer_traffic(const split_nest<N>& n, N held_sums<N>::*of) const {
    return needed_input(outer, of) - held_input(n.outer, outer, of);
  }
  CUGAMMA_HD constexpr wide_of<N> inner_traffic(const split_nest<N>& n, N held_sums<N>::*of) const {
    return needed_input(inner, of) - held_input(n.inner, inner, of) -
           held_input(n.outer, under_outer, of);
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
  return {by_groups.outer_traffic(n, &held_sums<N>::by_all),
          by_units.outer_traffic(n, &held_sums<N>::by_units),
          by_groups.inner_traffic(n, &held_sums<N>::by_all),
          by_units.inner_traffic(n, &held_sums<N>::by_units)};
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

/// Figures of mappings that are legal, as closed_form.
template <class N, class U>
CUGAMMA_HD constexpr split_figures<N> split_form(const core::two_level_genes<N, dims>& g,
                                                 const split_layer<U>& l,
                                                 const closed_accelerator<U>& a) {
  const split_nest<N> n = exact::detail::cut_dimensions(g, l.size);
  split_figures<N> f;
  exact::detail::set_sizes_and_runtime(n.cuts, l, N(1), a, f.all);
  auto unknown = N(1) < N(0);
  const mask_of<N> by_rows[2] = {g.spatial[0][R], g.spatial[1][R]},
                   by_columns[2] = {g.spatial[0][S], g.spatial[1][S]};
  const split_window<N> window[2] = {sum_window(n, l, 0, by_rows, unknown),
                                     sum_window(n, l, 1, by_columns, unknown)};
  f.is_traffic_known = !unknown;
  const auto input = input_traffic(n, window);
  const auto filter = filter_traffic(n);
  const auto outputs = outputs_of(n, l);
  f.all.l1_fills = input.pe_fills + filter.pe_fills;
  f.all.l2_traffic = input.reads + filter.reads + outputs.outer + outputs.outer;
  f.all.cluster_traffic = input.fills + input.cluster_reads + filter.fills + filter.cluster_reads +
                          outputs.inner + outputs.inner;
  return f;
}

}  // namespace cugamma::exact::split
