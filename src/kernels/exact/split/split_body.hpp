#pragma once

#include "exact/part_traffic.hpp"
#include "exact/score_body.hpp"
#include "exact/split/window_tables.hpp"
#include "models/exact/split_filter/split_form.hpp"

/// What the threads of the kernel for two levels that cut R or S, or are parallel in them, do: the
/// sums of a window at one level each, then a part of the traffic each.
namespace cugamma::exact::split {

using device::number;

/// What the threads that work on a mapping keep of it.
struct split_levels {
  split_window<offset> window[2];
  dimension_sums<offset> unit_steps[3];   ///< of K, Y and X
  dimension_sums<offset> group_steps[3];  ///< of these
  dimension_sums<offset> held[4];         ///< of K, C, R and S
  dimension_sums<offset>
      outputs[dims];  ///< outputs that groups work on again; steps of groups for others
  exact::detail::two_lengths<offset> lengths[dims];
  std::int32_t top_units;  ///< sub-clusters of level 0
};

/// Places of a dimension in the rows of split_levels.
CUGAMMA_HD constexpr int step_row(int d) { return d == K ? 0 : d - C; }
CUGAMMA_HD constexpr int held_row(int d) { return d < Y ? d : d - Y; }

/// A level's sub-clusters along a dimension.
CUGAMMA_HD constexpr offset units_of(const genome& g,
                                     int level,
                                     int d,
                                     const layer_row& l,
                                     std::int32_t top_units) {
  const std::int32_t units = level == 0 ? top_units : cluster_size(g, 1);
  return offset(units_along(g, level, d, units, l));
}

CUGAMMA_HD constexpr offset tile_of(const genome& g, int level, int d, const layer_row& l) {
  return offset(tile_along(g, level, d, l));
}

/// A dimension as its first levels cut it.
template <int Levels>
CUGAMMA_HD constexpr chain_of<offset> read_chain(const genome& g,
                                                 int d,
                                                 const layer_row& l,
                                                 std::int32_t top_units) {
  chain_of<offset> c;
  CUGAMMA_UNROLL
  for (int level = 0; level < Levels; ++level) {
    c.tile[level] = tile_of(g, level, d, l);
    c.units[level] = units_of(g, level, d, l, top_units);
  }
  chained::cut_boxes(offset(l.split.size[d]), Levels, c);
  return c;
}

/// Whether the loop of a is outside that of b.
CUGAMMA_HD constexpr bool is_outside(std::uint32_t places, int a, int b) {
  const auto place = [&](int d) { return places >> (dimension_bits * d) & dimension_code_mask; };
  return place(a) < place(b);
}

/// The sums of a window at a level. HasRuns: the level may be parallel in one of its dimensions.
template <int Level, bool HasRuns>
CUGAMMA_HD constexpr level_window<offset, Level> sum_window(const genome& g,
                                                            int axis,
                                                            const layer_row& l,
                                                            std::int32_t top_units) {
  const int of_outputs = Y + axis, of_filter = R + axis;
  const chain_of<offset> outputs = read_chain<Level + 1>(g, of_outputs, l, top_units);
  const chain_of<offset> filter = read_chain<Level + 1>(g, of_filter, l, top_units);
  window_of<offset, std::int32_t, Level + 1> w{outputs, filter, {}, {}, l.split.stride[axis]};
  CUGAMMA_UNROLL
  for (int level = 0; level <= Level; ++level) {
    w.by_filter[level] = index_of(parallel(g, level)) == of_filter;
    w.outputs_are_outside[level] = is_outside(core::invert_order(g, level), of_outputs, of_filter);
  }
  return sum_window_by_tables<Level, HasRuns>(w, l.split.has_unit_stride[axis]);
}

/// Sums a dimension by itself.
CUGAMMA_HD constexpr void sum_dimension(const genome& g,
                                        int d,
                                        const layer_row& l,
                                        std::int32_t top_units,
                                        split_levels& out) {
  const offset size(l.split.size[d]), top = min_of(tile_of(g, 0, d, l), size);
  const two_cuts<offset> c = cut_twice(size,
                                       top,
                                       min_of(tile_of(g, 1, d, l), top),
                                       units_of(g, 0, d, l, top_units),
                                       units_of(g, 1, d, l, top_units));
  out.lengths[d] = exact::detail::lengths_of(c);
  if (d == K || d == Y || d == X) {
    out.unit_steps[step_row(d)] = unit_steps(c);
    out.group_steps[step_row(d)] = group_steps(c);
  }
  if (d != Y && d != X) out.held[held_row(d)] = held_channels(c);
  const bool are_of_outputs = d == K || d == Y || d == X || (d == C && l.split.is_depthwise);
  out.outputs[d] = are_of_outputs ? kept_outputs(c) : working_steps(c);
}

/// The window that a level is parallel in: rows, or columns; rows if it is in neither.
CUGAMMA_HD constexpr int parallel_axis(const genome& g, int level) {
  const int d = index_of(parallel(g, level));
  return d == X || d == S ? 1 : 0;
}

/// The first half of the work on a mapping has as many parts: at each level the window that may be
/// parallel and the one that is not; and dimensions by themselves.
inline constexpr int split_parts = 4;

/// The part that a dimension is summed in.
CUGAMMA_HD constexpr int part_of(int d) { return d >= R ? 1 : d == C ? 2 : 3; }

CUGAMMA_HD constexpr void sum_part(const genome& g,
                                   int part,
                                   const layer_row& l,
                                   std::int32_t top_units,
                                   split_levels& out) {
  const int level = part < 2 ? 1 : 0;
  const int axis = parallel_axis(g, level) ^ (part & 1);
  split_window<offset>& window = out.window[axis];
  if (part == 0) window.inner = sum_window<1, true>(g, axis, l, top_units);
  if (part == 1) window.inner = sum_window<1, false>(g, axis, l, top_units);
  if (part == 2) window.outer = sum_window<0, true>(g, axis, l, top_units);
  if (part == 3) window.outer = sum_window<0, false>(g, axis, l, top_units);
  for (int d = 0; d < dims; ++d) {
    if (part_of(d) == part) sum_dimension(g, d, l, top_units, out);
  }
}

/// Begins with a mapping. lacking::runtime: its sums are to be worked out; nothing: its clusters
/// have more PEs than there are; everything: it is none of this form's.
CUGAMMA_HD constexpr lacking begin_split(const genome& g,
                                         const layer_row& l,
                                         const accelerator_row& a,
                                         std::int32_t& top_units) {
  const core::couplings& c = l.genes.tensors;
  bool simple = l.has_small_sizes && level_count(g) == 2 && cluster_size(g, 1) >= 1;
  for (int level = 0; level < 2; ++level) {
    simple =
        simple && core::invert_order(g, level) != ~0u && second_parallel(g, level) == no_dimension;
    for (int d = 0; d < dims; ++d) {
      simple =
          simple && (!core::has(c.present, d) || tile(g, level, static_cast<dimension>(d)) > 0);
    }
    const int along = index_of(parallel(g, level));
    simple = simple && (core::has(c.present, along) || (along == K && core::has(c.present, C)));
  }
  if (!simple) return lacking::everything;
  const std::int32_t pes = own_pes(g) != 0 ? own_pes(g) : a.chained.limits.num_pes;
  if (cluster_size(g, 1) > pes) return lacking::nothing;
  top_units = pes / cluster_size(g, 1);
  return lacking::runtime;
}

CUGAMMA_HD constexpr split_loops<offset> loops_of(const genome& g, int level) {
  const std::uint32_t places = core::invert_order(g, level);
  offset position[dims] = {};
  CUGAMMA_UNROLL
  for (int d = 0; d < dims; ++d) {
    position[d] = offset::of(places >> (dimension_bits * d) & dimension_code_mask);
  }
  return split_loops<offset>(position);
}

/// The filter's traffic. steps: of K, Y and X
CUGAMMA_HD constexpr exact::detail::tensor_sums<offset, dims> filter_sums(
    const split_levels& t,
    const dimension_sums<offset> (&steps)[3]) {
  exact::detail::tensor_sums<offset, dims> s;
  for (const int d : {K, C, R, S}) s.put(d, t.held[held_row(d)]);
  for (const int d : {Y, X}) s.put(d, steps[step_row(d)]);
  return s;
}

/// The second half of the work has as many parts: reads of the input, fills with it, the filter,
/// outputs.
CUGAMMA_HD constexpr part_traffic traffic_of(int part, const genome& g, const split_levels& t) {
  constexpr unsigned of_filter = 1u << Y | 1u << X, of_outputs = 1u << C | 1u << R | 1u << S;
  const split_loops<offset> outer = loops_of(g, 0), inner = loops_of(g, 1);
  const number none(0);
  if (part == 0) {
    const input_levels<offset> s(t.group_steps[step_row(K)], t.held[held_row(C)], t.window);
    const auto of = &held_sums<offset>::by_all;
    return {none, s.outer_traffic(outer, of), s.inner_traffic(outer, inner, of)};
  }
  if (part == 1) {
    const input_levels<offset> s(t.unit_steps[step_row(K)], t.held[held_row(C)], t.window);
    const auto of = &held_sums<offset>::by_units;
    return {s.inner_traffic(outer, inner, of), none, s.outer_traffic(outer, of)};
  }
  if (part == 2) {
    using exact::detail::inner_traffic;
    using exact::detail::outer_traffic;
    const auto by_groups = filter_sums(t, t.group_steps), by_units = filter_sums(t, t.unit_steps);
    return {inner_traffic<of_filter>(outer, inner, by_units),
            outer_traffic<of_filter>(outer, by_groups),
            outer_traffic<of_filter>(outer, by_units) +
                inner_traffic<of_filter>(outer, inner, by_groups)};
  }
  exact::detail::tensor_sums<offset, dims> s;
  for (int d = 0; d < dims; ++d) s.put(d, t.outputs[d]);
  const number leaves = exact::detail::outer_traffic<of_outputs>(outer, s);
  const number leaves_clusters = exact::detail::inner_traffic<of_outputs>(outer, inner, s);
  return {none, leaves + leaves, leaves_clusters + leaves_clusters};
}

/// The cost of a mapping. lacking::runtime: the runtime in it is not final.
CUGAMMA_HD constexpr lacking finish_split(const split_levels& t,
                                          const part_traffic& traffic,
                                          const layer_row& l,
                                          const accelerator_row& a,
                                          cost& out) {
  closed_figures<number> f;
  exact::detail::set_sizes_and_runtime(t.lengths, l.split, offset(1), a.closed, f);
  f.l1_fills = traffic.l1_fills;
  f.l2_traffic = traffic.l2_traffic;
  f.cluster_traffic = traffic.cluster_traffic;
  out = cost_of(f, l.chained, a.chained.limits);
  return f.is_runtime_final ? lacking::nothing : lacking::runtime;
}

}  // namespace cugamma::exact::split
