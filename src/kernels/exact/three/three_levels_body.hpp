#pragma once

#include "exact/score_body.hpp"
#include "models/exact/chained/three_levels.hpp"

/// What the threads of the kernel for three levels do: the closed form, a dimension each, and then
/// the sums over all dimensions.
namespace cugamma::exact {

using device::number;
using device::size;

/// Sums of a dimension by relation: those of a level after those of the levels above.
inline constexpr int sums_of_levels = 3 + 5 + 7;
CUGAMMA_HD constexpr int first_sum(int level) { return level * (level + 2); }
using level_rows = size[sums_of_levels];

/// Of Y or X.
struct window_sums {
  level_rows units;
  level_rows groups;
  level_rows by_units;
  level_rows by_all;
  level_rows outputs;
};

/// Of K.
struct feature_sums {
  level_rows units;
  level_rows groups;
  level_rows held;
  level_rows outputs;
};

/// Of C.
struct channel_sums {
  level_rows held;
  level_rows outputs;
};

/// What the threads that work on a mapping keep of it.
struct three_levels {
  feature_sums features;
  channel_sums channels;
  window_sums windows[2];
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
    if (g.shared((c.units[0] - size(1)) * c.tile[0]) <= size(0)) return {size(0), size(0)};
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
    if (!chained::is_far_after_restart(c, g)) due |= deep_sums::restarts;
    return {size(0), size(0)};
  }
};

/// How a genome cuts a dimension. N: size, or a plain number.
template <class N>
CUGAMMA_HD constexpr void read_axis(const genome& g,
                                    int d,
                                    const layer_row& l,
                                    std::int32_t top_units,
                                    chained::chain_of<N>& out) {
  const auto number = [](std::int32_t value) {
    return static_cast<N>(value);
  };
  const bool is_present = core::has(l.genes.tensors.present, d);
  CUGAMMA_UNROLL
  for (int level = 0; level < chained::three; ++level) {
    out.tile[level] = number(is_present ? tile(g, level, static_cast<dimension>(d)) : 1);
    int along = index_of(parallel(g, level));
    if (!core::has(l.genes.tensors.present, K) && along == K) along = C;
    const std::int32_t units = level == 0 ? top_units : cluster_size(g, level);
    out.units[level] = number(along == d ? units : 1);
  }
  chained::cut_boxes(number(l.closed.outputs[d]), chained::three, out);
}

CUGAMMA_HD constexpr row_grid<size> grid_of(const layer_row& l, int d) {
  const bool has_rows = d >= Y;
  return {size(has_rows ? l.closed.each[d - Y] : 1), size(has_rows ? l.closed.more[d - Y] : 0)};
}

/// Puts a level's sums behind those of the levels above.
template <int Level>
CUGAMMA_HD constexpr void put_sums(const chained::sums_of<size>& s, level_rows& out) {
  CUGAMMA_UNROLL
  for (int r = 0; r < 2 * Level + 3; ++r) out[first_sum(Level) + r] = s[r];
}

