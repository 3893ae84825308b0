#pragma once

#include "models/exact/closed/sums.hpp"
#include "models/exact/closed/window_sums.hpp"
#include "models/exact/elements.hpp"
#include "models/two_level/genes.hpp"

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
  const std::int64_t delay = std::int64_t{a.noc_hops} * a.noc_hop_latency;
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

/// All sums of a mapping that a tensor's traffic is made of.
template <class W>
struct tensor_sums {
  outer_sums<W> outer[free_dims];
  inner_sums<W> inner[free_dims];
};

template <class W, class N>
CUGAMMA_HD constexpr outer_sums<W> widen(const outer_sums<N>& s) {
  return {W(s.same), W(s.moves), W(s.restarts)};
}
template <class W, class N>
CUGAMMA_HD constexpr inner_sums<W> widen(const inner_sums<N>& s) {
  return {W(s.same), W(s.moves), W(s.restarts), W(s.outer_moves), W(s.outer_restarts)};
}

/// For each two dimensions whether the loop of the first is outside that of the second.
template <class N>
struct loop_order {
  mask_of<N> outside[free_dims][free_dims];

  CUGAMMA_HD constexpr explicit loop_order(const N (&position)[free_dims]) {
    for (int a = 0; a < free_dims; ++a) {
      for (int b = 0; b < free_dims; ++b) outside[a][b] = position[a] < position[b];
    }
  }
};

/// Elements that are there from the step before, summed over the loops of `movers` that turn in
/// between. Loops outside contribute `out`, the loop that goes on `move`, loops inside `in`.
template <unsigned Movers, class W, class N, class Out, class Move, class In>
CUGAMMA_HD constexpr W held_over_loops(const loop_order<N>& order, Out out, Move move, In in) {
  W total(0);
  for (int mover = 0; mover < free_dims; ++mover) {
    if ((Movers >> mover & 1) == 0) continue;
    W product = move(mover);
    for (int d = 0; d < free_dims; ++d) {
      if (d != mover) product = product * select(order.outside[d][mover], out(d), in(d));
    }
    total = total + product;
  }
  return total;
}

/// A tensor's elements that move at level 0: all, less what is there already. Movers: dimensions of
/// which a new tile may leave something of the tensor in place.
template <unsigned Movers, class W, class N>
CUGAMMA_HD constexpr W outer_traffic(const loop_order<N>& order, const tensor_sums<W>& s) {
  const W all = s.outer[0].same * s.outer[1].same * s.outer[2].same * s.outer[3].same;
  return all - held_over_loops<Movers, W>(
                   order,
                   [&](int d) { return s.outer[d].same; },
                   [&](int d) { return s.outer[d].moves; },
                   [&](int d) { return s.outer[d].restarts; });
}

template <unsigned Movers, class W, class N>
CUGAMMA_HD constexpr W inner_traffic(const loop_order<N>& outer,
                                     const loop_order<N>& inner,
                                     const tensor_sums<W>& s) {
  const W all = s.inner[0].same * s.inner[1].same * s.inner[2].same * s.inner[3].same;
  return all -
         held_over_loops<Movers, W>(
             inner,
             [&](int d) { return s.inner[d].same; },
             [&](int d) { return s.inner[d].moves; },
             [&](int d) { return s.inner[d].restarts; }) -
         held_over_loops<Movers, W>(
             outer,
             [&](int d) { return s.inner[d].restarts; },
             [&](int d) { return s.inner[d].outer_moves; },
             [&](int d) { return s.inner[d].outer_restarts; });
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

}  // namespace detail

