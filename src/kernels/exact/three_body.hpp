#pragma once

#include "exact/score_body.hpp"
#include "models/exact/chained/three_levels.hpp"

/// What one thread of the kernel for three levels does: the closed form, an axis after the other.
namespace cugamma::exact {

/// What is held two levels below a loop that turns. Most mappings need no look at the sub-clusters.
struct deep_of_thread {
  using size = device::size;
  using held = chained::held_of<size>;

  CUGAMMA_HD constexpr held after_move(const chained::chain_of<size>& c,
                                       const row_grid<size>& g) const {
    if (c.cuts[0][0].steps <= size(1)) return {size(0), size(0)};
    if (g.shared((c.units[0] - size(1)) * c.tile[0]) <= size(0)) return {size(0), size(0)};
    if (c.units[2] <= size(1)) {
      const size moved = chained::rows_moved_above_one(c, g);
      return {moved, moved};
    }
    return after_move_one_by_one(numbers_of(c), g);
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
    return after_restart_one_by_one(numbers_of(c), g);
  }

 private:
  CUGAMMA_HD static constexpr chained::cut_numbers numbers_of(const chained::chain_of<size>& c) {
    chained::cut_numbers n{c.length[0][0].v, {}, {}};
    for (int level = 0; level < chained::three; ++level) {
      n.tile[level] = c.tile[level].v;
      n.units[level] = c.units[level].v;
    }
    return n;
  }
  CUGAMMA_HD static constexpr held sizes_of(const chained::held_elements& h) {
    return {size::of(h.by_units), size::of(h.by_all)};
  }
  CUGAMMA_HD_CALLED static constexpr held after_move_one_by_one(const chained::cut_numbers& n,
                                                                const row_grid<size>& g) {
    return sizes_of(chained::held_after_move(chained::chain_of_cuts(n), {g.each.v, g.more.v}));
  }
  CUGAMMA_HD_CALLED static constexpr held after_restart_one_by_one(const chained::cut_numbers& n,
                                                                   const row_grid<size>& g) {
    return sizes_of(chained::held_after_restart(chained::chain_of_cuts(n), {g.each.v, g.more.v}));
  }
};

/// What a thread keeps of its mapping's axes.
struct three_sums {
  chained::level_sums<device::size> level[chained::three];
  chained::axis_lengths<device::size> lengths[chained::whole_dims];
};

/// A dimension's tiles and sub-clusters as a genome has them.
CUGAMMA_HD constexpr chained::chain_of<device::size> read_axis(const genome& g,
                                                               int d,
                                                               const layer_row& l,
                                                               std::int32_t top_units) {
  using device::size;
  const bool is_present = core::has(l.genes.tensors.present, d);
  chained::chain_of<size> c;
  for (int level = 0; level < chained::three; ++level) {
    c.tile[level] = size(is_present ? tile(g, level, static_cast<dimension>(d)) : 1);
    int along = index_of(parallel(g, level));
    if (!core::has(l.genes.tensors.present, K) && along == K) along = C;
    const std::int32_t units = level == 0 ? top_units : cluster_size(g, level);
    c.units[level] = size(along == d ? units : 1);
  }
  chained::cut_boxes(size(l.closed.outputs[d]), chained::three, c);
  return c;
}

CUGAMMA_HD_CALLED constexpr void sum_window_axis(const genome& g,
                                                 int d,
                                                 const layer_row& l,
                                                 std::int32_t top_units,
                                                 three_sums& s) {
  using device::size;
  const chained::chain_of<size> c = read_axis(g, d, l, top_units);
  const row_grid<size> grid{size(l.closed.each[d - Y]), size(l.closed.more[d - Y])};
  s.lengths[d] = chained::lengths_of(c);
  chained::sum_window_axis(c, d, 0, grid, deep_of_thread{}, s.level[0]);
  chained::sum_window_axis(c, d, 1, grid, deep_of_thread{}, s.level[1]);
  chained::sum_window_axis(c, d, 2, grid, deep_of_thread{}, s.level[2]);
}

CUGAMMA_HD_CALLED constexpr void sum_channels(const genome& g,
                                              int d,
                                              const layer_row& l,
                                              std::int32_t top_units,
                                              three_sums& s) {
  const auto c = read_axis(g, d, l, top_units);
  const bool are_of_outputs = d == K || l.closed.is_depthwise;
  s.lengths[d] = chained::lengths_of(c);
  chained::sum_channels(c, d, 0, are_of_outputs, deep_of_thread{}, s.level[0]);
  chained::sum_channels(c, d, 1, are_of_outputs, deep_of_thread{}, s.level[1]);
  chained::sum_channels(c, d, 2, are_of_outputs, deep_of_thread{}, s.level[2]);
}

/// Whether three levels of a genome are what the closed form takes; they are legal then but for
/// the number of PEs.
CUGAMMA_HD constexpr bool reads_as_three_levels(const genome& g,
                                                const layer_row& l,
                                                chained::three_orders<device::size>& order) {
  const core::couplings& c = l.genes.tensors;
  bool simple = level_count(g) == chained::three;
  for (int level = 0; level < chained::three; ++level) {
    const std::uint32_t places = core::invert_order(g, level);
    simple = simple && places != ~0u;
    device::size position[chained::whole_dims] = {};
    for (int d = 0; d < chained::whole_dims; ++d) {
      position[d] = device::size::of(places >> (dimension_bits * d) & dimension_code_mask);
      simple =
          simple && (!core::has(c.present, d) || tile(g, level, static_cast<dimension>(d)) > 0);
    }
    order.set(level, position);
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

/// Scores a mapping of three levels. As score_two_level.
CUGAMMA_HD constexpr lacking score_three_level(const genome& g,
                                               const layer_row& l,
                                               const accelerator_row& a,
                                               cost& out) {
  using device::number;
  chained::three_orders<device::size> order{};
  if (!reads_as_three_levels(g, l, order)) return lacking::everything;
  const std::int64_t below = std::int64_t{cluster_size(g, 1)} * cluster_size(g, 2);
  const std::int32_t pes = own_pes(g) != 0 ? own_pes(g) : a.chained.limits.num_pes;
  if (below > pes) {
    out = cost{.status = clusters_exceed_pes};
    return lacking::nothing;
  }
  const std::int32_t top_units = pes / static_cast<std::int32_t>(below);
  three_sums s;
  for (int d = K; d <= C; ++d) sum_channels(g, d, l, top_units, s);
  for (int d = Y; d <= X; ++d) sum_window_axis(g, d, l, top_units, s);
  closed_figures<number> f;
  chained::set_sizes_and_runtime(s.lengths, l.closed, a.closed, f);
  const number filter(l.closed.filter);
  const chained::level_passing<number> levels[] = {
      chained::passing_of(order, 0, s.level[0], filter),
      chained::passing_of(order, 1, s.level[1], filter),
      chained::passing_of(order, 2, s.level[2], filter)};
  chained::set_traffic(levels, f);
  out = cost_of(f, l.chained, a.chained.limits);
  return f.is_runtime_final ? lacking::nothing : lacking::runtime;
}

}  // namespace cugamma::exact
