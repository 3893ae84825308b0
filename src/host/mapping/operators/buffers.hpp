#pragma once

#include <array>
#include <cstdint>

#include "mapping/operators/genes.hpp"

namespace cugamma::operators {

template <class V>
using tile_values = std::array<V, gene_dimension_count>;

/// Input rows (columns likewise) under `outputs` neighbouring output rows and `window` filter rows,
/// the window moving on by the stride; those that all windows skip are not counted.
template <class V>
V input_rows(V outputs, V window, std::int32_t stride) {
  const V step = select(window < V(stride), window, V(stride));
  return outputs * step + window - step;
}

/// Elements that a PE's L1 must hold for innermost tiles, double buffered, as the cost model counts
/// them.
template <class V>
V l1_need(const tile_values<V>& t, const search_space& space) {
  const auto [k, c, y, x, r, s] = t;
  const bool dsconv = space.target.type == layer_type::dsconv;
  const V plane = input_rows(y, r, space.target.stride_y) * input_rows(x, s, space.target.stride_x);
  const V outputs = space.counts_exact_sizes ? y * x : plane;
  return V(2) * (c * plane + k * c * r * s + (dsconv ? c : k) * outputs);
}

/// Elements of L2, double buffered: equal to the model's figure for most genomes, above it for the
/// rest. `extent`: what all sub-clusters hold together of a dimension; rows, columns: of the input.
template <class V>
V l2_need(const tile_values<V>& extent, V rows, V columns, bool dsconv) {
  const auto [k, c, y, x, r, s] = extent;
  return V(2) * (c * rows * columns + k * c * r * s + (dsconv ? c : k) * y * x);
}

template <class N, class Depth>
N innermost(const genes<N, Depth>& g, int d) {
  N tile = g.tiles[Depth::most - 1][d];
  if constexpr (Depth::fixed) return tile;
  for (int level = Depth::most - 2; level >= 0; --level) {
    move_if(!in_use(g, level + 1), tile, g.tiles[level][d]);
  }
  return tile;
}

/// Sub-clusters of the top level.
template <class N, class Depth>
N top_clusters(const genes<N, Depth>& g, const search_space& space) {
  N clusters = pes_of(g, space);
  for (int level = 1; level < Depth::most; ++level) {
    move_if(in_use(g, level), clusters, floor_div(clusters, max_of(g.cluster[level], N(1))));
  }
  return clusters;
}

/// L2 need with the top tiles `t`, in numbers of type V, which `to` makes of words.
template <class V, class N, class Depth, class To>
V l2_need_with(const genes<N, Depth>& g,
               const breeding_plan& plan,
               N clusters,
               const std::array<N, gene_dimension_count>& t,
               To to) {
  const search_space& space = plan.space;
  tile_values<V> extent;
  tile_values<V> active;
  for (int d = 0; d < gene_dimension_count; ++d) {
    extent[d] = to(t[d]);
    active[d] = V(1);
  }
  const auto spread_over = [&](N parallel) {
    N size(1);
    N bound(1);
    for (int d = 0; d < gene_dimension_count; ++d) {
      if (!contains(plan.top_parallel, d)) continue;
      move_if(parallel == number<N>(d), size, t[d]);
      move_if(parallel == number<N>(d), bound, number<N>(space.bound[d]));
    }
    const V tiles = to(min_of(clusters, ceil_quotient(bound, max_of(size, N(1)))));
    const V held = min_of(to(bound), tiles * to(size));
    for (int d = 0; d < gene_dimension_count; ++d) {
      if (!contains(plan.top_parallel, d)) continue;
      extent[d] = select(parallel == number<N>(d), held, extent[d]);
      active[d] = select(parallel == number<N>(d), tiles, active[d]);
    }
  };
  spread_over(g.parallel[0]);
  if (plan.has_second) spread_over(g.second[0]);
  // The rows that neighbouring sub-clusters share are there once, or once for each.
  const auto held_rows = [&](int d, V window, std::int32_t stride) {
    if (space.counts_exact_sizes) return input_rows(extent[d], window, stride);
    return extent[d] + active[d] * (window - V(1));
  };
  const V rows = held_rows(2, to(t[4]), space.target.stride_y);
  const V columns = held_rows(3, to(t[5]), space.target.stride_x);
  return l2_need(extent, rows, columns, space.target.type == layer_type::dsconv);
}

/// Halves tiles of K, C, Y, X at random until the need is within the limit or no tile can shrink:
/// a tile gives up a random number of bits, at most as many as the need has too many.
/// least: of each tile. need(tiles): in elements.
template <class N, class Need>
void shrink(std::array<N, gene_dimension_count>& t,
            const std::array<N, 4>& least,
            float limit,
            N word,
            const Need& need) {
  using V = real_of<N>;
  for (;;) {
    const V needed = need(t);
    const mask_of<N> too_large = V(limit) < needed;
    N can_shrink(0);
    for (int d = 0; d < first_filter_dimension; ++d) {
      can_shrink = can_shrink | select(least[d] < t[d], N(0x11u << d), N(0));
    }
    const mask_of<N> shrinks = too_large & !(can_shrink == N(0));
    if (!any_of(shrinks)) return;
    word = word * N(747796405u) + N(2891336453u);
    const N from = word >> 30;
    const N behind = can_shrink >> from;
    const N chosen = (behind & (N(0) - behind)) << from;
    const N bits = floor_log2(select(shrinks, needed * V(1 / limit), V(1))) + N(1);
    const N half = bits >> 1;
    const N by = min_of((((word >> 12) & N(0xffff)) * (bits - half) >> 16) + half, N(20)) + N(1);
    for (int d = 0; d < first_filter_dimension; ++d) {
      const mask_of<N> hit = shrinks & !((chosen & N(0x11u << d)) == N(0));
      const N smaller = (t[d] + (N(1) << by) - N(1)) >> by;
      move_if(hit, t[d], max_of(smaller, least[d]));
    }
  }
}

template <class N, class Depth>
void fit_l2(genes<N, Depth>& g, const breeding_plan& plan, N word) {
  using V = real_of<N>;
  const N clusters = top_clusters(g, plan.space);
  std::array<N, 4> least;
  for (int d = 0; d < first_filter_dimension; ++d) least[d] = least_tile(g, plan, 0, d);
  shrink(g.tiles[0], least, plan.l2_limit, word, [&](const auto& t) {
    return l2_need_with<V>(g, plan, clusters, t, [](N tile) { return to_real(tile); });
  });
  repair_tiles(g, plan, plan.space.factors_only ? 0 : 1);
}

/// The buffers of the sub-clusters of level 0, which hold the largest tiles.
template <class N, class Depth>
void fit_cluster_buffer(genes<N, Depth>& g, const breeding_plan& plan, N word) {
  using V = real_of<N>;
  std::array<N, 4> least;
  for (int d = 0; d < first_filter_dimension; ++d) least[d] = least_tile(g, plan, 0, d);
  const mask_of<N> has_buffer = Depth::fixed ? N(0) == N(0) : in_use(g, 1);
  shrink(g.tiles[0], least, plan.cluster_limit, word, [&](const auto& t) {
    tile_values<V> values;
    for (int d = 0; d < gene_dimension_count; ++d) values[d] = to_real(t[d]);
    return select(has_buffer, l1_need(values, plan.space), V(0));
  });
  repair_tiles(g, plan, plan.space.factors_only ? 0 : 1);
}

template <class N, class Depth>
void fit_l1(genes<N, Depth>& g, const breeding_plan& plan, N word) {
  using V = real_of<N>;
  std::array<N, gene_dimension_count> t;
  std::array<N, 4> least;
  for (int d = 0; d < gene_dimension_count; ++d) t[d] = innermost(g, d);
  for (int level = Depth::fixed ? Depth::most - 1 : 0; level < Depth::most; ++level) {
    for (int d = 0; d < first_filter_dimension; ++d) {
      const N low = least_tile(g, plan, level, d);
      least[d] = Depth::fixed || level == 0 ? low : select(in_use(g, level), low, least[d]);
    }
  }
  shrink(t, least, plan.l1_limit, word, [&](const auto& tiles) {
    tile_values<V> values;
    for (int d = 0; d < gene_dimension_count; ++d) values[d] = to_real(tiles[d]);
    return l1_need(values, plan.space);
  });
  for (int level = 0; level < Depth::most; ++level) {
    const bool last = level + 1 == Depth::most;
    const mask_of<N> is_innermost = last ? N(0) == N(0) : !in_use(g, level + 1);
    if (Depth::fixed && !last) continue;
    for (int d = 0; d < first_filter_dimension; ++d) move_if(is_innermost, g.tiles[level][d], t[d]);
  }
  if (plan.space.factors_only) repair_tiles(g, plan);
}

/// Shrinks tiles until the individuals fit the buffers, where they are limited.
template <class N, class Depth>
void fit_buffers(genes<N, Depth>& g, const breeding_plan& plan, random_words<N>& random) {
  const N l2_word = random.next();
  const N l1_word = random.next();
  if (plan.l2_limit >= 0) fit_l2(g, plan, l2_word);
  if (plan.cluster_limit >= 0) fit_cluster_buffer(g, plan, random.next());
  if (plan.l1_limit >= 0) fit_l1(g, plan, l1_word);
  repair_clusters(g, plan);
}

}  // namespace cugamma::operators
