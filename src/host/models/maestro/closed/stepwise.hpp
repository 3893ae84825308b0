#pragma once

#include "models/maestro/closed/step_loops.hpp"

/// The runtime of mappings for which closed_form() gives every figure except the runtime. Where a
/// step's traffic does not pass the NoC at once, a step takes as long as the slowest of computing,
/// receiving and sending, and the maximum of the three keeps sums over steps from being products.
/// So steps of different kinds are told apart: which loop moves, and which of the loops outside it
/// are at their partial tile. A level of four loops has at most 30 kinds, and its first step; the
/// inner level is handed at most 16 tiles.
///
/// N as in two_level.hpp; M: wide numbers of an accelerator. Exact where fits_words is set.
namespace cugamma::core {

/// Tiles that an outer level of four loops hands down.
inline constexpr int most_stepped_tiles = 1 << free_dims;

/// Adds up the steps of one handed tile. Compute: cycles that the level below takes for a step,
/// from the MACs of the slowest sub-cluster, the temporal loops at their partial tile (a sum of
/// bits), and whether the spatial one is.
template <class N, class M, class Compute>
class step_sum {
 public:
  using W = wide_of<N>;

  /// least: cycles that a step takes at least.
  CUGAMMA_HD constexpr step_sum(const ordered_loops<N>& loops,
                                const handed_loops<N>& handed,
                                const machine_facts<M>& machine,
                                const Compute& compute,
                                W least)
      : loops_(loops),
        handed_(handed),
        machine_(machine),
        compute_(compute),
        least_(least),
        macs_inside_{},
        out_inside_{} {
    macs_inside_[free_dims] = W(1);
    out_inside_[free_dims] = N(1);
    for (int i = free_dims - 1; i >= 0; --i) {
      macs_inside_[i] = macs_inside_[i + 1] * W(handed.macs[i][0]);
      out_inside_[i] = out_inside_[i + 1] * handed.out[i][0];
      for (int s = 0; s < 2; ++s) in_[i][s] = noc(handed.in[i][s]);
    }
  }

  /// window: factor of the MACs that no loop contributes.
  CUGAMMA_HD constexpr W total(W window) const {
    const prefix none{window, N(1), N(0), no_lane<N>()};
    const W work = compute_(window * macs_inside_[0], none.at_edge, none.spatial);
    const W first = max_of(work + noc(handed_.first_in), least_);
    return first + inside<0>(none, max_of(max_of(work, noc(out_inside_[0])), least_));
  }

 private:
  // The loops outside: which are at their partial tile, and what they contribute.
  struct prefix {
    W macs;
    N out;
    N at_edge;
    mask_of<N> spatial;
  };

  CUGAMMA_HD constexpr W noc(N volume) const {
    return W(ceil_div(volume, machine_.noc_bw)) + W(machine_.head_cycles - M(1));
  }

  template <int I>
  CUGAMMA_HD constexpr prefix extend(const prefix& outside, int edge) const {
    return {outside.macs * W(handed_.macs[I][edge]),
            outside.out * handed_.out[I][edge],
            outside.at_edge,
            outside.spatial};
  }

  // Steps in which loop I or one inside it moves. base: what a step takes that moves loop I and
  // leaves it at a whole tile, the NoC's delivery apart.
  template <int I>
  CUGAMMA_HD constexpr W inside(const prefix& outside, W base) const {
    if constexpr (I == free_dims) {
      return W(0);
    } else {
      const W steady(handed_.steady[I]);
      const W in = select(outside.spatial, in_[I][1], in_[I][0]);
      W sum =
          steady * max_of(base, in) + (steady + W(1)) * inside<I + 1>(extend<I>(outside, 0), base);
      const mask_of<N> has_edge = handed_.edges[I] > N(0);
      if (any_of(has_edge)) {
        prefix edge = extend<I>(outside, 1);
        edge.at_edge = outside.at_edge + select(loops_.spatial[I], N(0), loops_.loop[I].dim_bit);
        edge.spatial = outside.spatial | loops_.spatial[I];
        const W work = compute_(edge.macs * macs_inside_[I + 1], edge.at_edge, edge.spatial);
        const W at_edge = max_of(max_of(work, noc(edge.out * out_inside_[I + 1])), least_);
        const W entered = select(edge.spatial, in_[I][1], in_[I][0]);
        sum = sum + select(has_edge, max_of(at_edge, entered) + inside<I + 1>(edge, at_edge), W(0));
      }
      return sum;
    }
  }