template <int Level>
CUGAMMA_HD constexpr void sum_level(const chained::chain_of<size>& c,
                                    const row_grid<size>& g,
                                    const deep_or_due& deep,
                                    window_sums& out) {
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
CUGAMMA_HD constexpr void sum_level(const chained::chain_of<size>& c,
                                    const deep_or_due& deep,
                                    feature_sums& out) {
  chained::sums_of<size> s;
  chained::sum_held_channels(c, Level, deep, s);
  put_sums<Level>(s, out.held);
  chained::sum_steps(c, Level, Level, s);
  put_sums<Level>(s, out.units);
  chained::sum_steps(c, Level, Level - 1, s);
  put_sums<Level>(s, out.groups);
  chained::sum_kept_outputs(c, Level, s);
  put_sums<Level>(s, out.outputs);
}

template <int Level>
CUGAMMA_HD constexpr void sum_level(const chained::chain_of<size>& c,
                                    bool is_depthwise,
                                    const deep_or_due& deep,
                                    channel_sums& out) {
  chained::sums_of<size> s;
  chained::sum_held_channels(c, Level, deep, s);
  put_sums<Level>(s, out.held);
  if (is_depthwise) {
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
  chained::chain_of<size> c;
  read_axis(g, d, l, top_units, c);
  std::uint32_t due = 0;
  const deep_or_due deep{due};
  out.lengths[d] = chained::lengths_of(c);
  if (d == K) {
    sum_level<0>(c, deep, out.features);
    sum_level<1>(c, deep, out.features);
    sum_level<2>(c, deep, out.features);
  } else if (d == C) {
    sum_level<0>(c, l.closed.is_depthwise, deep, out.channels);
    sum_level<1>(c, l.closed.is_depthwise, deep, out.channels);
    sum_level<2>(c, l.closed.is_depthwise, deep, out.channels);
  } else {
    const row_grid<size> grid = grid_of(l, d);
    window_sums& s = out.windows[d - Y];
    sum_level<0>(c, grid, deep, s);
    sum_level<1>(c, grid, deep, s);
    sum_level<2>(c, grid, deep, s);
  }
  return due;
}

/// Completes a sum that sum_axis() leaves. what: one of deep_sums
CUGAMMA_HD constexpr void add_deep(const genome& g,
                                   int d,
                                   std::uint32_t what,
                                   const layer_row& l,
                                   three_levels& out) {
  chained::chain c;
  read_axis(g, d, l, out.top_units, c);
  const row_grid<size> grid = grid_of(l, d);
  const row_grid<chained::extent> rows{grid.each.v, grid.more.v};
  const bool moves = what == deep_sums::moves;
  const chained::held_elements held =
      moves ? chained::held_after_move(c, rows) : chained::held_after_restart(c, rows);
  const int at = first_sum(2) + (moves ? chained::moves(0) : chained::restarts(0));
  size& by_units = d == K   ? out.features.held[at]
                   : d == C ? out.channels.held[at]
                            : out.windows[d - Y].by_units[at];
  by_units = size::of(held.by_units);
  if (d >= Y) out.windows[d - Y].by_all[at] = size::of(held.by_all);
}

/// Whether three levels of a genome are what the closed form takes; they are legal then but for
/// the number of PEs.
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
  genome named = g;
  if (!name_one_parallel(named, l.chained.sizes.type)) return lacking::everything;
  if (!reads_as_three_levels(named, l)) return lacking::everything;
  const std::int64_t below = std::int64_t{cluster_size(g, 1)} * cluster_size(g, 2);
  const std::int32_t pes = own_pes(g) != 0 ? own_pes(g) : a.chained.limits.num_pes;
  if (below > pes) return lacking::nothing;
  top_units = pes / static_cast<std::int32_t>(below);
  return lacking::runtime;
}

/// What energy takes of a mapping's traffic.
struct three_traffic {
  number l1_fills;
  number l2_traffic;
  number cluster_traffic;

  CUGAMMA_HD friend constexpr three_traffic operator+(const three_traffic& a,
                                                      const three_traffic& b) {
    return {a.l1_fills + b.l1_fills,
            a.l2_traffic + b.l2_traffic,
            a.cluster_traffic + b.cluster_traffic};
  }
};

/// Traffic is added up in parts: reads of the input, fills with it, reads of the filter and
/// outputs, fills with the filter.
inline constexpr int traffic_parts = 4;

template <unsigned Movers, int Level>
CUGAMMA_HD constexpr number moving(const chained::three_orders<size>& order,
                                   const size* k,
                                   const size* c,
                                   const size* y,
                                   const size* x) {
  constexpr int first = first_sum(Level);
  const size* const sums[] = {k + first, c + first, y + first, x + first};
  return chained::detail::moving_elements<Movers>(order, Level, sums);
}

CUGAMMA_HD constexpr three_traffic traffic_of(int part,
                                              const genome& g,
                                              const three_levels& t,
                                              number filter) {
  constexpr unsigned of_input = 1u << K | 1u << Y | 1u << X, of_filter = 1u << Y | 1u << X;
  const chained::three_orders<size> order = orders_of(g);
  const feature_sums& k = t.features;
  const channel_sums& c = t.channels;
  const window_sums &y = t.windows[0], &x = t.windows[1];
  if (part == 0) {
    const auto reads = [&]<int Level>() {
      return moving<of_input, Level>(order, k.groups, c.held, y.by_all, x.by_all);
    };
    return {number(0),
            reads.template operator()<0>(),
            reads.template operator()<1>() + reads.template operator()<2>()};
  }
  if (part == 1) {
    const auto fills = [&]<int Level>() {
      return moving<of_input, Level>(order, k.units, c.held, y.by_units, x.by_units);
    };
    return {fills.template operator()<2>(),
            number(0),
            fills.template operator()<0>() + fills.template operator()<1>()};
  }
  if (part == 2) {
    const auto passing = [&]<int Level>() {
      const number outputs =
          moving<1u << C, Level>(order, k.outputs, c.outputs, y.outputs, x.outputs);
      return filter * moving<of_filter, Level>(order, k.held, c.held, y.groups, x.groups) +
             outputs + outputs;
    };
    return {number(0),
            passing.template operator()<0>(),
            passing.template operator()<1>() + passing.template operator()<2>()};
  }
  const auto fills = [&]<int Level>() {
    return filter * moving<of_filter, Level>(order, k.held, c.held, y.units, x.units);
  };
  return {fills.template operator()<2>(),
          number(0),
          fills.template operator()<0>() + fills.template operator()<1>()};
}

/// The cost of a mapping. lacking::runtime: the runtime in it is not final.
CUGAMMA_HD constexpr lacking finish_three_levels(const three_levels& t,
                                                 const three_traffic& traffic,
                                                 const layer_row& l,
                                                 const accelerator_row& a,
                                                 cost& out) {
  closed_figures<number> f;
  chained::set_sizes_and_runtime(t.lengths, l.closed, a.closed, f);
  f.l1_fills = traffic.l1_fills;
  f.l2_traffic = traffic.l2_traffic;
  f.cluster_traffic = traffic.cluster_traffic;
  out = cost_of(f, l.chained, a.chained.limits);
  return f.is_runtime_final ? lacking::nothing : lacking::runtime;
}

}  // namespace cugamma::exact
