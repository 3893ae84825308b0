#pragma once

#include "models/maestro/walked/spatial.hpp"

/// The runtime of one level, case class by case class.
namespace cugamma::core {

/// What enters L1s in the first step of a level, in elements.
template <class Counts, class U>
CUGAMMA_HD constexpr number_of<Counts> first_ingress(const level_tables<U>& t,
                                                     const Counts& c,
                                                     const couplings& k,
                                                     unsigned tensor) {
  using N = number_of<Counts>;
  N volume = spatial_first_ingress(t, c, k, tensor);
  for (int d = 0; d < dims; ++d) {
    if (has(tensor & ~t.spatial_set, d)) volume = volume * c.size[d];
  }
  return volume;
}

/// 1 if a directive inside position p that the tensor depends on is not unrolled: it starts over.
template <class Counts, class U>
CUGAMMA_HD constexpr number_of<Counts> starts_over(const level_tables<U>& t,
                                                   const Counts& c,
                                                   unsigned tensor,
                                                   int p) {
  using N = number_of<Counts>;
  N moves = N(0);
  for (int q = p + 1; q < dims; ++q) {
    const int d = t.order[q];
    if (has(tensor, d)) moves = moves + c.steady[d] + c.edges[d];
  }
  return greater(moves, N(0));
}

/// Elements of a tensor that must enter in a step that moves the directive at position p; 0 if the
/// tensor does not depend on it (GetPEIngressVolume).
template <class Counts, class U>
[[gnu::noinline]] CUGAMMA_HD constexpr number_of<Counts> step_ingress(const level_tables<U>& t,
                                                                      const Counts& c,
                                                                      const couplings& k,
                                                                      unsigned tensor,
                                                                      unsigned edges,
                                                                      int p) {
  using N = number_of<Counts>;
  if (!has(tensor, t.order[p])) return N(0);
  const N inited = starts_over(t, c, tensor, p);
  N volume = spatial_ingress(t, c, k, tensor, edges, p, inited);
  for (int d = 0; d < dims; ++d) {
    if (!has(tensor & ~t.spatial_set, d)) continue;
    volume = volume * (d == t.order[p] ? where(inited, N(t.tile[d]), N(t.offset[d])) : c.size[d]);
  }
  return volume;
}

/// Cycles to move a volume over the NoC (AHW_noc-model.hpp, GetOutStandingDelay).
template <class N, class U>
CUGAMMA_HD constexpr N noc_cycles(N volume, const machine_facts<U>& m) {
  return ceil_div(volume, m.noc_bw) + N(m.head_cycles - 1);
}

/// Dimensions of which some handed tile has an edge step.
template <class U>
CUGAMMA_HD constexpr unsigned edge_set(const level_tables<U>& t) {
  unsigned set = 0;
  for (int d = 0; d < dims; ++d) {
    if (t.edges[0][d] + t.edges[1][d] > 0) set |= bit(d);
  }
  return set;
}

/// Dimensions that some handed tile moves at all.
template <class U>
CUGAMMA_HD constexpr unsigned moving_set(const level_tables<U>& t) {
  unsigned set = edge_set(t);
  for (int d = 0; d < dims; ++d) {
    if (t.steady[0][d] + t.steady[1][d] > 0) set |= bit(d);
  }
  return set;
}

/// The edge state of a class: which temporal dimensions are at their edge (bits of dimensions) and
/// which spatial ones (bits of the level's list).
struct edge_state {
  unsigned temporal;
  unsigned spatial;
};

/// Product over the temporal dimensions in `set` of the tile in output coordinates.
template <class Counts, class U>
CUGAMMA_HD constexpr number_of<Counts> temporal_volume(const level_tables<U>& t,
                                                       const Counts& c,
                                                       unsigned set) {
  using N = number_of<Counts>;
  N volume = N(1);
  for (int d = 0; d < dims; ++d) {
    if (has(set & ~t.spatial_set, d)) volume = volume * c.out_size[d];
  }
  return volume;
}

namespace detail {

/// Positions of a level's loop order, as sets of bits.
struct moving_directives {
  unsigned all = 0;             ///< those that move at all
  unsigned temporal_edges = 0;  ///< temporal ones that have an edge step in some lane
};

/// The lowest position in a set that is not empty, and the set without it. Not std::countr_zero,
/// which nvcc 13 compiles to a constant 32 in device code.
CUGAMMA_HD constexpr int first_of(unsigned set) {
  const unsigned lowest = set & (0u - set);
  return ((lowest & 0x2a) != 0 ? 1 : 0) + ((lowest & 0x0c) != 0 ? 2 : 0) +
         ((lowest & 0x30) != 0 ? 4 : 0);
}
CUGAMMA_HD constexpr unsigned rest_of(unsigned set) { return set & (set - 1); }

template <class U>
CUGAMMA_HD constexpr unsigned positions_of(const level_tables<U>& t, unsigned dim_set) {
  unsigned set = 0;
  for (int p = 0; p < dims; ++p) {
    if (has(dim_set, t.order[p])) set |= bit(p);
  }
  return set;
}

template <class U>
CUGAMMA_HD constexpr moving_directives list_moving(const level_tables<U>& t, unsigned edgy) {
  return {positions_of(t, moving_set(t)), positions_of(t, edgy & ~t.spatial_set)};
}

/// Cycles of all classes whose edge state is `edges`, a set of moving directives. `base`: the part
/// of a step that does not depend on which directive moves; `in`: cycles of ingress by directive.
template <class Counts, class U>
CUGAMMA_HD constexpr number_of<Counts> classes_cycles(const level_tables<U>& t,
                                                      const Counts& c,
                                                      unsigned moving,
                                                      unsigned edges,
                                                      number_of<Counts> base,
                                                      const number_of<Counts>* in) {
  using N = number_of<Counts>;
  N total = N(0), outer = N(1);
  for (unsigned left = moving; left != 0; left = rest_of(left)) {
    const int p = first_of(left);
    const int d = t.order[p];
    const bool at_edge = has(edges, p);
    const N steps = at_edge ? c.edges[d] : c.steady[d];
    if ((edges >> p) <= 1) total = total + outer * steps * max_of(base, in[p]);
    outer = outer * (at_edge ? steps : steps + N(1));
  }
  return total;
}

CUGAMMA_HD constexpr unsigned spatial_dims(const int* spatial, int count, unsigned edges) {
  unsigned set = 0;
  for (int j = 0; j < count; ++j) {
    if (has(edges, j)) set |= bit(spatial[j]);
  }
  return set;
}

/// What a step computes and takes out, by edge state of the temporal directives.
template <class N>
struct step_work {
  N macs;
  N out;
  unsigned dims_at_edge = 0;
};

template <class Counts, class U>
CUGAMMA_HD constexpr step_work<number_of<Counts>> with_edges(const level_tables<U>& t,
                                                             const Counts& c,
                                                             const couplings& k,
                                                             const moving_directives& m,
                                                             unsigned edges,
                                                             step_work<number_of<Counts>> v) {
  using N = number_of<Counts>;
  for (unsigned left = m.temporal_edges; left != 0; left = rest_of(left)) {
    const int p = first_of(left);
    const int d = t.order[p];
    const N size = has(edges, p) ? N(t.out_edge[d]) : c.out_size[d];
    if (has(edges, p)) v.dims_at_edge |= bit(d);
    v.macs = v.macs * size;
    if (has(k.output, d)) v.out = v.out * size;
  }
  return v;
}

}  // namespace detail

/// Which of many cases a caller works on: every parts-th from number part on. The sums of all parts
/// add up to the whole.
struct share {
  unsigned part = 0;
  unsigned parts = 1;
};

/// Takes turns: true for the cases of a share.
class turns {
 public:
  CUGAMMA_HD constexpr explicit turns(share s) : wait_(s.part), parts_(s.parts) {}
  CUGAMMA_HD constexpr bool mine() {
    const bool now = wait_ == 0;
    wait_ = (now ? parts_ : wait_) - 1;
    return now;
  }

