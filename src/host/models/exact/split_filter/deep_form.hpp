#pragma once

#include "models/exact/chained/three_levels.hpp"
#include "models/exact/split_filter/split_form.hpp"

/// The exact model of mappings of three levels that may cut R and S or be parallel in them: as
/// split_form.hpp for two.
namespace cugamma::exact::split {

using chained::moves;
using chained::restarts;
using chained::same;
using chained::sums_of;

/// How three levels cut all dimensions, in which one each is parallel, and their loops.
template <class N>
struct deep_nest {
  chain_of<N> of[dims];
  mask_of<N> parallel[chained::three][dims];
  chained::three_orders<N, dims> order;
};

/// Whether a level or one above it cuts a dimension, in any lane.
template <class N>
CUGAMMA_HD constexpr bool is_cut(const chain_of<N>& c, int level) {
  auto is = c.cuts[0][0].tiles > N(1);
  for (int l = 1; l <= level; ++l) is = is | (c.cuts[l][0].tiles > N(1));
  return any_of(is);
}

/// The sums of a dimension of one step, which is there from before whatever turns.
template <class N>
CUGAMMA_HD constexpr void set_single_step(N of, int level, sums_of<N>& s) {
  s[same] = of;
  for (int l = 0; l <= level; ++l) {
    s[moves(l)] = N(0);
    s[restarts(l)] = of;
  }
}

/// The sums of a level of what is held and of steps, by dimension; those that it has use for.
template <class N>
struct deep_sums {
  sums_of<N> held[dims];  ///< of K, C, R and S
  sums_of<N> unit_steps[Y + 2];
  sums_of<N> group_steps[Y + 2];
  sums_of<N> outputs[dims];  ///< outputs that groups work on again; steps of groups for others

