#pragma once

#include "models/maestro/walked/cycles.hpp"

/// What the whole layer moves, from the top level alone; and what the buffers must hold.
namespace cugamma::core {

/// Elements of an input tensor that leave L2. mine: the steps to sum over.
template <class Counts, class U>
CUGAMMA_HD constexpr U total_ingress(const level_tables<U>& t,
                                     const Counts& c,
                                     const couplings& k,
                                     unsigned tensor,
                                     share mine = {}) {
  turns turn(mine);
  U total = turn.mine() ? first_ingress(t, c, k, tensor) : U{0};
  const unsigned edgy = edge_set(t), moves = moving_set(t);
  for (unsigned s = 0; s < bit(t.spatial_count); ++s) {
    const unsigned spatial_edges = detail::spatial_dims(t.spatial, t.spatial_count, s);
    if ((spatial_edges & ~edgy) != 0) continue;
    U outer = 1;
    unsigned inside =
        spatial_edges;  // spatial edges that have not been passed: they rule a class out
    for (int p = 0; p < dims; ++p) {
      const int d = t.order[p];
      if (!has(moves, d)) continue;
      const bool spatial = has(t.spatial_set, d);
      const U moved = !spatial                ? c.steady[d] + c.edges[d]
                      : has(spatial_edges, d) ? c.edges[d]
                                              : c.steady[d];
      inside &= ~bit(d);
      if (inside == 0 && turn.mine()) total += outer * moved * step_ingress(t, c, k, tensor, s, p);
      outer *= spatial && has(spatial_edges, d) ? moved : moved + 1;
    }
  }
  return total;
}

/// Elements of the output that enter L2.
template <class Counts, class U>
CUGAMMA_HD constexpr U total_egress(const level_tables<U>& t, const Counts& c, const couplings& k) {
  U total = 0;
  for (unsigned s = 0; s < bit(t.spatial_count); ++s) {
    U weight = 1;
    for (int j = 0; j < t.spatial_count; ++j) {
      const int d = t.spatial[j];
      weight *= has(s, j) ? c.edges[d] : c.steady[d] + 1;
    }
    if (weight > 0) total += weight * spatial_volumes(t, c, k, s).egress;
  }
  for (int d = 0; d < dims; ++d) {
    if (has(t.spatial_set, d)) continue;
    const U full = c.steady[d] + 1;
    total *=
        has(k.output, d) ? full * c.out_size[d] + c.edges[d] * t.out_edge[d] : full + c.edges[d];
  }
  return total;
}

/// Elements that one step of the top level brings in and takes out, before double buffering.
template <class U>
struct step_traffic {
  U in;
  U out;
};

template <class Counts, class U>
CUGAMMA_HD constexpr step_traffic<U> first_step(const level_tables<U>& t,
                                                const Counts& c,
                                                const couplings& k) {
  return {first_ingress(t, c, k, k.input) + first_ingress(t, c, k, k.filter),
          spatial_volumes(t, c, k, 0).egress * temporal_volume(t, c, k.output)};
}

/// L1 that a PE needs for the innermost level t: its tiles of the three tensors (the output's in
/// input coordinates), before double buffering (UpdateBufferSizeReq, GetMappedVolume).
template <class U>
CUGAMMA_HD constexpr U l1_elems(const level_tables<U>& t, const couplings& k) {
  U input = 1, filter = 1, output = 1;
  for (int d = 0; d < dims; ++d) {
    if (has(k.input, d)) input *= t.tile[d];
    if (has(k.filter, d)) filter *= t.tile[d];
    if (has(k.output, d)) output *= t.tile[d];
  }
  return input + filter + output;
}

}  // namespace cugamma::core
