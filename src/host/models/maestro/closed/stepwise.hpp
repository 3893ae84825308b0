#pragma once

#include "models/maestro/closed/closed_form.hpp"

/// The runtime of mappings that closed_form() knows all about but that. Where a step's traffic does
/// not pass the NoC at once, a step takes as long as the slowest of computing, receiving and
/// sending, and the maximum of the three keeps sums over steps from being products. So steps of
/// different kinds are told apart: which loop moves, and which of the loops outside it are at their
/// partial tile. A level of four loops has at most 30 kinds, and its first step; the inner level is
/// handed at most 16 tiles.
///
/// N as in closed_form.hpp; M: wide numbers of a machine. Exact where fits_words is set.
namespace cugamma::core {

/// Tiles that an outer level of four loops hands down.
inline constexpr int most_stepped_tiles = 1 << free_dims;

namespace detail {

template <class N>
CUGAMMA_HD constexpr mask_of<N> are_equal(N a, N b) {
  return (a <= b) & (a >= b);
}

/// Lanes whose dimension, given as a bit, is in a set of dimensions.
template <class N>
CUGAMMA_HD constexpr mask_of<N> is_in(N dim_bit, unsigned set) {
  mask_of<N> in = no_lane<N>();
  for (int d = 0; d < free_dims; ++d) {
    if (has(set, d)) in = in | are_equal(dim_bit, N(1 << d));
  }
  return in;
}

/// The loop of a level over a free dimension. [v]: it is handed a full tile (0) or the one at the
/// edge of the level above (1). Sizes in output coordinates.
template <class N>
struct level_loop {
  N position;
  N dim_bit;
  N halo;
  N whole;       ///< tile
  N edge;        ///< partial tile, that of a full handed tile
  N short_tile;  ///< the tile of a handed edge, which may be smaller than one
  N steady[2];   ///< steps after the first that hold whole tiles
  N edges[2];    ///< 1: a step with a partial tile follows
};

template <class N>
CUGAMMA_HD constexpr void exchange(mask_of<N> really, N& a, N& b) {
  const N first = select(really, b, a);
  b = select(really, a, b);
  a = first;
}

/// Puts two loops in order.
template <class N>
CUGAMMA_HD constexpr void order(level_loop<N>& a, level_loop<N>& b) {
  const mask_of<N> wrong = b.position < a.position;
  exchange(wrong, a.position, b.position);
  exchange(wrong, a.dim_bit, b.dim_bit);
  exchange(wrong, a.halo, b.halo);
  exchange(wrong, a.whole, b.whole);
  exchange(wrong, a.edge, b.edge);
  exchange(wrong, a.short_tile, b.short_tile);
  for (int v = 0; v < 2; ++v) {
    exchange(wrong, a.steady[v], b.steady[v]);
    exchange(wrong, a.edges[v], b.edges[v]);
  }
}

/// What the spatial loop of a level contributes to a step. [v]: see level_loop; [s]: in the step of
/// the partial tile.
template <class N>
struct spatial_factors_of_steps {
  step_factors<N> macs[2];
  step_factors<N> out[2];
  ingress_factors<N> in[2];
};

/// A level as its steps need it: loops from the outermost to the innermost.
template <class N>
struct stepped_level {
  level_loop<N> loop[free_dims];
  spatial_factors_of_steps<N> factors;
  N spatial_bit;
  mask_of<N> spatial[free_dims];  ///< this loop is the spatial one
  mask_of<N> in_input[free_dims], in_filter[free_dims], in_output[free_dims];
  mask_of<N> spatial_in_input, spatial_in_filter;
};

template <class N>
CUGAMMA_HD constexpr spatial_factors_of_steps<N> spatial_steps_of(const spatial_dim<N>& f,
                                                                  const rounds_of<N> (&r)[2],
                                                                  mask_of<N> in_output) {
  const N one(1);
  spatial_factors_of_steps<N> k;
  for (int v = 0; v < 2; ++v) {
    const step_factors<N> out = volume_steps(f, r[v], f.out_unique);
    k.macs[v] = critical_steps(f, r[v], in_output);
    k.out[v] = {select(in_output, out.whole, one), select(in_output, out.edge, one)};
    k.in[v] = ingress_of(f, r[v], one > N(0));
  }
  return k;
}

/// cuts, r: by variant of the handed tile.
template <class N, class U>
CUGAMMA_HD constexpr stepped_level<N> make_stepped(const two_level_genes<N>& g,
                                                   const two_level_layer<U>& l,
                                                   int level,
                                                   const cut<N> (&cuts)[2][free_dims],
                                                   const spatial_dim<N>& f,
                                                   const rounds_of<N> (&r)[2]) {
  const N one(1);
  const auto& s = g.spatial[level];
  stepped_level<N> t;
  for (int d = 0; d < free_dims; ++d) {
    level_loop<N>& loop = t.loop[d];
    const N tile = g.tile[level][d];
    const mask_of<N> smaller = cuts[1][d].full < one;
    loop.position = g.position[level][d];
    loop.dim_bit = N(1 << d);
    loop.halo = N(l.halo[d]);
    loop.whole = tile;
    loop.edge = cuts[0][d].edge;
    loop.short_tile = select(smaller, loop.edge, tile);
    for (int v = 0; v < 2; ++v) {
      const cut<N>& c = cuts[v][d];
      const N steady = select(c.full < one, N(0), c.full - one);
      const N edges = select(c.partial & (c.full >= one), one, N(0));
      loop.steady[v] = select(s[d], r[v].rounds - one, steady);
      loop.edges[v] = select(s[d], r[v].edges, edges);
    }
  }
  order(t.loop[0], t.loop[1]);
  order(t.loop[2], t.loop[3]);
  order(t.loop[0], t.loop[2]);
  order(t.loop[1], t.loop[3]);
  order(t.loop[1], t.loop[2]);
  t.spatial_bit = chosen(s, N(1 << K), N(1 << C), N(1 << Y), N(1 << X));
  for (int i = 0; i < free_dims; ++i) {
    t.spatial[i] = are_equal(t.loop[i].dim_bit, t.spatial_bit);
    t.in_input[i] = is_in(t.loop[i].dim_bit, l.tensors.input);
    t.in_filter[i] = is_in(t.loop[i].dim_bit, l.tensors.filter);
    t.in_output[i] = is_in(t.loop[i].dim_bit, l.tensors.output);
  }
  t.spatial_in_input = spatial_in<N>(s, l.tensors.input);
  t.spatial_in_filter = spatial_in<N>(s, l.tensors.filter);
  t.factors = spatial_steps_of(f, r, spatial_in<N>(s, l.tensors.output));
  return t;
}

/// The steps of one handed tile. [e], [s]: the loop, the spatial loop is at its partial tile.
template <class N>
struct tile_steps {
  N steady[free_dims];
  N edges[free_dims];
  N macs[free_dims][2];  ///< factors of the MACs of the slowest sub-cluster
  N out[free_dims][2];   ///< factors of what leaves
  N in[free_dims][2];    ///< what enters where this loop moves, by [s]
  N first_in;            ///< what enters in the first step
  N first_out;
};

/// Adds what enters of one tensor. in_tensor: loops that the tensor depends on. tile: of a handed
/// tile, in input coordinates. window: what the tensor's other dimensions hold.
template <class N>
CUGAMMA_HD constexpr void add_ingress(const stepped_level<N>& t,
                                      const mask_of<N> (&in_tensor)[free_dims],
                                      mask_of<N> spatial_in_tensor,
                                      const N (&tile)[free_dims],
                                      const N (&of)[2][2],
                                      N window,
                                      tile_steps<N>& k) {
  const N one(1), none(0);
  N factor[free_dims];
  N inside[free_dims + 1];  // product of the factors of the loops inside
  mask_of<N> reloads[free_dims + 1];
  inside[free_dims] = one;
  reloads[free_dims] = no_lane<N>();
  for (int i = free_dims - 1; i >= 0; --i) {
    factor[i] = select(in_tensor[i] & !t.spatial[i], tile[i], one);
    inside[i] = inside[i + 1] * factor[i];
    reloads[i] = reloads[i + 1] | (in_tensor[i] & (k.steady[i] + k.edges[i] > none));
  }
  N outside = window;
  mask_of<N> spatial_outside = no_lane<N>();
  for (int i = 0; i < free_dims; ++i) {
    const mask_of<N> again = reloads[i + 1];
    const N whole = t.loop[i].whole;
    const N own = select(t.spatial[i], one, select(again, whole + t.loop[i].halo, whole));
    const N volume = select(in_tensor[i], outside * inside[i + 1] * own, none);
    const mask_of<N> whole_tile = spatial_outside | (t.spatial[i] & again);
    for (int s = 0; s < 2; ++s) {
      const N spread = select(spatial_in_tensor, select(whole_tile, of[s][1], of[s][0]), one);
      k.in[i][s] = k.in[i][s] + volume * spread;
    }
    outside = outside * factor[i];
    spatial_outside = spatial_outside | t.spatial[i];
  }
  k.first_in = k.first_in + outside * select(spatial_in_tensor, of[0][1], one);
}

/// handed: the dimensions in which the handed tile is at the edge of the level above.
template <class N, class U>
CUGAMMA_HD constexpr tile_steps<N> steps_of(const stepped_level<N>& t,
                                            const two_level_layer<U>& l,
                                            unsigned handed) {
  const N one(1);
  const mask_of<N> v = is_in(t.spatial_bit, handed);
  tile_steps<N> k;
  N tile[free_dims];
  k.first_out = one;
  for (int i = 0; i < free_dims; ++i) {
    const level_loop<N>& loop = t.loop[i];
    const mask_of<N> at_edge = is_in(loop.dim_bit, handed);
    const N size = select(at_edge, loop.short_tile, loop.whole);
    tile[i] = size + loop.halo;
    k.steady[i] = select(at_edge, loop.steady[1], loop.steady[0]);
    k.edges[i] = select(at_edge, loop.edges[1], loop.edges[0]);
    const auto factor = [&](const step_factors<N>(&f)[2], N whole, N edge, N(&out)[2]) {
      out[0] = select(t.spatial[i], select(v, f[1].whole, f[0].whole), whole);
      out[1] = select(t.spatial[i], select(v, f[1].edge, f[0].edge), edge);
    };
    factor(t.factors.macs, size, loop.edge, k.macs[i]);
    factor(t.factors.out,
           select(t.in_output[i], size, one),
           select(t.in_output[i], loop.edge, one),
           k.out[i]);
    k.in[i][0] = k.in[i][1] = N(0);
    k.first_out = k.first_out * k.out[i][0];
  }
  N of[2][2];
  for (int s = 0; s < 2; ++s) {
    for (int w = 0; w < 2; ++w) {
      of[s][w] = select(v, t.factors.in[1].of[s][w], t.factors.in[0].of[s][w]);
    }
  }
  k.first_in = N(0);
  const N window(l.window);
  add_ingress(t, t.in_input, t.spatial_in_input, tile, of, one, k);
  add_ingress(t, t.in_filter, t.spatial_in_filter, tile, of, window, k);
  return k;
}

/// Adds up the steps of one handed tile. Compute: cycles that the level below takes for a step,
/// from the MACs of the slowest sub-cluster, the temporal loops at their partial tile (a sum of
/// bits), and whether the spatial one is.
template <class N, class M, class Compute>
class step_sum {
 public:
  using W = wide_of<N>;