 private:
  unsigned wait_;
  unsigned parts_;
};

/// Runtime of a level in cycles, for each handed tile. compute(edge_state, critical): cycles of one
/// step of the level below, critical being the MACs of the slowest sub-cluster. floor_cycles: what
/// a step takes at least (the off-chip bound at the top, 0 below). mine: the edge states to sum
/// over. Source: CA_cost-analysis-engine.hpp, AnalyzeClusterLevel_V2; classes merged as in
/// docs/model.md "Classes".
template <class Counts, class U, class Compute>
[[gnu::noinline]] CUGAMMA_HD constexpr number_of<Counts> level_cycles(const level_tables<U>& t,
                                                                      const Counts& c,
                                                                      const couplings& k,
                                                                      const machine_facts<U>& m,
                                                                      U floor_cycles,
                                                                      Compute compute,
                                                                      share mine = {}) {
  using N = number_of<Counts>;
  const unsigned edgy = edge_set(t);
  const detail::moving_directives moving = detail::list_moving(t, edgy);
  const unsigned even = ~(edgy & ~t.spatial_set);  // dimensions that are never at a temporal edge
  const N even_macs = temporal_volume(t, c, even);
  const N even_out = temporal_volume(t, c, k.output & even);
  turns turn(mine);
  N total = N(0);
  for (unsigned s = 0; s < bit(t.spatial_count); ++s) {
    const unsigned spatial_edges = detail::spatial_dims(t.spatial, t.spatial_count, s);
    if ((spatial_edges & ~edgy) != 0) continue;
    const spatial_factors<N> f = spatial_volumes(t, c, k, s);
    N in[dims];
    for (unsigned left = moving.all; left != 0; left = detail::rest_of(left)) {
      const int p = detail::first_of(left);
      in[p] =
          noc_cycles(step_ingress(t, c, k, k.input, s, p) + step_ingress(t, c, k, k.filter, s, p),
                     m);
    }
    const detail::step_work<N> full{f.critical * even_macs, f.egress * even_out};
    const unsigned fixed = detail::positions_of(t, spatial_edges) & moving.all;
    unsigned e = 0;
    do {
      if (turn.mine()) {
        const detail::step_work<N> v = detail::with_edges(t, c, k, moving, e, full);
        const N steps = compute(edge_state{v.dims_at_edge, s}, v.macs);
        const N base = max_of(max_of(steps, noc_cycles(v.out, m)), N(floor_cycles));
        total = total + detail::classes_cycles(t, c, moving.all, e | fixed, base, in);
        if (e == 0 && s == 0) {
          const N first = first_ingress(t, c, k, k.input) + first_ingress(t, c, k, k.filter);
          total = total + max_of(steps + noc_cycles(first, m), N(floor_cycles));
        }
      }
      e = (e - moving.temporal_edges) & moving.temporal_edges;
    } while (e != 0);
  }
  return total;
}

/// MACs that a level counts for each handed tile.
template <class Counts, class U>
CUGAMMA_HD constexpr number_of<Counts> level_macs(const level_tables<U>& t,
                                                  const Counts& c,
                                                  const couplings& k) {
  using N = number_of<Counts>;
  N macs = N(0);
  for (unsigned s = 0; s < bit(t.spatial_count); ++s) {
    N weight = N(1);
    for (int j = 0; j < t.spatial_count; ++j) {
      const int d = t.spatial[j];
      weight = weight * (has(s, j) ? c.edges[d] : c.steady[d] + N(1));
    }
    macs = macs + weight * spatial_volumes(t, c, k, s).macs;
  }
  for (int d = 0; d < dims; ++d) {
    if (has(t.spatial_set, d)) continue;
    macs = macs * ((c.steady[d] + N(1)) * c.out_size[d] + c.edges[d] * N(t.out_edge[d]));
  }
  return macs;
}

}  // namespace cugamma::core
