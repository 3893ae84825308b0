#pragma once

#include "models/exact/chained/level_sums.hpp"
#include "models/exact/chained/wide_runtime.hpp"
#include "models/exact/closed/closed_form.hpp"

/// The closed form of three levels that leave the filter whole: as closed_form.hpp for two, without
/// a branch but where sub-clusters must be looked at one by one. N as in two_level.hpp.
namespace cugamma::exact::chained {

inline constexpr int three = most_levels;

/// The loops of a nest: [level][a][b]: that of a is outside that of b.
template <class N, int Dims = whole_dims>
struct three_orders {
  mask_of<N> outside[three][Dims][Dims];

  CUGAMMA_HD constexpr void set(int level, const N (&position)[Dims]) {
    for (int a = 0; a < Dims; ++a) {
      for (int b = 0; b < Dims; ++b) outside[level][a][b] = position[a] < position[b];
    }
  }
};

namespace detail {

/// What passes of a tensor at a level, as moving_elements of traffic.hpp.
template <unsigned Movers, class N, int Dims>
CUGAMMA_HD constexpr wide_of<N> moving_elements(const three_orders<N, Dims>& order,
                                                int level,
                                                const N* const (&f)[Dims]) {
  using W = wide_of<N>;
  W total(f[0][same]);
  for (int d = 1; d < Dims; ++d) total = total * W(f[d][same]);
  for (int l = 0; l <= level; ++l) {
    const int outside = l == level ? same : restarts(l + 1);
    for (int mover = 0; mover < Dims; ++mover) {
      if ((Movers >> mover & 1) == 0) continue;
      W held(f[mover][moves(l)]);
      for (int d = 0; d < Dims; ++d) {
        if (d == mover) continue;
        held = held * W(select(order.outside[l][d][mover], f[d][outside], f[d][restarts(l)]));
      }
      total = total - held;
    }
  }
  return total;
}

}  // namespace detail

/// What passes at a level.
template <class W>
struct level_passing {
  W reads;
  W fills;
  W outputs;
};

template <class N>
CUGAMMA_HD constexpr level_passing<wide_of<N>> passing_of(const three_orders<N>& order,
                                                          int level,
                                                          const level_sums<N>& s,
                                                          wide_of<N> filter) {
  constexpr unsigned of_input = 1u << K | 1u << Y | 1u << X, of_filter = 1u << Y | 1u << X;
  const N* const read[] = {s.group_steps[K],
                           s.held_by_units[C],
                           s.held_by_all[Y],
                           s.held_by_all[X]};
  const N* const filled[] = {s.unit_steps[K],
                             s.held_by_units[C],
                             s.held_by_units[Y],
                             s.held_by_units[X]};
  const N* const filter_read[] = {s.held_by_units[K],
                                  s.held_by_units[C],
                                  s.group_steps[Y],
                                  s.group_steps[X]};
  const N* const filter_filled[] = {s.held_by_units[K],
                                    s.held_by_units[C],
                                    s.unit_steps[Y],
                                    s.unit_steps[X]};
  const N* const outputs[] = {s.outputs[K], s.outputs[C], s.outputs[Y], s.outputs[X]};
  return {detail::moving_elements<of_input>(order, level, read) +
              filter * detail::moving_elements<of_filter>(order, level, filter_read),
          detail::moving_elements<of_input>(order, level, filled) +
              filter * detail::moving_elements<of_filter>(order, level, filter_filled),
          detail::moving_elements<1u << C>(order, level, outputs)};
}

/// What one dimension adds to the runtime and to what steps work on.
template <class N>
struct axis_lengths {
  busiest_path<N> busiest;
  N step[three];  ///< of each level's first step
  N tile[2];      ///< of a sub-cluster of level 0, and of a PE
};

template <class N>
CUGAMMA_HD constexpr axis_lengths<N> lengths_of(const chain_of<N>& c) {
  axis_lengths<N> a;
  a.busiest = follow_busiest(c, three);
  a.tile[0] = c.tile[0];
  a.tile[1] = c.tile[three - 1];
  for (int level = 0; level < three; ++level) {
    a.step[level] = min_of(c.units[level] * c.tile[level], c.length[level][0]);
  }
  return a;
}

/// Sizes of buffers, of the cluster buffers the largest, and the runtime. whole: the product of the
/// dimensions that no level cuts.
template <class N, int Dims, class Layer, class U>
CUGAMMA_HD constexpr void set_sizes_and_runtime(const axis_lengths<N> (&axes)[Dims],
                                                const Layer& l,
                                                N whole,
                                                const closed_accelerator<U>& a,
                                                closed_figures<wide_of<N>>& f) {
  using W = wide_of<N>;
  using exact::detail::elements_of;
  const W two(2);
  W work(whole), steps[2] = {W(1), W(1)};
  N length[three][Dims], tile[2][Dims];
  for (int d = 0; d < Dims; ++d) {
    work = work * W(axes[d].busiest.extents);
    for (int level = 0; level < 2; ++level) {
      steps[level] = steps[level] * W(axes[d].busiest.steps[level]);
    }
    for (int level = 0; level < three; ++level) length[level][d] = axes[d].step[level];
    for (int i = 0; i < 2; ++i) tile[i][d] = axes[d].tile[i];
  }
  f.runtime_cycles = work + W(a.first_step_delay) * (W(1) + steps[0] + steps[1]);
  const auto in_l2 = elements_of<W>(l, length[0]);
  f.is_runtime_final =
      (in_l2.input + in_l2.filter <= W(a.least_bw)) & (in_l2.output <= W(a.least_bw));
  for (int level = 1; level < three; ++level) {
    const auto most = elements_of<W>(l, length[level]);
    f.is_runtime_final = f.is_runtime_final & (most.input + most.filter <= W(a.noc_bw)) &
                         (most.output <= W(a.noc_bw));
  }
  if (!a.has_quick_noc) f.is_runtime_final = W(1) < W(0);
  const auto in_cluster = elements_of<W>(l, tile[0]);
  const auto in_pe = elements_of<W>(l, tile[1]);
  f.l2_size = two * (in_l2.input + in_l2.filter + in_l2.output);
  f.l1_size = two * (in_pe.input + in_pe.filter + in_pe.output);
  f.cluster_size = two * (in_cluster.input + in_cluster.filter + in_cluster.output);
}

/// What energy takes, from the traffic of the three levels.
template <class W>
CUGAMMA_HD constexpr void set_traffic(const level_passing<W> (&levels)[three],
                                      closed_figures<W>& f) {
  const auto &outer = levels[0], &middle = levels[1], &inner = levels[2];
  f.l1_fills = inner.fills;
  f.l2_traffic = outer.reads + outer.outputs + outer.outputs;
  f.cluster_traffic = outer.fills + middle.reads + middle.outputs + middle.outputs + middle.fills +
                      inner.reads + inner.outputs + inner.outputs;
}

}  // namespace cugamma::exact::chained
