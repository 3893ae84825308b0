#pragma once

#include <utility>

#include "models/exact/closed/sums.hpp"
#include "models/exact/closed/window_sums.hpp"
#include "models/exact/elements.hpp"
#include "models/two_level/genes.hpp"
#include "problem/noc_delay.hpp"

/// The exact model of mappings of two levels that leave R and S whole, without a loop: traffic, and
/// the runtime where no NoC makes a step wait. N as in two_level.hpp.
namespace cugamma::exact {

using core::free_dims;
using core::two_level_genes;

/// A layer as the closed form needs it. U is a plain number.
template <class U>
struct closed_layer {
  U outputs[free_dims];  ///< K, C, and output rows and columns
  U each[2];             ///< of rows and of columns: see element_grid of elements.hpp
  U more[2];
  U filter;  ///< R x S
  bool is_depthwise;
};

template <class U>
constexpr closed_layer<U> make_closed_layer(const layer& l) {
  closed_layer<U> c{};
  for (int d = 0; d < free_dims; ++d) {
    c.outputs[d] = static_cast<U>(output_size(l, static_cast<dimension>(d)));
  }
  const element_grid rows = grid_of({l.stride_y, l[dimension::R]});
  const element_grid columns = grid_of({l.stride_x, l[dimension::S]});
  c.each[0] = static_cast<U>(rows.each);
  c.more[0] = static_cast<U>(rows.more);
  c.each[1] = static_cast<U>(columns.each);
  c.more[1] = static_cast<U>(columns.more);
  c.filter = static_cast<U>(l[dimension::R] * l[dimension::S]);
  c.is_depthwise = l.type == layer_type::dsconv;
  return c;
}

/// An accelerator as the closed form needs it.
template <class U>
struct closed_accelerator {
  U noc_bw;
  U least_bw;          ///< of the NoC and off chip
  U first_step_delay;  ///< cycles that a start waits for its first step's elements
  bool has_quick_noc;  ///< so few cycles, and MACs one by one, that no other step waits for a NoC
};

template <class U>
constexpr closed_accelerator<U> make_closed_accelerator(const accelerator& a) {
  const std::int64_t delay = noc_delay(a);
  return {static_cast<U>(a.noc_bw),
          static_cast<U>(std::min(a.noc_bw, a.offchip_bw)),
          static_cast<U>(delay <= 1 ? delay : 0),
          delay <= 1 && a.simd_lanes == 1};
}

/// Figures of a mapping. W: products over several dimensions.
template <class W>
struct closed_figures {
  W runtime_cycles;
  mask_of<W> is_runtime_final;  ///< no step is slower than its MACs; else see runtime.hpp
  W l1_fills;
  W l2_traffic;       ///< reads of input and filter, and twice the outputs that leave level 0
  W cluster_traffic;  ///< accesses of cluster buffers
  W l1_size;
  W l2_size;
  W cluster_size;
};

namespace detail {

/// What the dimensions contribute to a tensor's traffic.
template <class N, int Dims = free_dims>
struct tensor_sums {
  outer_sums<N> outer[Dims];
  inner_sums<N> inner[Dims];

  CUGAMMA_HD constexpr void put(int d, const dimension_sums<N>& of) {
    outer[d] = of.outer;
    inner[d] = of.inner;
  }
};

/// For each two dimensions whether the loop of the first is outside that of the second.
template <class N, int Dims = free_dims>
struct loop_order {
  mask_of<N> outside[Dims][Dims];

