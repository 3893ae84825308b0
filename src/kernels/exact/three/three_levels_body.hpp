#pragma once

#include "exact/part_traffic.hpp"
#include "exact/score_body.hpp"
#include "models/exact/chained/idle_held.hpp"
#include "models/exact/chained/three_levels.hpp"

/// What the threads of the kernel for three levels do: the closed form, a dimension each, and then
/// the sums over all dimensions.
namespace cugamma::exact {

using device::number;
using device::size;

/// A dimension's sums of all levels: those of a level, by relation, after those of the levels
/// above.
struct axis_sums {
  static constexpr int count = 3 + 5 + 7;
  size units[count];
  size groups[count];
  size by_units[count];  ///< of K and C what is held
  size by_all[count];
  size outputs[count];

  CUGAMMA_HD static constexpr int first(int level) { return level * (level + 2); }
};

/// What the threads that work on a mapping keep of it.
struct three_levels {
  axis_sums axes[chained::whole_dims];
  chained::axis_lengths<size> lengths[chained::whole_dims];
  std::int32_t top_units;  ///< sub-clusters of level 0
};

/// Which sums of a dimension take a look at the sub-clusters, as bits.
struct deep_sums {
  static constexpr std::uint32_t moves = 1;
  static constexpr std::uint32_t restarts = 2;
  static constexpr int bits = 2;
};

/// What is held two levels below a loop that turns. Few mappings need a look at the sub-clusters;
/// these are noted, and their sums are completed by add_deep().
struct deep_or_due {
  using held = chained::held_of<size>;
  std::uint32_t& due;

  CUGAMMA_HD constexpr held after_move(const chained::chain_of<size>& c,
                                       const row_grid<size>& g) const {
    if (c.cuts[0][0].steps <= size(1)) return {size(0), size(0)};
    if (chained::is_far_after_move(c, g)) return {size(0), size(0)};
    if (c.units[2] <= size(1)) {
      const size moved = chained::rows_moved_above_one(c, g);
      return {moved, moved};
    }
    due |= deep_sums::moves;
    return {size(0), size(0)};
  }