  const ordered_loops<N>& loops_;
  const handed_loops<N>& handed_;
  const machine_facts<M>& machine_;
  const Compute& compute_;
  const W least_;
  W macs_inside_[free_dims + 1];
  N out_inside_[free_dims + 1];
  W in_[free_dims][2];
};

/// A PE computes simd_lanes MACs a cycle.
template <class N, class M>
struct pe_step {
  const machine_facts<M>& machine;
  CUGAMMA_HD constexpr wide_of<N> operator()(wide_of<N> macs, N, mask_of<N>) const {
    return ceil_div(macs, machine.simd_lanes);
  }
};

/// The inner level takes as long as for the tile that it is handed; the worse of two where the last
/// sub-cluster is handed a partial one.
template <class N, class Tiles>
struct inner_step {
  const Tiles& tiles;
  const outer_level<N>& outer;
  N spatial_bit;  ///< 0 where the spatial dimension has no partial tile

  CUGAMMA_HD constexpr wide_of<N> operator()(wide_of<N>, N at_edge, mask_of<N> spatial) const {
    const spatial_rounds<N>& rounds = outer.rounds;
    const mask_of<N> edge = spatial | rounds.init_edge;
    const mask_of<N> partial =
        (spatial & (rounds.partial > N(0))) | ((!spatial) & rounds.init_edge);
    const N last = at_edge + select(edge, spatial_bit, N(0));
    const N full = at_edge + select(edge & outer.spatial.single, spatial_bit, N(0));
    const wide_of<N> of_full = tiles.at(full), of_last = tiles.at(last);
    return select(partial, max_of(of_full, of_last), of_full);
  }
};

/// Runs the inner level for every tile that occurs, and keeps the cycles in `tiles`.
template <class N, class U, class M, class Tiles>
CUGAMMA_HD constexpr void time_tiles(const two_level_genes<N>& genes,
                                     const outer_level<N>& outer,
                                     const two_level_layer<U>& layer,
                                     const machine_facts<M>& machine,
                                     Tiles& tiles) {
  using W = wide_of<N>;
  unsigned edges = 0;  // dimensions in which tiles of two sizes are handed down
  for (int d = 0; d < free_dims; ++d) {
    if (any_of(outer.tilings[d].partial)) edges |= bit(d);
  }
  const inner_tilings<N> cut = cut_inner(genes, outer, layer);
  const ordered_loops<N> inner = order_loops(genes,
                                             layer,
                                             1,
                                             cut.of,
                                             cut.of[edges_come_from(edge_tile)],
                                             cut.spatial,
                                             cut.rounds);
  unsigned tile = 0;
  do {
    const handed_loops<N> handed = hand_tile(inner, layer, tile);
    const pe_step<N, M> compute{machine};
    tiles.set(tile, step_sum(inner, handed, machine, compute, W(0)).total(W(layer.window)));
    tile = (tile - edges) & edges;
  } while (tile != 0);
}

/// Runtime of the outer level, once the tiles' cycles are known.
template <class N, class U, class M, class Tiles>
CUGAMMA_HD constexpr wide_of<N> time_outer(const two_level_genes<N>& genes,
                                           const outer_level<N>& outer,
                                           const two_level_layer<U>& layer,
                                           const machine_facts<M>& machine,
                                           const Tiles& tiles) {
  using W = wide_of<N>;
  tilings<N> of[2];
  for (int d = 0; d < free_dims; ++d) of[full_tile][d] = of[edge_tile][d] = outer.tilings[d];
  const spatial_rounds<N> rounds[2] = {outer.rounds, outer.rounds};
  const ordered_loops<N> loops =
      order_loops(genes, layer, 0, of, of[full_tile], outer.spatial, rounds);
  const handed_loops<N> handed = hand_tile(loops, layer, 0);
  const N has_partial = select(outer.spatial.unique > N(0), loops.spatial_bit, N(0));
  const inner_step<N, Tiles> compute{tiles, outer, has_partial};
  const W least = max_of(floor_div(W(handed.first_in), machine.offchip_bw),
                         floor_div(W(handed.first_out), machine.offchip_bw));
  return step_sum(loops, handed, machine, compute, least).total(W(1));
}

/// Runtime in cycles. Tiles: room for the cycles of most_stepped_tiles tiles, with set(unsigned,
/// wide_of<N>) and at(N).
template <class N, class U, class M, class Tiles>
CUGAMMA_HD constexpr wide_of<N> stepwise_runtime(const two_level_genes<N>& genes,
                                                 const two_level_layer<U>& layer,
                                                 const machine_facts<M>& machine,
                                                 Tiles& tiles) {
  // Made twice: to keep it meanwhile takes more registers than a thread has.
  time_tiles(genes, make_outer(genes, layer), layer, machine, tiles);
  return time_outer(genes, make_outer(genes, layer), layer, machine, tiles);
}

}  // namespace cugamma::core