  CUGAMMA_HD constexpr explicit loop_order(const N (&position)[Dims]) {
    for (int a = 0; a < Dims; ++a) {
      for (int b = 0; b < Dims; ++b) outside[a][b] = position[a] < position[b];
    }
  }
};

/// The product over the dimensions of what each contributes.
template <class N, int Dims = free_dims, class Of>
CUGAMMA_HD constexpr wide_of<N> product_of(Of of) {
  using W = wide_of<N>;
  // Not a loop: a compiler that has it as one leaves what it reads in memory.
  return [&]<int... D>(std::integer_sequence<int, D...>) { return (... * W(of(D))); }
  (std::make_integer_sequence<int, Dims>());
}

/// Elements that are there from the step before, summed over the loops of `movers` that turn in
/// between. Loops outside contribute `out`, the loop that goes on `move`, loops inside `in`.
template <unsigned Movers, class N, int Dims, class Out, class Move, class In>
CUGAMMA_HD constexpr wide_of<N> held_over_loops(const loop_order<N, Dims>& order,
                                                Out out,
                                                Move move,
                                                In in) {
  wide_of<N> total(0);
  for (int mover = 0; mover < Dims; ++mover) {
    if ((Movers >> mover & 1) == 0) continue;
    total = total + product_of<N, Dims>([&](int d) {
              return d == mover ? move(d) : select(order.outside[d][mover], out(d), in(d));
            });
  }
  return total;
}

/// A tensor's elements that move at level 0: all, less what is there already. Movers: dimensions of
/// which a new tile may leave something of the tensor in place.
template <unsigned Movers, class N, int Dims>
CUGAMMA_HD constexpr wide_of<N> outer_traffic(const loop_order<N, Dims>& order,
                                              const tensor_sums<N, Dims>& s) {
  const auto same = [&](int d) { return s.outer[d].same; };
  return product_of<N, Dims>(same) - held_over_loops<Movers>(
                                         order,
                                         same,
                                         [&](int d) { return s.outer[d].moves; },
                                         [&](int d) { return s.outer[d].restarts; });
}

template <unsigned Movers, class N, int Dims>
CUGAMMA_HD constexpr wide_of<N> inner_traffic(const loop_order<N, Dims>& outer,
                                              const loop_order<N, Dims>& inner,
                                              const tensor_sums<N, Dims>& s) {
  const auto same = [&](int d) { return s.inner[d].same; };
  const auto restarts = [&](int d) { return s.inner[d].restarts; };
  return product_of<N, Dims>(same) -
         held_over_loops<Movers>(
             inner,
             same,
             [&](int d) { return s.inner[d].moves; },
             restarts) -
         held_over_loops<Movers>(
             outer,
             restarts,
             [&](int d) { return s.inner[d].outer_moves; },
             [&](int d) { return s.inner[d].outer_restarts; });
}

/// What moves of input or filter, or of outputs in the other direction.
template <class W>
struct tensor_traffic {
  W reads;          ///< of L2
  W fills;          ///< of clusters
  W cluster_reads;  ///< of clusters
  W pe_fills;
};

/// All of a mapping's cuts and loops.
template <class N, int Dims = free_dims>
struct cut_nest {
  two_cuts<N> cuts[Dims];
  loop_order<N, Dims> outer;
  loop_order<N, Dims> inner;