  CUGAMMA_HD constexpr step_sum(const stepped_level<N>& t,
                                const tile_steps<N>& k,
                                const machine_facts<M>& m,
                                const Compute& compute,
                                W least)
      : t_(t), k_(k), m_(m), compute_(compute), least_(least), macs_inside_{}, out_inside_{} {
    macs_inside_[free_dims] = W(1);
    out_inside_[free_dims] = N(1);
    for (int i = free_dims - 1; i >= 0; --i) {
      macs_inside_[i] = macs_inside_[i + 1] * W(k.macs[i][0]);
      out_inside_[i] = out_inside_[i + 1] * k.out[i][0];
      for (int s = 0; s < 2; ++s) in_[i][s] = noc(k.in[i][s]);
    }
  }

  /// window: factor of the MACs that no loop contributes.
  CUGAMMA_HD constexpr W total(W window) const {
    const prefix none{window, N(1), N(0), no_lane<N>()};
    const W work = compute_(window * macs_inside_[0], none.at_edge, none.spatial);
    const W first = max_of(work + noc(k_.first_in), least_);
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
    return W(ceil_div(volume, m_.noc_bw)) + W(m_.head_cycles - M(1));
  }

  template <int I>
  CUGAMMA_HD constexpr prefix extend(const prefix& p, int e) const {
    return {p.macs * W(k_.macs[I][e]), p.out * k_.out[I][e], p.at_edge, p.spatial};
  }

