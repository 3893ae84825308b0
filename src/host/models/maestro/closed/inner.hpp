#pragma once

#include "models/maestro/closed/shares.hpp"
#include "models/maestro/work_error.hpp"

/// What the inner level makes of the tiles that it is handed: cycles and MACs, as products over
/// dimensions, and the runtime that follows where a step takes as long as its slowest PE computes.
namespace cugamma::core {

/// Factors of one handed tile's figures, by dimension and size there (full_tile, edge_tile).
template <class N>
struct inner_level {
  N cycles[free_dims][2];  ///< of the critical path
  N macs[free_dims][2];    ///< of the counted MACs
  tilings<N> of_full;
  spatial_dim<N> spatial;
};

template <class N, class U>
CUGAMMA_HD constexpr inner_level<N> make_inner(const two_level_genes<N>& genes,
                                               const outer_level<N>& outer,
                                               const two_level_layer<U>& layer) {
  const auto& spatial = genes.spatial[1];
  const inner_tilings<N> cut = cut_inner(genes, outer, layer);
  inner_level<N> inner;
  inner.spatial = cut.spatial;
  for (int d = 0; d < free_dims; ++d) {
    inner.of_full[d] = cut.of[full_tile][d];
    inner.cycles[d][full_tile] = inner.macs[d][full_tile] = genes.tile[0][d];
    const N last = cut.of[edges_come_from(edge_tile)][d].edge;
    const N tail = select(cut.of[edge_tile][d].partial, last, N(0));
    inner.cycles[d][edge_tile] = inner.macs[d][edge_tile] =
        cut.of[edge_tile][d].full * genes.tile[1][d] + tail;
  }
  const mask_of<N> in_output = spatial_in<N>(spatial, layer.tensors.output);
  for (int size = full_tile; size <= edge_tile; ++size) {
    const spatial_rounds<N>& rounds = cut.rounds[size];
    const N slowest = over_rounds(rounds, slowest_share(cut.spatial, rounds, in_output));
    const N macs = over_rounds(rounds, volume_share(cut.spatial, rounds, cut.spatial.edge));
    for (int d = 0; d < free_dims; ++d) {
      inner.cycles[d][size] = select(spatial[d], slowest, inner.cycles[d][size]);
      inner.macs[d][size] = select(spatial[d], macs, inner.macs[d][size]);
    }
  }
  return inner;
}

/// Cycles of the outer spatial dimension over its steps: the worse of the two tiles where both are
/// active. full, edge: cycles of a tile of that size.
template <class N>
CUGAMMA_HD constexpr N outer_spatial_cycles(const outer_level<N>& outer, N full, N edge) {
  const spatial_rounds<N>& rounds = outer.rounds;
  const mask_of<N> single = outer.spatial.single;
  const N worse = select(single, edge, max_of(full, edge));
  const N last = select(rounds.partial > N(0), worse, select(single, edge, full));
  return rounds.before_edge * select(rounds.init_edge, worse, full) + rounds.edges * last;
}

/// Runtime in cycles where each step takes as long as its slowest PE computes. head: cycles of the
/// NoC's zero-load delay.
template <class N, class U>
CUGAMMA_HD constexpr wide_of<N> compute_bound_runtime(const two_level_genes<N>& genes,
                                                      const outer_level<N>& outer,
                                                      const inner_level<N>& inner,
                                                      const two_level_layer<U>& layer,
                                                      wide_of<N> head) {
  using W = wide_of<N>;
  W work = W(layer.window), steps = W(outer.rounds.before_edge + outer.rounds.edges);
  N full = N(0), edge = N(0);
  for (int d = 0; d < free_dims; ++d) {
    const mask_of<N> spatial = genes.spatial[0][d];
    const tiling<N>& tiles = outer.tilings[d];
    const N tail = select(tiles.partial, inner.cycles[d][edge_tile], N(0));
    work = work * W(select(spatial, N(1), tiles.full * inner.cycles[d][full_tile] + tail));
    steps = steps * W(outer.steps[d]);
    full = select(spatial, inner.cycles[d][full_tile], full);
    edge = select(spatial, inner.cycles[d][edge_tile], edge);
  }
  return work * W(outer_spatial_cycles(outer, full, edge)) + head * steps + head;
}

/// Least cycles of one step of the outer level.
template <class N, class U>
CUGAMMA_HD constexpr wide_of<N> shortest_step(const inner_level<N>& inner,
                                              const two_level_layer<U>& layer) {
  using W = wide_of<N>;
  W least = W(layer.window);
  for (const auto& cycles : inner.cycles) {
    least = least * W(min_of(cycles[full_tile], cycles[edge_tile]));
  }
  return least;
}

/// MACs of the handed tiles in one dimension, by size there.
template <class N>
struct handed_macs {
  N counted[2];
  N own[2];
  mask_of<N> occurs[2];
};

template <class N>
CUGAMMA_HD constexpr handed_macs<N> handed_macs_in(const two_level_genes<N>& genes,
                                                   const outer_level<N>& outer,
                                                   const inner_level<N>& inner,
                                                   int d) {
  const tiling<N>& tiles = outer.tilings[d];
  const mask_of<N> only_edge =
      genes.spatial[0][d] & outer.rounds.init_edge & outer.spatial.single & tiles.partial;
  return {{inner.macs[d][full_tile], inner.macs[d][edge_tile]},
          {genes.tile[0][d], tiles.edge},
          {!only_edge, tiles.partial}};
}

/// The same of two dimensions: [size in the first + 2 x size in the second].
template <class N>
struct handed_mac_pairs {
  wide_of<N> counted[4];
  wide_of<N> own[4];
  mask_of<N> occurs[4];
};

template <class N>
CUGAMMA_HD constexpr handed_mac_pairs<N> pairs_of(const handed_macs<N>& a,
                                                  const handed_macs<N>& b) {
  using W = wide_of<N>;
  handed_mac_pairs<N> pairs;
  for (int v = 0; v < 4; ++v) {
    pairs.counted[v] = W(a.counted[v & 1]) * W(b.counted[v >> 1]);
    pairs.own[v] = W(a.own[v & 1]) * W(b.own[v >> 1]);
    pairs.occurs[v] = a.occurs[v & 1] & b.occurs[v >> 1];
  }
  return pairs;
}

/// Largest |counted - own| / own MACs over the handed tiles that occur.
template <class N, class U>
CUGAMMA_HD constexpr real_of<wide_of<N>> inner_error(const two_level_genes<N>& genes,
                                                     const outer_level<N>& outer,
                                                     const inner_level<N>& inner,
                                                     const two_level_layer<U>& layer) {
  using W = wide_of<N>;
  const auto macs_in = [&](int d) { return handed_macs_in(genes, outer, inner, d); };
  const handed_mac_pairs<N> kc = pairs_of(macs_in(K), macs_in(C));
  handed_mac_pairs<N> yx = pairs_of(macs_in(Y), macs_in(X));
  for (int v = 0; v < 4; ++v) {
    yx.counted[v] = yx.counted[v] * W(layer.window);
    yx.own[v] = yx.own[v] * W(layer.window);
  }
  real_of<W> largest = real_of<W>(0);
  for (int a = 0; a < 4; ++a) {
    if (!any_of(kc.occurs[a])) continue;
    for (int b = 0; b < 4; ++b) {
      const W counted = kc.counted[a] * yx.counted[b], own = kc.own[a] * yx.own[b];
      largest = max_of(largest, work_error(kc.occurs[a] & yx.occurs[b], counted, own));
    }
  }
  return largest;
}

/// Elements of a PE's tiles of the three tensors, before double buffering.
template <class N, class U>
CUGAMMA_HD constexpr wide_of<N> pe_buffer(const two_level_genes<N>& genes,
                                          const two_level_layer<U>& layer) {
  using W = wide_of<N>;
  W input = W(1), filter = W(layer.window), output = W(1);
  for (int d = 0; d < free_dims; ++d) {
    const W tile(genes.tile[1][d] + N(layer.halo[d]));
    if (has(layer.tensors.input, d)) input = input * tile;
    if (has(layer.tensors.filter, d)) filter = filter * tile;
    if (has(layer.tensors.output, d)) output = output * tile;
  }
  return input + filter + output;
}

}  // namespace cugamma::core