  CUGAMMA_HD constexpr held after_restart(const chained::chain_of<size>& c,
                                          const row_grid<size>& g,
                                          held below) const {
    if (c.cuts[0][0].steps <= size(1)) return below;
    if (chained::detail::is_temporal(c, 0, 2)) {
      const size kept = chained::detail::held_by_one(c, g, 0, 0, 2);
      return {kept, kept};
    }
    if (chained::is_far_after_restart(c, g)) return {size(0), size(0)};
    const auto idle = chained::known_after_restart(c, g);
    if (idle.is_known) return idle.held;
    due |= deep_sums::restarts;
    return {size(0), size(0)};
  }
};

/// A dimension's tiles and sub-clusters as a genome has them.
CUGAMMA_HD constexpr chained::chain_of<size> read_axis(const genome& g,
                                                       int d,
                                                       const layer_row& l,
                                                       std::int32_t top_units) {
  chained::chain_of<size> c;
  CUGAMMA_UNROLL
  for (int level = 0; level < chained::three; ++level) {
    const std::int32_t units = level == 0 ? top_units : cluster_size(g, level);
    c.tile[level] = size(tile_along(g, level, d, l));
    c.units[level] = size(units_along(g, level, d, units, l));
  }
  chained::cut_boxes(size(l.closed.outputs[d]), chained::three, c);
  return c;
}

/// Puts a level's sums behind those of the levels above.
template <int Level>
CUGAMMA_HD constexpr void put_sums(const chained::sums_of<size>& s, size (&out)[axis_sums::count]) {
  CUGAMMA_UNROLL
  for (int r = 0; r < 2 * Level + 3; ++r) out[axis_sums::first(Level) + r] = s[r];
}

template <int Level>
CUGAMMA_HD constexpr void sum_rows_of_level(const chained::chain_of<size>& c,
                                            const row_grid<size>& g,
                                            const deep_or_due& deep,
                                            axis_sums& out) {
  chained::sums_of<size> units, groups, by_units, by_all;
  chained::sum_steps(c, Level, Level, units);
  chained::sum_steps(c, Level, Level - 1, groups);
  chained::sum_held_rows(c, g, Level, units, groups, deep, by_units, by_all);
  put_sums<Level>(units, out.units);
  put_sums<Level>(groups, out.groups);
  put_sums<Level>(by_units, out.by_units);
  put_sums<Level>(by_all, out.by_all);
  chained::sum_kept_outputs(c, Level, units);
  put_sums<Level>(units, out.outputs);
}

template <int Level>
CUGAMMA_HD constexpr void sum_channels_of_level(const chained::chain_of<size>& c,
                                                int d,
                                                bool are_of_outputs,
                                                const deep_or_due& deep,
                                                axis_sums& out) {
  chained::sums_of<size> s;
  chained::sum_held_channels(c, Level, deep, s);
  put_sums<Level>(s, out.by_units);
  if (d == K) {
    chained::sum_steps(c, Level, Level, s);
    put_sums<Level>(s, out.units);
    chained::sum_steps(c, Level, Level - 1, s);
    put_sums<Level>(s, out.groups);
  }
  if (are_of_outputs) {
    chained::sum_kept_outputs(c, Level, s);
  } else {
    chained::sum_working_steps(c, Level, s);
  }
  put_sums<Level>(s, out.outputs);
}

/// Sums a dimension. The result says what is left to add_deep().
CUGAMMA_HD constexpr std::uint32_t sum_axis(const genome& g,
                                            int d,
                                            const layer_row& l,
                                            std::int32_t top_units,
                                            three_levels& out) {
  const chained::chain_of<size> c = read_axis(g, d, l, top_units);
  std::uint32_t due = 0;
  const deep_or_due deep{due};
  axis_sums& s = out.axes[d];
  out.lengths[d] = chained::lengths_of(c);
  if (d >= Y) {
    const row_grid<size> grid = grid_of(l, d);
    sum_rows_of_level<0>(c, grid, deep, s);
    sum_rows_of_level<1>(c, grid, deep, s);
    sum_rows_of_level<2>(c, grid, deep, s);
  } else {
    const bool are_of_outputs = d == K || l.closed.is_depthwise;
    sum_channels_of_level<0>(c, d, are_of_outputs, deep, s);
    sum_channels_of_level<1>(c, d, are_of_outputs, deep, s);
    sum_channels_of_level<2>(c, d, are_of_outputs, deep, s);
  }
  return due;
}

/// Completes a sum that sum_axis() leaves. what: one of deep_sums
CUGAMMA_HD constexpr void add_deep(const genome& g,
                                   int d,
                                   std::uint32_t what,
                                   const layer_row& l,
                                   three_levels& out) {
  const chained::chain_of<size> own = read_axis(g, d, l, out.top_units);
  chained::cut_numbers n{own.length[0][0].v, {}, {}};
  CUGAMMA_UNROLL
  for (int level = 0; level < chained::three; ++level) {
    n.tile[level] = own.tile[level].v;
    n.units[level] = own.units[level].v;
  }
  const chained::chain c = chained::chain_of_cuts(n);
  const row_grid<size> grid = grid_of(l, d);
  const row_grid<chained::extent> rows{grid.each.v, grid.more.v};
  const bool moves = what == deep_sums::moves;
  const chained::held_elements held =
      moves ? chained::held_after_move(c, rows) : chained::held_after_restart(c, rows);
  const int at = axis_sums::first(2) + (moves ? chained::moves(0) : chained::restarts(0));
  out.axes[d].by_units[at] = size::of(held.by_units);
  if (d >= Y) out.axes[d].by_all[at] = size::of(held.by_all);
}

/// Whether three levels of a genome are what the closed form takes, and name one parallel dimension
/// each; they are legal then but for the number of PEs.
CUGAMMA_HD constexpr bool reads_as_three_levels(const genome& g, const layer_row& l) {
  const core::couplings& c = l.genes.tensors;
  bool simple = level_count(g) == chained::three;
  for (int level = 0; level < chained::three; ++level) {
    simple = simple && core::invert_order(g, level) != ~0u;
    for (int d = 0; d < chained::whole_dims; ++d) {
      simple =
          simple && (!core::has(c.present, d) || tile(g, level, static_cast<dimension>(d)) > 0);
    }
    bool spatial[free_dims] = {};
    simple = core::mark_spatial(g, level, c, spatial) && simple;
    if (level > 0) simple = simple && cluster_size(g, level) >= 1;
    if (core::has(c.present, core::R)) {
      simple = simple && tile(g, level, dimension::R) == l.genes.filter_rows &&
               tile(g, level, dimension::S) == l.genes.filter_columns;
    }
  }
  return simple;
}

CUGAMMA_HD constexpr chained::three_orders<size> orders_of(const genome& g) {
  chained::three_orders<size> order{};
  CUGAMMA_UNROLL
  for (int level = 0; level < chained::three; ++level) {
    const std::uint32_t places = core::invert_order(g, level);
    size position[chained::whole_dims] = {};
    CUGAMMA_UNROLL
    for (int d = 0; d < chained::whole_dims; ++d) {
      position[d] = size::of(places >> (dimension_bits * d) & dimension_code_mask);
    }
    order.set(level, position);
  }
  return order;
}

/// Begins with a mapping of three levels. lacking::runtime: its sums are to be worked out; nothing:
/// its clusters have more PEs than there are; everything: it is none of these.
CUGAMMA_HD constexpr lacking begin_three_levels(const genome& g,
                                                const layer_row& l,
                                                const accelerator_row& a,
                                                std::int32_t& top_units) {
  if (!reads_as_three_levels(g, l)) return lacking::everything;
  const std::int64_t below = std::int64_t{cluster_size(g, 1)} * cluster_size(g, 2);
  const std::int32_t pes = own_pes(g) != 0 ? own_pes(g) : a.chained.limits.num_pes;
  if (below > pes) return lacking::nothing;
  top_units = pes / static_cast<std::int32_t>(below);
  return lacking::runtime;
}

/// Traffic is added up in parts: reads of the input, fills with it, reads of the filter and
/// outputs, fills with the filter.
inline constexpr int traffic_parts = 4;

template <unsigned Movers, int Level>
CUGAMMA_HD constexpr number moving(const chained::three_orders<size>& order,
                                   const size* k,
                                   const size* c,
                                   const size* y,
                                   const size* x) {
  constexpr int first = axis_sums::first(Level);
  const size* const sums[] = {k + first, c + first, y + first, x + first};
  return chained::detail::moving_elements<Movers>(order, Level, sums);
}

CUGAMMA_HD constexpr part_traffic traffic_of(int part,
                                             const genome& g,
                                             const three_levels& t,
                                             number filter) {
  constexpr unsigned of_input = 1u << K | 1u << Y | 1u << X, of_filter = 1u << Y | 1u << X;
  const chained::three_orders<size> order = orders_of(g);
  const axis_sums &k = t.axes[K], &c = t.axes[C], &y = t.axes[Y], &x = t.axes[X];
  if (part == 0) {
    const auto reads = [&]<int Level>() {
      return moving<of_input, Level>(order, k.groups, c.by_units, y.by_all, x.by_all);
    };
    return {number(0),
            reads.template operator()<0>(),
            reads.template operator()<1>() + reads.template operator()<2>()};
  }
  if (part == 1) {
    const auto fills = [&]<int Level>() {
      return moving<of_input, Level>(order, k.units, c.by_units, y.by_units, x.by_units);
    };
    return {fills.template operator()<2>(),
            number(0),
            fills.template operator()<0>() + fills.template operator()<1>()};
  }
  if (part == 2) {
    const auto passing = [&]<int Level>() {
      const number outputs =
          moving<1u << C, Level>(order, k.outputs, c.outputs, y.outputs, x.outputs);
      return filter * moving<of_filter, Level>(order, k.by_units, c.by_units, y.groups, x.groups) +
             outputs + outputs;
    };
    return {number(0),
            passing.template operator()<0>(),
            passing.template operator()<1>() + passing.template operator()<2>()};
  }
  const auto fills = [&]<int Level>() {
    return filter * moving<of_filter, Level>(order, k.by_units, c.by_units, y.units, x.units);
  };
  return {fills.template operator()<2>(),
          number(0),
          fills.template operator()<0>() + fills.template operator()<1>()};
}

/// The cost of a mapping. lacking::runtime: the runtime in it is not final.
CUGAMMA_HD constexpr lacking finish_three_levels(const three_levels& t,
                                                 const part_traffic& traffic,
                                                 const layer_row& l,
                                                 const accelerator_row& a,
                                                 cost& out) {
  closed_figures<number> f;
  chained::set_sizes_and_runtime(t.lengths, l.closed, size(l.closed.filter), a.closed, f);
  f.l1_fills = traffic.l1_fills;
  f.l2_traffic = traffic.l2_traffic;
  f.cluster_traffic = traffic.cluster_traffic;
  out = cost_of(f, l.chained, a.chained.limits);
  return f.is_runtime_final ? lacking::nothing : lacking::runtime;
}

}  // namespace cugamma::exact