  // Steps in which loop I or one inside it moves. base: what a step takes that moves loop I and
  // leaves it at a whole tile, the NoC's delivery apart.
  template <int I>
  CUGAMMA_HD constexpr W inside(const prefix& p, W base) const {
    if constexpr (I == free_dims) {
      return W(0);
    } else {
      const W steady(k_.steady[I]);
      const W in = select(p.spatial, in_[I][1], in_[I][0]);
      W sum = steady * max_of(base, in) + (steady + W(1)) * inside<I + 1>(extend<I>(p, 0), base);
      const mask_of<N> has_edge = k_.edges[I] > N(0);
      if (any_of(has_edge)) {
        prefix q = extend<I>(p, 1);
        q.at_edge = p.at_edge + select(t_.spatial[I], N(0), t_.loop[I].dim_bit);
        q.spatial = p.spatial | t_.spatial[I];
        const W work = compute_(q.macs * macs_inside_[I + 1], q.at_edge, q.spatial);
        const W at_edge = max_of(max_of(work, noc(q.out * out_inside_[I + 1])), least_);
        const W entered = select(q.spatial, in_[I][1], in_[I][0]);
        sum = sum + select(has_edge, max_of(at_edge, entered) + inside<I + 1>(q, at_edge), W(0));
      }
      return sum;
    }
  }