  template <class U, class Deep>
  CUGAMMA_HD constexpr deep_sums(const deep_nest<N>& n,
                                 const split_layer<U>& l,
                                 int level,
                                 const Deep& deep) {
    for (const int d : {K, C}) chained::sum_held_channels(n.of[d], level, deep, held[d]);
    for (const int d : {R, S}) {
      if (is_cut(n.of[d], level)) {
        chained::sum_held_channels(n.of[d], level, deep, held[d]);
        chained::sum_working_steps(n.of[d], level, outputs[d]);
      } else {
        set_single_step(n.of[d].length[0][0], level, held[d]);
        set_single_step(N(1), level, outputs[d]);
      }
    }
    for (const int d : {K, Y, X}) {
      chained::sum_steps(n.of[d], level, level, unit_steps[d]);
      chained::sum_steps(n.of[d], level, level - 1, group_steps[d]);
    }
    for (const int d : {K, C, Y, X}) {
      if (d == K || d == Y || d == X || (d == C && l.is_depthwise)) {
        chained::sum_kept_outputs(n.of[d], level, outputs[d]);
      } else {
        chained::sum_working_steps(n.of[d], level, outputs[d]);
      }
    }
  }
};

/// A level's traffic of the input. features: the steps of K.
template <int Level, class N>
CUGAMMA_HD constexpr wide_of<N> input_passing(const deep_nest<N>& n,
                                              const sums_of<N>& features,
                                              const sums_of<N>& channels,
                                              const level_window<N, Level> (&window)[2],
                                              N held_sums<N>::*of) {
  const auto turned = [](const sums_of<N>& s, int l) {
    return turned_dimension<N>{s[l == Level ? same : restarts(l + 1)], s[moves(l)], s[restarts(l)]};
  };
  const auto sums = [&](int l) {
    return input_sums<N>{turned(features, l),
                         turned(channels, l),
                         {&window[0].of[l], &window[1].of[l]}};
  };
  wide_of<N> total = needed_input(sums(Level), of);
  for (int l = 0; l <= Level; ++l) {
    total = total - held_input(n.order.outside[l], sums(l), of);
  }
  return total;
}

/// The sums of a level's window if that level and those above do not cut its filter. units, groups:
/// the steps of its outputs.
template <int Level, class N, class U, class Deep>
CUGAMMA_HD constexpr level_window<N, Level> sum_whole_window(const deep_nest<N>& n,
                                                             const split_layer<U>& l,
                                                             int axis,
                                                             const sums_of<N>& units,
                                                             const sums_of<N>& groups,
                                                             const Deep& deep) {
  sums_of<N> by_units, by_all;
  chained::sum_held_rows(n.of[Y + axis],
                         whole_grid<N>(l, axis),
                         Level,
                         units,
                         groups,
                         deep,
                         by_units,
                         by_all);
  const auto held = [&](int relation) {
    return held_sums<N>{by_units[relation], by_all[relation]};
  };
  level_window<N, Level> w;
  for (int loop = 0; loop <= Level; ++loop) {
    w.of[loop] = sums_of_outputs<N>(held(loop == Level ? same : restarts(loop + 1)),
                                    held(moves(loop)),
                                    held(restarts(loop)),
                                    n.order.outside[loop][Y + axis][R + axis]);
  }
  return w;
}

template <int Level, class N, class U>
CUGAMMA_HD constexpr level_window<N, Level> sum_cut_window(const deep_nest<N>& n,
                                                           const split_layer<U>& l,
                                                           int axis) {
  const int outputs = Y + axis, filter = R + axis;
  window_of<N, U, chained::three> w{n.of[outputs], n.of[filter], {}, {}, l.stride[axis]};
  for (int level = 0; level < chained::three; ++level) {
    w.by_filter[level] = n.parallel[level][filter];
    w.outputs_are_outside[level] = n.order.outside[level][outputs][filter];
  }
  return sum_window<Level>(w, l.has_unit_stride[axis]);
}

template <int Level, class N, class U, class Deep>
CUGAMMA_HD constexpr level_window<N, Level> sum_window(const deep_nest<N>& n,
                                                       const split_layer<U>& l,
                                                       int axis,
                                                       const deep_sums<N>& s,
                                                       const Deep& deep) {
  const int outputs = Y + axis;
  if (is_cut(n.of[R + axis], Level)) return sum_cut_window<Level>(n, l, axis);
  return sum_whole_window<Level>(n, l, axis, s.unit_steps[outputs], s.group_steps[outputs], deep);
}

/// What passes at a level.
template <int Level, class N, class U, class Deep>
CUGAMMA_HD constexpr chained::level_passing<wide_of<N>> passing_of(const deep_nest<N>& n,
                                                                   const split_layer<U>& l,
                                                                   const Deep& deep) {
  const deep_sums<N> s(n, l, Level, deep);
  const level_window<N, Level> window[2] = {sum_window<Level>(n, l, 0, s, deep),
                                            sum_window<Level>(n, l, 1, s, deep)};
  const auto filter = [&](const sums_of<N>& rows, const sums_of<N>& columns) {
    const N* const factors[] = {s.held[K], s.held[C], rows, columns, s.held[R], s.held[S]};
    return chained::detail::moving_elements<1u << Y | 1u << X>(n.order, Level, factors);
  };
  const N* const outputs[] =
      {s.outputs[K], s.outputs[C], s.outputs[Y], s.outputs[X], s.outputs[R], s.outputs[S]};
  constexpr unsigned of_outputs = 1u << C | 1u << R | 1u << S;
  return {input_passing(n, s.group_steps[K], s.held[C], window, &held_sums<N>::by_all) +
              filter(s.group_steps[Y], s.group_steps[X]),
          input_passing(n, s.unit_steps[K], s.held[C], window, &held_sums<N>::by_units) +
              filter(s.unit_steps[Y], s.unit_steps[X]),
          chained::detail::moving_elements<of_outputs>(n.order, Level, outputs)};
}

/// Figures of mappings that are legal, as closed_form. deep: as in held_sums.hpp.
template <class N, class U, class Deep>
CUGAMMA_HD constexpr closed_figures<wide_of<N>> deep_form(const deep_nest<N>& n,
                                                          const split_layer<U>& l,
                                                          const closed_accelerator<U>& a,
                                                          const Deep& deep) {
  closed_figures<wide_of<N>> f;
  chained::axis_lengths<N> lengths[dims];
  for (int d = 0; d < dims; ++d) lengths[d] = chained::lengths_of(n.of[d]);
  chained::set_sizes_and_runtime(lengths, l, N(1), a, f);
  const chained::level_passing<wide_of<N>> levels[] = {passing_of<0>(n, l, deep),
                                                       passing_of<1>(n, l, deep),
                                                       passing_of<2>(n, l, deep)};
  chained::set_traffic(levels, f);
  return f;
}

}  // namespace cugamma::exact::split