  CUGAMMA_HD constexpr explicit cut_nest(const two_level_genes<N, Dims>& g)
      : outer(g.position[0]), inner(g.position[1]) {}
};

/// outputs: sizes of the dimensions.
template <class N, class U, int Dims>
CUGAMMA_HD constexpr cut_nest<N, Dims> cut_dimensions(const two_level_genes<N, Dims>& g,
                                                      const U (&outputs)[Dims]) {
  const N sub_clusters = floor_div(g.pes, g.cluster_size);
  cut_nest<N, Dims> n(g);
  for (int d = 0; d < Dims; ++d) {
    const N outer = min_of(g.tile[0][d], N(outputs[d]));
    cut_twice(N(outputs[d]),
              outer,
              min_of(g.tile[1][d], outer),
              select(g.spatial[0][d], sub_clusters, N(1)),
              select(g.spatial[1][d], g.cluster_size, N(1)),
              n.cuts[d]);
  }
  return n;
}

template <class N, class U>
CUGAMMA_HD constexpr cut_nest<N> cut_nest_of(const two_level_genes<N>& g,
                                             const closed_layer<U>& l) {
  return cut_dimensions(g, l.outputs);
}

/// by_groups, by_units: the sums of what groups read and of what sub-clusters take.
template <unsigned Movers, class N, int Dims>
CUGAMMA_HD constexpr tensor_traffic<wide_of<N>> traffic_of(const cut_nest<N, Dims>& n,
                                                           const tensor_sums<N, Dims>& by_groups,
                                                           const tensor_sums<N, Dims>& by_units) {
  return {outer_traffic<Movers>(n.outer, by_groups),
          outer_traffic<Movers>(n.outer, by_units),
          inner_traffic<Movers>(n.outer, n.inner, by_groups),
          inner_traffic<Movers>(n.outer, n.inner, by_units)};
}

template <class N, class U>
CUGAMMA_HD constexpr tensor_traffic<wide_of<N>> input_traffic(const cut_nest<N>& n,
                                                              const closed_layer<U>& l) {
  using namespace core;
  tensor_sums<N> by_groups, by_units;
  by_groups.put(K, group_steps(n.cuts[K]));
  by_units.put(K, unit_steps(n.cuts[K]));
  const dimension_sums<N> channels = held_channels(n.cuts[C]);
  by_groups.put(C, channels);
  by_units.put(C, channels);
  for (int d = Y; d <= X; ++d) {
    const auto rows = sum_rows(n.cuts[d], row_grid<N>{N(l.each[d - Y]), N(l.more[d - Y])});
    by_groups.put(d, rows.by_all);
    by_units.put(d, rows.by_units);
  }
  return traffic_of<1u << K | 1u << Y | 1u << X>(n, by_groups, by_units);
}

/// Of a filter of one row and one column.
template <class N>
CUGAMMA_HD constexpr tensor_traffic<wide_of<N>> filter_traffic(const cut_nest<N>& n) {
  using namespace core;
  tensor_sums<N> by_groups, by_units;
  for (int d = K; d <= C; ++d) {
    const dimension_sums<N> channels = held_channels(n.cuts[d]);
    by_groups.put(d, channels);
    by_units.put(d, channels);
  }
  for (int d = Y; d <= X; ++d) {
    by_groups.put(d, group_steps(n.cuts[d]));
    by_units.put(d, unit_steps(n.cuts[d]));
  }
  return traffic_of<1u << Y | 1u << X>(n, by_groups, by_units);
}

/// Outputs that leave level 0 and level 1.
template <class W>
struct output_traffic {
  W outer;
  W inner;
};

template <class N, class U>
CUGAMMA_HD constexpr output_traffic<wide_of<N>> outputs_of(const cut_nest<N>& n,
                                                           const closed_layer<U>& l) {
  using namespace core;
  tensor_sums<N> s;
  s.put(C, l.is_depthwise ? kept_outputs(n.cuts[C]) : working_steps(n.cuts[C]));
  s.put(K, kept_outputs(n.cuts[K]));
  for (int d = Y; d <= X; ++d) s.put(d, kept_outputs(n.cuts[d]));
  constexpr unsigned movers = 1u << C;
  return {outer_traffic<movers>(n.outer, s), inner_traffic<movers>(n.outer, n.inner, s)};
}

/// Elements of a box; lengths of K, C and output rows and columns.
template <class W>
struct box_elements {
  W input;
  W filter;
  W output;
};

template <class W, class N, class U>
CUGAMMA_HD constexpr box_elements<W> elements_of(const closed_layer<U>& l,
                                                 const N (&length)[free_dims]) {
  using namespace core;
  const row_grid<N> rows{N(l.each[0]), N(l.more[0])}, columns{N(l.each[1]), N(l.more[1])};
  const W outputs = W(length[Y]) * W(length[X]);
  return {W(length[C]) * W(rows.count(length[Y])) * W(columns.count(length[X])),
          W(length[K]) * W(length[C]) * W(N(l.filter)),
          (l.is_depthwise ? W(length[C]) : W(length[K])) * outputs};
}

template <class N>
CUGAMMA_HD constexpr N busy_in_box(const cut<N>& c, N tile) {
  return (c.steps - N(1)) * tile + select(c.active > N(1), tile, c.edge);
}

/// Extents of the busiest sub-clusters' tiles along a dimension, summed over both levels' steps.
template <class N>
CUGAMMA_HD constexpr N busy(const two_cuts<N>& c) {
  const N whole = busy_in_box(c.whole, c.tile[1]);
  const N last = select(c.outer.active > N(1), whole, busy_in_box(c.edge, c.tile[1]));
  return (c.outer.steps - N(1)) * whole + last;
}

/// What one dimension adds to the runtime and to what steps work on.
template <class N>
struct two_lengths {
  N busy;
  N steps;    ///< of level 0
  N step[2];  ///< of each level's first step
  N tile[2];
};

template <class N>
CUGAMMA_HD constexpr two_lengths<N> lengths_of(const two_cuts<N>& c) {
  return {busy(c),
          c.outer.steps,
          {min_of(c.units[0] * c.tile[0], c.size), min_of(c.units[1] * c.tile[1], c.tile[0])},
          {c.tile[0], c.tile[1]}};
}

/// Sizes of buffers, and the runtime. whole: the product of the dimensions that no level cuts.
template <class N, int Dims, class Layer, class U>
CUGAMMA_HD constexpr void set_sizes_and_runtime(const two_lengths<N> (&lengths)[Dims],
                                                const Layer& l,
                                                N whole,
                                                const closed_accelerator<U>& a,
                                                closed_figures<wide_of<N>>& f) {
  using W = wide_of<N>;
  N step[2][Dims], tile[2][Dims];
  W work(whole), starts(1);
  for (int d = 0; d < Dims; ++d) {
    for (int level = 0; level < 2; ++level) {
      tile[level][d] = lengths[d].tile[level];
      step[level][d] = lengths[d].step[level];
    }
    work = work * W(lengths[d].busy);
    starts = starts * W(lengths[d].steps);
  }
  const auto in_pe = elements_of<W>(l, tile[1]), in_cluster = elements_of<W>(l, tile[0]);
  const auto in_l2 = elements_of<W>(l, step[0]), in_step = elements_of<W>(l, step[1]);
  const W two(2);
  f.l1_size = two * (in_pe.input + in_pe.filter + in_pe.output);
  f.cluster_size = two * (in_cluster.input + in_cluster.filter + in_cluster.output);
  f.l2_size = two * (in_l2.input + in_l2.filter + in_l2.output);

  f.runtime_cycles = work + W(a.first_step_delay) * (starts + W(1));
  // The first step of all moves the most.
  const W least(a.least_bw), noc(a.noc_bw);
  f.is_runtime_final = (in_l2.input + in_l2.filter <= least) & (in_l2.output <= least) &
                       (in_step.input + in_step.filter <= noc) & (in_step.output <= noc);
  if (!a.has_quick_noc) f.is_runtime_final = W(1) < W(0);
}

template <class N, int Dims, class Layer, class U>
CUGAMMA_HD constexpr void set_sizes_and_runtime(const two_cuts<N> (&cuts)[Dims],
                                                const Layer& l,
                                                N whole,
                                                const closed_accelerator<U>& a,
                                                closed_figures<wide_of<N>>& f) {
  two_lengths<N> lengths[Dims];
  for (int d = 0; d < Dims; ++d) lengths[d] = lengths_of(cuts[d]);
  set_sizes_and_runtime(lengths, l, whole, a, f);
}

}  // namespace detail

/// Figures of mappings that are legal: tiles and cluster size at least 1, clusters no larger than
/// the PEs. An N of 32 bits may wrap around on the way, never in what is used: with unit strides,
/// what belongs to one dimension is below 2^32.
template <class N, class U>
CUGAMMA_HD constexpr closed_figures<wide_of<N>> closed_form(const two_level_genes<N>& g,
                                                            const closed_layer<U>& l,
                                                            const closed_accelerator<U>& a) {
  using W = wide_of<N>;
  const detail::cut_nest<N> n = detail::cut_nest_of(g, l);
  closed_figures<W> f;
  detail::set_sizes_and_runtime(n.cuts, l, N(l.filter), a, f);
  const W filter_elems(N(l.filter));
  const auto input = detail::input_traffic(n, l);
  const auto filter = detail::filter_traffic(n);
  const auto outputs = detail::outputs_of(n, l);
  f.l1_fills = input.pe_fills + filter.pe_fills * filter_elems;
  f.l2_traffic = input.reads + filter.reads * filter_elems + outputs.outer + outputs.outer;
  f.cluster_traffic = input.fills + input.cluster_reads +
                      (filter.fills + filter.cluster_reads) * filter_elems + outputs.inner +
                      outputs.inner;
  return f;
}

}  // namespace cugamma::exact