  const stepped_level<N>& t_;
  const tile_steps<N>& k_;
  const machine_facts<M>& m_;
  const Compute& compute_;
  const W least_;
  W macs_inside_[free_dims + 1];
  N out_inside_[free_dims + 1];
  W in_[free_dims][2];
};

/// A PE computes simd_lanes MACs a cycle.
template <class N, class M>
struct pe_step {
  const machine_facts<M>& m;
  CUGAMMA_HD constexpr wide_of<N> operator()(wide_of<N> macs, N, mask_of<N>) const {
    return ceil_div(macs, m.simd_lanes);
  }
};

/// The inner level takes as long as for the tile that it is handed; the worse of two where the last
/// sub-cluster is handed a partial one.
template <class N, class Tiles>
struct inner_step_of {
  const Tiles& tiles;
  const outer_level<N>& o;
  N spatial_bit;  ///< 0 where the spatial dimension has no partial tile

  CUGAMMA_HD constexpr wide_of<N> operator()(wide_of<N>, N at_edge, mask_of<N> s) const {
    const mask_of<N> edge = s | o.r.init_edge;
    const mask_of<N> partial = (s & (o.r.partial > N(0))) | ((!s) & o.r.init_edge);
    const N last = at_edge + select(edge, spatial_bit, N(0));
    const N full = at_edge + select(edge & o.f.single, spatial_bit, N(0));
    const wide_of<N> of_full = tiles.at(full), of_last = tiles.at(last);
    return select(partial, max_of(of_full, of_last), of_full);
  }
};

/// Runs the inner level for every tile that occurs.
template <class N, class U, class M, class Tiles>
CUGAMMA_HD constexpr void time_tiles(const two_level_genes<N>& g,
                                     const outer_level<N>& o,
                                     const two_level_layer<U>& l,
                                     const machine_facts<M>& m,
                                     Tiles& tiles) {
  using W = wide_of<N>;
  unsigned variants = 0;
  for (int d = 0; d < free_dims; ++d) {
    if (any_of(o.cuts[d].partial)) variants |= bit(d);
  }
  const inner_cuts<N> c = cut_inner(g, o, l);
  const stepped_level<N> inner = make_stepped(g, l, 1, c.of, c.f, c.r);
  unsigned tile = 0;
  do {
    const tile_steps<N> steps = steps_of(inner, l, tile);
    const pe_step<N, M> compute{m};
    tiles.set(tile, step_sum(inner, steps, m, compute, W(0)).total(W(l.window)));
    tile = (tile - variants) & variants;
  } while (tile != 0);
}

/// Runtime of the outer level, once the tiles are known.
template <class N, class U, class M, class Tiles>
CUGAMMA_HD constexpr wide_of<N> outer_cycles(const two_level_genes<N>& g,
                                             const outer_level<N>& o,
                                             const two_level_layer<U>& l,
                                             const machine_facts<M>& m,
                                             const Tiles& tiles) {
  using W = wide_of<N>;
  cut<N> cuts[2][free_dims];
  for (int d = 0; d < free_dims; ++d) cuts[0][d] = cuts[1][d] = o.cuts[d];
  const rounds_of<N> r[2] = {o.r, o.r};
  const stepped_level<N> outer = make_stepped(g, l, 0, cuts, o.f, r);
  const tile_steps<N> steps = steps_of(outer, l, 0);
  const N has_partial = select(o.f.unique > N(0), outer.spatial_bit, N(0));
  const inner_step_of<N, Tiles> compute{tiles, o, has_partial};
  const W least = max_of(floor_div(W(steps.first_in), m.offchip_bw),
                         floor_div(W(steps.first_out), m.offchip_bw));
  return step_sum(outer, steps, m, compute, least).total(W(1));
}

}  // namespace detail

/// Runtime in cycles. Tiles: room for the cycles of most_stepped_tiles tiles, with set(unsigned,
/// wide_of<N>) and at(N).
template <class N, class U, class M, class Tiles>
CUGAMMA_HD constexpr wide_of<N> stepwise_runtime(const two_level_genes<N>& g,
                                                 const two_level_layer<U>& l,
                                                 const machine_facts<M>& m,
                                                 Tiles& tiles) {
  // Made twice: to keep it meanwhile takes more registers than a thread has.
  detail::time_tiles(g, detail::make_outer(g, l), l, m, tiles);
  return detail::outer_cycles(g, detail::make_outer(g, l), l, m, tiles);
}

}  // namespace cugamma::core