/// Figures of mappings that are legal: tiles and cluster size at least 1, clusters no larger than
/// the PEs.
template <class N, class U>
CUGAMMA_HD constexpr closed_figures<wide_of<N>> closed_form(const two_level_genes<N>& g,
                                                            const closed_layer<U>& l,
                                                            const closed_accelerator<U>& a) {
  using namespace core;
  using namespace detail;
  using W = wide_of<N>;
  const N sub_clusters = floor_div(g.pes, g.cluster_size);
  two_cuts<N> cuts[free_dims];
  for (int d = 0; d < free_dims; ++d) {
    const N outer = min_of(g.tile[0][d], N(l.outputs[d]));
    cuts[d] = cut_twice(N(l.outputs[d]),
                        outer,
                        min_of(g.tile[1][d], outer),
                        select(g.spatial[0][d], sub_clusters, N(1)),
                        select(g.spatial[1][d], g.cluster_size, N(1)));
  }

  // The sums of each tensor: by sub-clusters (fills), by groups (reads), outputs that leave.
  tensor_sums<W> input_fills, input_reads, filter_fills, filter_reads, outputs;
  const auto put = [](tensor_sums<W>& s, int d, const dimension_sums<N>& of) {
    s.outer[d] = widen<W>(of.outer);
    s.inner[d] = widen<W>(of.inner);
  };
  for (const int d : {K, C}) {
    const auto held = held_channels(cuts[d]);
    put(filter_fills, d, held);
    put(filter_reads, d, held);
    put(d == C ? input_fills : outputs, d, d == C ? held : kept_outputs(cuts[d]));
    put(d == C ? input_reads : outputs, d, d == C ? held : kept_outputs(cuts[d]));
  }
  put(input_fills, K, unit_steps(cuts[K]));
  put(input_reads, K, group_steps(cuts[K]));
  put(outputs, C, l.is_depthwise ? kept_outputs(cuts[C]) : working_steps(cuts[C]));
  for (const int d : {Y, X}) {
    const auto rows = sum_rows(cuts[d], row_grid<N>{N(l.each[d - Y]), N(l.more[d - Y])});
    put(input_fills, d, rows.by_units);
    put(input_reads, d, rows.by_all);
    put(filter_fills, d, unit_steps(cuts[d]));
    put(filter_reads, d, group_steps(cuts[d]));
    put(outputs, d, kept_outputs(cuts[d]));
  }

  constexpr unsigned input_movers = 1u << K | 1u << Y | 1u << X;
  constexpr unsigned filter_movers = 1u << Y | 1u << X;
  constexpr unsigned output_movers = 1u << C;
  const loop_order<N> outer(g.position[0]), inner(g.position[1]);
  const W filter{N(l.filter)};
  const W cluster_input = outer_traffic<input_movers>(outer, input_fills);
  const W cluster_filter = outer_traffic<filter_movers>(outer, filter_fills) * filter;
  const W read_input = outer_traffic<input_movers>(outer, input_reads);
  const W read_filter = outer_traffic<filter_movers>(outer, filter_reads) * filter;
  const W leaving = outer_traffic<output_movers>(outer, outputs);
  const W inner_leaving = inner_traffic<output_movers>(outer, inner, outputs);

  closed_figures<W> f;
  f.l1_fills = inner_traffic<input_movers>(outer, inner, input_fills) +
               inner_traffic<filter_movers>(outer, inner, filter_fills) * filter;
  f.l2_traffic = read_input + read_filter + leaving + leaving;
  f.cluster_traffic = cluster_input + cluster_filter + inner_leaving + inner_leaving +
                      inner_traffic<input_movers>(outer, inner, input_reads) +
                      inner_traffic<filter_movers>(outer, inner, filter_reads) * filter;

  N step[2][free_dims], tile[2][free_dims];
  W work = filter, starts(1);
  for (int d = 0; d < free_dims; ++d) {
    const two_cuts<N>& c = cuts[d];
    tile[0][d] = c.tile[0];
    tile[1][d] = c.tile[1];
    step[0][d] = min_of(c.units[0] * c.tile[0], c.size);
    step[1][d] = min_of(c.units[1] * c.tile[1], c.tile[0]);
    work = work * W(busy(c));
    starts = starts * W(c.outer.steps);
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
  return f;
}

}  // namespace cugamma::exact
