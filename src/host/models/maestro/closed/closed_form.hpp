#pragma once

#include "models/maestro/walked/facts.hpp"
#include "numbers/number.hpp"

/// The fitness of the mappings that a search mostly breeds, without any enumeration: two levels,
/// one spatial dimension each out of K, C, Y, X, R and S whole, on a machine whose NoC takes a
/// step's traffic at once.
///
/// There a step of the inner level takes as long as its slowest PE computes, so every sum over
/// cases is a product over dimensions: a temporal dimension that is cut into q full tiles and a
/// partial one contributes q x (value of a full tile) + (value of the partial one), the spatial
/// dimension a sum over its few kinds of step. Only the runtime depends on that: where `exact` is
/// not set but `fits_words` is, stepwise_runtime() gives it and the other figures stand. All else
/// is left to fitness().
///
/// N is one mapping (a plain number) or one mapping a SIMD lane. Of type N is what belongs to one
/// dimension and what a step moves of a tensor: below 2^32 where `fits_words` is set and wherever
/// the figures are exact, because the NoC takes it at once; elsewhere an N of 32 bits may have
/// wrapped around. Other products over dimensions are of type wide_of<N>.
namespace cugamma::core {

inline constexpr int free_dims = 4;  ///< K, C, Y, X

/// Two-level mappings; tiles in output coordinates, as genomes have them.
template <class N>
struct two_level_genes {
  N tile[2][free_dims];
  N position[2][free_dims];  ///< in the level's loop order
  mask_of<N> spatial[2][free_dims];
  N pes;
  N cluster_size;
};

/// A layer as the closed form needs it, the same for all lanes.
template <class U>
struct two_level_layer {
  U outputs[free_dims];  ///< K, C, Y', X'
  U halo[free_dims];     ///< input rows (columns) beyond the outputs': R - 1 for Y, S - 1 for X
  U window;              ///< R x S
  couplings tensors;
};

template <class U>
CUGAMMA_HD constexpr two_level_layer<U> make_two_level_layer(const layer_facts<U>& l) {
  two_level_layer<U> t{};
  t.tensors = l.tensors;
  for (int d = 0; d < free_dims; ++d) {
    t.halo[d] = l.tensors.windowed && d >= Y ? l.size[d + 2] - 1 : U{0};
    t.outputs[d] = l.size[d] - t.halo[d];
  }
  t.window = l.size[R] * l.size[S];
  return t;
}

/// N: a wide number.
template <class N>
struct closed_form_figures {
  N runtime_cycles;
  N macs;
  N input_l2_read;
  N filter_l2_read;
  N output_l2_write;
  N l1_elems;
  N l2_elems;
  real_of<N> inner_work_error;
  mask_of<N> legal;
  mask_of<N> exact;       ///< the figures are MAESTRO's
  mask_of<N> fits_words;  ///< all but the runtime are, at least: no volume has more than 32 bits
};

namespace detail {

/// A size cut into tiles.
template <class N>
struct cut {
  N full;              ///< whole tiles
  N rest;              ///< what they leave
  mask_of<N> partial;  ///< it leaves something
  N edge;              ///< the last tile: the rest, or a whole one if there is none
  N count;             ///< tiles, the partial one included
};

template <class N>
CUGAMMA_HD constexpr cut<N> cut_into(N size, N tile) {
  cut<N> c;
  c.full = floor_div(size, tile);
  c.rest = size - c.full * tile;
  c.partial = c.rest > N(0);
  c.edge = select(c.partial, c.rest, tile);
  c.count = c.full + select(c.partial, N(1), N(0));
  return c;
}

/// Steps of a spatial dimension, as spread() in level.hpp, from a size already cut into tiles.
template <class N>
struct rounds_of {
  N rounds;              ///< Init and Steady steps
  N edges;               ///< Edge steps, 0 or 1
  mask_of<N> init_edge;  ///< the first step does not fill the sub-clusters
  N partial;             ///< 1: the last active sub-cluster of the Edge step has a partial tile
  N active;              ///< active sub-clusters of an edge step
};

template <class N>
CUGAMMA_HD constexpr rounds_of<N> spread_over(const cut<N>& c, N clusters) {
  const N whole = floor_div(c.full, clusters);
  const N left = c.full - whole * clusters;
  const mask_of<N> at_once = c.count <= clusters;
  const mask_of<N> some = left > N(0);
  rounds_of<N> r;
  r.rounds = select(at_once, N(1), whole);
  r.edges = select(at_once, N(0), select(some | c.partial, N(1), N(0)));
  r.init_edge = c.full < clusters;
  r.partial = select(at_once, N(0), select(some & c.partial, N(1), N(0)));
  r.active = select(at_once, c.count, max_of(left, N(1)));
  return r;
}

/// The spatial dimension of one level: its sizes and what a step moves with it.
template <class N>
struct spatial_dim {
  N tile;        ///< in output coordinates, which is also the offset
  N edge;        ///< the partial tile in output coordinates
  N halo;        ///< what input coordinates add
  N unique;      ///< part of the edge tile that its neighbour does not hold, input coordinates
  N out_unique;  ///< the same in output coordinates
  N clusters;
  N active;
  mask_of<N> single;  ///< one sub-cluster is active at an edge
};

/// Value of the lane's spatial dimension.
template <class N>
CUGAMMA_HD constexpr N chosen(const mask_of<N> (&spatial)[free_dims], N k, N c, N y, N x) {
  return select(spatial[K], k, select(spatial[C], c, select(spatial[Y], y, x)));
}

template <class N, class U>
CUGAMMA_HD constexpr N chosen_halo(const mask_of<N> (&spatial)[free_dims],
                                   const two_level_layer<U>& l) {
  return chosen(spatial, N(0), N(0), N(l.halo[Y]), N(l.halo[X]));
}

template <class N>
CUGAMMA_HD constexpr mask_of<N> no_lane() {
  return N(1) < N(0);
}

/// Lanes whose spatial dimension is in a set.
template <class N>
CUGAMMA_HD constexpr mask_of<N> spatial_in(const mask_of<N> (&spatial)[free_dims], unsigned set) {
  mask_of<N> in = no_lane<N>();
  for (int d = 0; d < free_dims; ++d) {
    if (has(set, d)) in = in | spatial[d];
  }
  return in;
}

/// The four facts about cut tiles that a spatial dimension needs, for the lane's own dimension.
template <class N>
CUGAMMA_HD constexpr cut<N> chosen_cut(const mask_of<N> (&spatial)[free_dims],
                                       const cut<N> (&c)[free_dims],
                                       const N (&tile)[free_dims]) {
  cut<N> r;
  r.full = chosen(spatial, c[K].full, c[C].full, c[Y].full, c[X].full);
  r.rest = chosen(spatial, c[K].rest, c[C].rest, c[Y].rest, c[X].rest);
  r.partial = r.rest > N(0);
  r.edge = select(r.partial, r.rest, chosen(spatial, tile[K], tile[C], tile[Y], tile[X]));
  r.count = r.full + select(r.partial, N(1), N(0));
  return r;
}

template <class N>
CUGAMMA_HD constexpr spatial_dim<N> make_spatial(N tile,
                                                 const cut<N>& c,
                                                 N halo,
                                                 mask_of<N> windowed,
                                                 N clusters,
                                                 N active) {
  return {tile,
          c.edge,
          halo,
          c.rest,
          select(windowed, c.edge, c.rest),
          clusters,
          active,
          active <= N(1)};
}

/// What a spatial dimension contributes to a step: an Init or Steady one, and the Edge one.
template <class N>
struct step_factors {
  N whole;
  N edge;
};

template <class N>
CUGAMMA_HD constexpr N sum_over(const rounds_of<N>& r, const step_factors<N>& f) {
  return r.rounds * f.whole + r.edges * f.edge;
}

/// Of a volume summed over sub-clusters (see spatial_volumes). last: what the partial sub-cluster
/// adds in an Init step that is already an edge.
template <class N>
CUGAMMA_HD constexpr step_factors<N> volume_steps(const spatial_dim<N>& f,
                                                  const rounds_of<N>& r,
                                                  N last) {
  const N init_edge = select(f.single, f.edge, f.tile * (f.active - N(1)) + last);
  return {select(r.init_edge, init_edge, f.clusters * f.tile),
          select(f.single,
                 f.edge + f.halo,
                 f.tile * (f.active - r.partial) + r.partial * f.out_unique)};
}

/// The outer level: everything about its dimensions that more than one figure reads.
template <class N>
struct outer_level {
  cut<N> cuts[free_dims];
  N steps[free_dims];  ///< of temporal dimensions; 1 for the spatial one
  spatial_dim<N> f;
  rounds_of<N> r;
  N position;  ///< of the spatial dimension
  mask_of<N> in_input, in_filter, in_output;
};

template <class N, class U>
CUGAMMA_HD constexpr outer_level<N> make_outer(const two_level_genes<N>& g,
                                               const two_level_layer<U>& l) {
  const auto& s = g.spatial[0];
  const auto& t = g.tile[0];
  outer_level<N> o;
  for (int d = 0; d < free_dims; ++d) {
    o.cuts[d] = cut_into(N(l.outputs[d]), t[d]);
    o.steps[d] = select(s[d], N(1), o.cuts[d].count);
  }
  const cut<N> c = chosen_cut(s, o.cuts, t);
  const N clusters = floor_div(g.pes, g.cluster_size);
  o.r = spread_over(c, clusters);
  const mask_of<N> windowed = spatial_in<N>(s, l.tensors.windowed ? bit(Y) | bit(X) : 0u);
  o.f = make_spatial(chosen(s, t[K], t[C], t[Y], t[X]),
                     c,
                     chosen_halo<N>(s, l),
                     windowed,
                     clusters,
                     o.r.active);
  o.position = chosen(s, g.position[0][K], g.position[0][C], g.position[0][Y], g.position[0][X]);
  o.in_input = spatial_in<N>(s, l.tensors.input);
  o.in_filter = spatial_in<N>(s, l.tensors.filter);
  o.in_output = spatial_in<N>(s, l.tensors.output);
  return o;
}

/// How the inner level cuts the tiles that it is handed, full ones [0] and those at the edge above
/// [1].
template <class N>
struct inner_cuts {
  cut<N> of[2][free_dims];
  spatial_dim<N> f;
  rounds_of<N> r[2];
};

template <class N, class U>
CUGAMMA_HD constexpr inner_cuts<N> cut_inner(const two_level_genes<N>& g,
                                             const outer_level<N>& o,
                                             const two_level_layer<U>& l) {
  const auto& s = g.spatial[1];
  const auto& t = g.tile[1];
  inner_cuts<N> i;
  for (int d = 0; d < free_dims; ++d) {
    i.of[0][d] = cut_into(g.tile[0][d], t[d]);
    i.of[1][d] = cut_into(o.cuts[d].edge, t[d]);
  }
  const cut<N> full = chosen_cut(s, i.of[0], t);
  i.r[0] = spread_over(full, g.cluster_size);
  i.r[1] = spread_over(chosen_cut(s, i.of[1], t), g.cluster_size);
  const mask_of<N> windowed = spatial_in<N>(s, l.tensors.windowed ? bit(Y) | bit(X) : 0u);
  i.f = make_spatial(chosen(s, t[K], t[C], t[Y], t[X]),
                     full,
                     chosen_halo<N>(s, l),
                     windowed,
                     g.cluster_size,
                     i.r[0].active);
  return i;
}

/// What the inner level makes of a handed tile, by dimension and variant (full, at the edge above).
template <class N>
struct inner_level {
  N cycles[free_dims][2];  ///< factors of the critical path
  N macs[free_dims][2];    ///< factors of the counted MACs
  cut<N> cuts[free_dims];
  spatial_dim<N> f;
};

/// Of the critical path.
template <class N>
CUGAMMA_HD constexpr step_factors<N> critical_steps(const spatial_dim<N>& f,
                                                    const rounds_of<N>& r,
                                                    mask_of<N> in_output) {
  return {select(r.init_edge & in_output & f.single, f.edge, f.tile),
          select(f.single, f.edge + f.halo, f.tile)};
}

template <class N, class U>
CUGAMMA_HD constexpr inner_level<N> make_inner(const two_level_genes<N>& g,
                                               const outer_level<N>& o,
                                               const two_level_layer<U>& l) {
  const auto& s = g.spatial[1];
  const inner_cuts<N> c = cut_inner(g, o, l);
  inner_level<N> i;
  i.f = c.f;
  for (int d = 0; d < free_dims; ++d) {
    i.cuts[d] = c.of[0][d];
    i.cycles[d][0] = i.macs[d][0] = g.tile[0][d];
    const N tail = select(c.of[1][d].partial, i.cuts[d].edge, N(0));
    i.cycles[d][1] = i.macs[d][1] = c.of[1][d].full * g.tile[1][d] + tail;
  }
  const mask_of<N> in_output = spatial_in<N>(s, l.tensors.output);
  for (int v = 0; v < 2; ++v) {
    const N critical = sum_over(c.r[v], critical_steps(c.f, c.r[v], in_output));
    const N macs = sum_over(c.r[v], volume_steps(c.f, c.r[v], c.f.edge));
    for (int d = 0; d < free_dims; ++d) {
      i.cycles[d][v] = select(s[d], critical, i.cycles[d][v]);
      i.macs[d][v] = select(s[d], macs, i.macs[d][v]);
    }
  }
  return i;
}

/// Cycles of the outer spatial dimension over its steps: the worse of the two tiles where both are
/// active.
template <class N>
CUGAMMA_HD constexpr N outer_spatial_cycles(const outer_level<N>& o, N full, N edge) {
  const N worse = select(o.f.single, edge, max_of(full, edge));
  const N last = select(o.r.partial > N(0), worse, select(o.f.single, edge, full));
  return o.r.rounds * select(o.r.init_edge, worse, full) + o.r.edges * last;
}

template <class N, class U>
CUGAMMA_HD constexpr wide_of<N> runtime(const two_level_genes<N>& g,
                                        const outer_level<N>& o,
                                        const inner_level<N>& i,
                                        const two_level_layer<U>& l,
                                        wide_of<N> head) {
  using W = wide_of<N>;
  W work = W(l.window), steps = W(o.r.rounds + o.r.edges);
  N full = N(0), edge = N(0);
  for (int d = 0; d < free_dims; ++d) {
    const N tail = select(o.cuts[d].partial, i.cycles[d][1], N(0));
    work = work * W(select(g.spatial[0][d], N(1), o.cuts[d].full * i.cycles[d][0] + tail));
    steps = steps * W(o.steps[d]);
    full = select(g.spatial[0][d], i.cycles[d][0], full);
    edge = select(g.spatial[0][d], i.cycles[d][1], edge);
  }
  return work * W(outer_spatial_cycles(o, full, edge)) + head * steps + head;
}

/// Least cycles of one step of the outer level.
template <class N, class U>
CUGAMMA_HD constexpr wide_of<N> shortest_step(const inner_level<N>& i,
                                              const two_level_layer<U>& l) {
  using W = wide_of<N>;
  W least = W(l.window);
  for (int d = 0; d < free_dims; ++d) least = least * W(min_of(i.cycles[d][0], i.cycles[d][1]));
  return least;
}

/// Sub-cluster factors of an input tensor: [s][whole], s: in an Edge step, whole: a sub-cluster
/// receives its tile, not only what its neighbour does not have (see spatial_ingress).
template <class N>
struct ingress_factors {
  N of[2][2];
};

template <class N>
CUGAMMA_HD constexpr ingress_factors<N> ingress_of(const spatial_dim<N>& f,
                                                   const rounds_of<N>& r,
                                                   mask_of<N> in_tensor) {
  const N whole = f.tile + f.halo, edge = f.edge + f.halo, one = N(1);
  const N init_next = select(f.single, edge, whole + (f.active - N(2)) * f.tile + f.unique);
  const N init_whole = select(f.single, edge, whole * (f.active - one) + edge);
  const N only = select(r.partial > N(0), edge, whole);
  const N last_next = whole + (f.active - one - r.partial) * f.tile + r.partial * f.unique;
  const N last_whole = whole * (f.active - r.partial) + r.partial * edge;
  ingress_factors<N> v;
  v.of[0][0] = select(r.init_edge, init_next, whole + (f.clusters - one) * f.tile);
  v.of[0][1] = select(r.init_edge, init_whole, f.clusters * whole);
  v.of[1][0] = select(f.single, only, last_next);
  v.of[1][1] = select(f.single, only, last_whole);
  for (auto& row : v.of) {
    for (N& x : row) x = select(in_tensor, x, one);
  }
  return v;
}

/// What the directives outside each free dimension, and outside the spatial one, multiply its steps
/// by.
template <class N>
struct outer_weights {
  wide_of<N> of[free_dims];  ///< temporal directives only
  wide_of<N> spatial;
  mask_of<N> inside[free_dims];  ///< the spatial directive is outside this one
};

template <class N>
CUGAMMA_HD constexpr outer_weights<N> weights_of(const two_level_genes<N>& g,
                                                 const outer_level<N>& o) {
  using W = wide_of<N>;
  outer_weights<N> w;
  w.spatial = W(1);
  for (int d = 0; d < free_dims; ++d) {
    w.of[d] = W(1);
    for (int e = 0; e < free_dims; ++e) {
      if (e == d) continue;
      w.of[d] = w.of[d] * W(select(g.position[0][e] < g.position[0][d], o.steps[e], N(1)));
    }
    w.inside[d] = o.position < g.position[0][d];
    w.spatial = w.spatial * W(select(g.position[0][d] < o.position, o.steps[d], N(1)));
  }
  return w;
}

/// Lanes in which a directive inside `position` moves the tensor: it then reloads whole.
template <class N>
CUGAMMA_HD constexpr mask_of<N> reloads(const two_level_genes<N>& g,
                                        const outer_level<N>& o,
                                        unsigned tensor,
                                        mask_of<N> in_tensor,
                                        N position) {
  const mask_of<N> spatial_moves = in_tensor & (o.r.rounds + o.r.edges > N(1));
  mask_of<N> any_moves = spatial_moves & (position < o.position);
  for (int d = 0; d < free_dims; ++d) {
    if (has(tensor, d))
      any_moves = any_moves | ((position < g.position[0][d]) & (o.steps[d] > N(1)));
  }
  return any_moves;
}

/// N: a wide number.
template <class N>
struct tensor_traffic {
  N first;
  N total;
};

/// Elements of an input tensor that leave L2, in the first step and over all.
template <class N, class U>
CUGAMMA_HD constexpr tensor_traffic<wide_of<N>> ingress(const two_level_genes<N>& g,
                                                        const outer_level<N>& o,
                                                        const outer_weights<N>& w,
                                                        const two_level_layer<U>& l,
                                                        unsigned tensor,
                                                        mask_of<N> in_tensor) {
  using W = wide_of<N>;
  const ingress_factors<N> f = ingress_of(o.f, o.r, in_tensor);
  N tile[free_dims];
  N volume(has(tensor, R) ? l.window : U{1});
  for (int d = 0; d < free_dims; ++d) {
    tile[d] = select(g.spatial[0][d], N(1), g.tile[0][d] + N(l.halo[d]));
    if (has(tensor, d)) volume = volume * tile[d];
  }
  const W again = W(o.r.rounds) * W(f.of[0][1]) + W(o.r.edges) * W(f.of[1][1]);
  const N first = volume * f.of[0][1];
  W total = W(first);
  for (int d = 0; d < free_dims; ++d) {
    if (!has(tensor, d)) continue;
    N moved = volume;
    if (l.halo[d] > U{0}) {
      N next(has(tensor, R) ? l.window : U{1});
      for (int e = 0; e < free_dims; ++e) {
        if (has(tensor, e)) next = next * (e == d ? g.tile[0][e] : tile[e]);
      }
      moved = select(reloads(g, o, tensor, in_tensor, g.position[0][d]), volume, next);
    }
    const W spatial = select(w.inside[d], again, W(f.of[0][0]));
    total = total + W(o.steps[d] - N(1)) * w.of[d] * (W(moved) * spatial);
  }
  const mask_of<N> reload = reloads(g, o, tensor, in_tensor, o.position);
  const W by_spatial = W(o.r.rounds - N(1)) * W(select(reload, f.of[0][1], f.of[0][0])) +
                       W(o.r.edges) * W(select(reload, f.of[1][1], f.of[1][0]));
  total = total + select(in_tensor, w.spatial * (W(volume) * by_spatial), W(0));
  return {W(first), total};
}

/// Elements of the output that enter L2, in the first step and over all.
template <class N, class U>
CUGAMMA_HD constexpr tensor_traffic<wide_of<N>> egress(const two_level_genes<N>& g,
                                                       const outer_level<N>& o,
                                                       const two_level_layer<U>& l) {
  using W = wide_of<N>;
  const spatial_dim<N>& f = o.f;
  const step_factors<N> steps = volume_steps(f, o.r, f.out_unique);
  N first(select(o.in_output, steps.whole, N(1)));
  W total(select(o.in_output, sum_over(o.r, steps), o.r.rounds + o.r.edges));
  for (int d = 0; d < free_dims; ++d) {
    const mask_of<N> s = g.spatial[0][d];
    if (has(l.tensors.output, d)) {
      first = first * select(s, N(1), g.tile[0][d]);
      total = total * W(select(s, N(1), N(l.outputs[d])));
    } else {
      total = total * W(o.steps[d]);
    }
  }
  return {W(first), total};
}

template <class N, class U>
CUGAMMA_HD constexpr wide_of<N> counted_macs(const two_level_genes<N>& g,
                                             const outer_level<N>& o,
                                             const two_level_layer<U>& l) {
  using W = wide_of<N>;
  W macs = W(l.window) * W(sum_over(o.r, volume_steps(o.f, o.r, o.f.edge)));
  for (int d = 0; d < free_dims; ++d) {
    macs = macs * W(select(g.spatial[0][d], N(1), N(l.outputs[d])));
  }
  return macs;
}

/// A factor pair over two dimensions: [variant of the first + 2 x variant of the second].
template <class N>
struct tile_pairs {
  wide_of<N> counted[4];
  wide_of<N> own[4];
  mask_of<N> occurs[4];
};

template <class N>
struct tile_variants {
  N counted[2];
  N own[2];
  mask_of<N> occurs[2];
};

template <class N>
CUGAMMA_HD constexpr tile_variants<N> variants_of(const two_level_genes<N>& g,
                                                  const outer_level<N>& o,
                                                  const inner_level<N>& i,
                                                  int d) {
  const mask_of<N> only_edge = g.spatial[0][d] & o.r.init_edge & o.f.single & o.cuts[d].partial;
  return {{i.macs[d][0], i.macs[d][1]},
          {g.tile[0][d], o.cuts[d].edge},
          {!only_edge, o.cuts[d].partial}};
}

template <class N>
CUGAMMA_HD constexpr tile_pairs<N> pairs_of(const tile_variants<N>& a, const tile_variants<N>& b) {
  using W = wide_of<N>;
  tile_pairs<N> p;
  for (int v = 0; v < 4; ++v) {
    p.counted[v] = W(a.counted[v & 1]) * W(b.counted[v >> 1]);
    p.own[v] = W(a.own[v & 1]) * W(b.own[v >> 1]);
    p.occurs[v] = a.occurs[v & 1] & b.occurs[v >> 1];
  }
  return p;
}

/// Largest work error over the tiles that occur.
template <class N, class U>
CUGAMMA_HD constexpr real_of<wide_of<N>> inner_error(const two_level_genes<N>& g,
                                                     const outer_level<N>& o,
                                                     const inner_level<N>& i,
                                                     const two_level_layer<U>& l) {
  const tile_pairs<N> kc = pairs_of(variants_of(g, o, i, K), variants_of(g, o, i, C));
  using W = wide_of<N>;
  tile_pairs<N> yx = pairs_of(variants_of(g, o, i, Y), variants_of(g, o, i, X));
  for (int v = 0; v < 4; ++v) {
    yx.counted[v] = yx.counted[v] * W(l.window);
    yx.own[v] = yx.own[v] * W(l.window);
  }
  real_of<W> largest = real_of<W>(0);
  for (int a = 0; a < 4; ++a) {
    if (!any_of(kc.occurs[a])) continue;
    for (int b = 0; b < 4; ++b) {
      const W counted = kc.counted[a] * yx.counted[b], own = kc.own[a] * yx.own[b];
      const W off = select(kc.occurs[a] & yx.occurs[b], max_of(counted - own, own - counted), W(0));
      largest = max_of(largest, to_real(off) / to_real(own));
    }
  }
  return largest;
}

/// What no volume of a step of a level exceeds, in elements.
template <class W>
struct volume_bounds {
  W in;
  W out;
};

/// reach: sub-clusters that can be active.
template <class N, class U>
CUGAMMA_HD constexpr volume_bounds<wide_of<N>> bound_volumes(const two_level_genes<N>& g,
                                                             const two_level_layer<U>& l,
                                                             int level,
                                                             const spatial_dim<N>& f,
                                                             N reach) {
  using W = wide_of<N>;
  W input = W(1), filter = W(l.window), output = W(1);
  for (int d = 0; d < free_dims; ++d) {
    const N tile = g.tile[level][d] + N(l.halo[d]);
    const N spread = select(g.spatial[level][d], tile * reach, tile);
    const N produced = select(g.spatial[level][d], max_of(tile, reach * f.tile), g.tile[level][d]);
    if (has(l.tensors.input, d)) input = input * W(spread);
    if (has(l.tensors.filter, d)) filter = filter * W(spread);
    if (has(l.tensors.output, d)) output = output * W(produced);
  }
  return {input + filter, output};
}

/// Lanes in which all volumes are up to a limit.
template <class W>
CUGAMMA_HD constexpr mask_of<W> are_within(const volume_bounds<W>& v, W limit) {
  return (v.in <= limit) & (v.out <= limit);
}

template <class N, class U>
CUGAMMA_HD constexpr wide_of<N> pe_buffer(const two_level_genes<N>& g,
                                          const two_level_layer<U>& l) {
  using W = wide_of<N>;
  W input = W(1), filter = W(l.window), output = W(1);
  for (int d = 0; d < free_dims; ++d) {
    const W tile(g.tile[1][d] + N(l.halo[d]));
    if (has(l.tensors.input, d)) input = input * tile;
    if (has(l.tensors.filter, d)) filter = filter * tile;
    if (has(l.tensors.output, d)) output = output * tile;
  }
  return input + filter + output;
}

template <class N, class U>
CUGAMMA_HD constexpr mask_of<N> is_legal_nest(const two_level_genes<N>& g,
                                              const two_level_layer<U>& l) {
  mask_of<N> legal = (g.cluster_size <= g.pes) & (g.cluster_size >= N(1));
  for (int d = 0; d < free_dims; ++d) {
    legal = legal & (g.tile[0][d] <= N(l.outputs[d])) & (g.tile[1][d] <= g.tile[0][d]) &
            (g.tile[1][d] >= N(1));
  }
  return legal;
}

}  // namespace detail

/// All figures of the fitness form but the judgement on them. Where `legal` is not set the mapping
/// breaks a rule and the figures mean nothing.
template <class N, class U>
CUGAMMA_HD constexpr closed_form_figures<wide_of<N>> closed_form(const two_level_genes<N>& g,
                                                                 const two_level_layer<U>& l,
                                                                 const machine_facts<U>& m) {
  using W = wide_of<N>;
  closed_form_figures<W> out;
  out.legal = detail::is_legal_nest(g, l);
  const detail::outer_level<N> o = detail::make_outer(g, l);
  const detail::inner_level<N> i = detail::make_inner(g, o, l);
  // The inner level first and all that it is needed for, so that few registers hold it for long.
  out.inner_work_error = detail::inner_error(g, o, i, l);
  const W head(m.head_cycles);
  out.runtime_cycles = detail::runtime(g, o, i, l, head);
  const W bw(m.noc_bw.value);
  const N inner_reach = min_of(i.f.clusters,
                               detail::chosen(g.spatial[1],
                                              i.cuts[K].count,
                                              i.cuts[C].count,
                                              i.cuts[Y].count,
                                              i.cuts[X].count));
  // A step's off-chip traffic must be hidden by its computation, and a PE's work by nothing at all.
  const W hidden = (detail::shortest_step(i, l) + W(1)) * W(m.offchip_bw.value);
  const W least_work = W(l.window) * W(min_of(i.f.tile, i.f.edge));
  const auto inner = detail::bound_volumes(g, l, 1, i.f, inner_reach);
  out.exact = detail::are_within(inner, bw) & (head <= least_work);
  if (m.simd_lanes.value != U{1}) out.exact = detail::no_lane<N>();
  out.l1_elems = W(2) * detail::pe_buffer(g, l);

  out.macs = detail::counted_macs(g, o, l);
  const detail::outer_weights<N> w = detail::weights_of(g, o);
  const auto input = detail::ingress(g, o, w, l, l.tensors.input, o.in_input);
  const auto filter = detail::ingress(g, o, w, l, l.tensors.filter, o.in_filter);
  const auto output = detail::egress(g, o, l);
  out.input_l2_read = input.total;
  out.filter_l2_read = filter.total;
  out.output_l2_write = output.total;
  const W in = input.first + filter.first;
  out.l2_elems = W(2) * (in + output.first);
  const N outer_reach = min_of(o.f.clusters,
                               detail::chosen(g.spatial[0],
                                              o.cuts[K].count,
                                              o.cuts[C].count,
                                              o.cuts[Y].count,
                                              o.cuts[X].count));
  const auto outer = detail::bound_volumes(g, l, 0, o.f, outer_reach);
  out.exact = out.exact & detail::are_within(outer, bw) & (max_of(in, output.first) < hidden);
  const W word(std::int64_t{0xffffffff});
  out.fits_words = detail::are_within(inner, word) & detail::are_within(outer, word);
  return out;
}

}  // namespace cugamma::core
