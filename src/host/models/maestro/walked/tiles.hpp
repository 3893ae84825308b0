#pragma once

#include "models/maestro/walked/cycles.hpp"
#include "models/maestro/walked/prepare.hpp"

/// The tiles that a level hands down, numbered: each dimension of its variant_set is full or at the
/// edge.
namespace cugamma::core {

inline constexpr int max_tiles = 64;

/// Which bit of a tile's number stands for which dimension: temporal dimensions first; -1: none.
struct tile_numbers {
  int bit_of[padded_dims];
  int bits;
};

/// The one tile that the top level is handed.
CUGAMMA_HD constexpr tile_numbers whole_layer() { return {{-1, -1, -1, -1, -1, -1, -1, -1}, 0}; }

template <class U>
CUGAMMA_HD constexpr tile_numbers number_tiles(const level_tables<U>& t) {
  tile_numbers n{};
  for (int d = 0; d < padded_dims; ++d) n.bit_of[d] = -1;
  for (int d = 0; d < dims; ++d) {
    if (has(t.variant_set & ~t.spatial_set, d)) n.bit_of[d] = n.bits++;
  }
  for (int j = 0; j < t.spatial_count; ++j) {
    if (has(t.variant_set, t.spatial[j])) n.bit_of[t.spatial[j]] = n.bits++;
  }
  return n;
}

/// One tile at a time: the number type is a plain one.
template <class U>
struct single_tile {
  using number = U;
  static constexpr unsigned width = 1;
  unsigned first;

  /// Value for the tiles of this block: b where the bit of the tile's number is set, else a.
  CUGAMMA_HD constexpr U pick(int bit_index, U a, U b) const {
    return bit_index >= 0 && has(first, bit_index) ? b : a;
  }
  CUGAMMA_HD constexpr void store(U* table, U value) const { table[first] = value; }
  /// The tiles of this block that are in a set of tile numbers.
  CUGAMMA_HD constexpr bool in(std::uint64_t set) const { return (set >> first & 1u) != 0; }
};

/// Step counts of the tiles of a block at level t. n: how the level above numbers them.
template <class U>
CUGAMMA_HD constexpr tile_counts<U> counts_of(const level_tables<U>& t,
                                              const tile_numbers& n,
                                              const single_tile<U>& tile) {
  unsigned edges = 0;
  for (int d = 0; d < dims; ++d) {
    if (n.bit_of[d] >= 0 && has(tile.first, n.bit_of[d])) edges |= bit(d);
  }
  tile_counts<U> c{{t.steady, edges},
                   {t.edges, edges},
                   {t.size, edges},
                   {t.out_size, edges},
                   {},
                   {}};
  for (int j = 0; j < t.spatial_count; ++j) {
    const unsigned variant = edges >> t.spatial[j] & 1u;
    c.init_edge[j] = t.init_edge[variant][j];
    c.partial[j] = t.partial[variant][j];
  }
  return c;
}

template <class Block, class U>
CUGAMMA_HD constexpr block_counts<typename Block::number> counts_of(const level_tables<U>& t,
                                                                    const tile_numbers& n,
                                                                    const Block& block) {
  block_counts<typename Block::number> c;
  for (int d = 0; d < dims; ++d) {
    const int b = n.bit_of[d];
    c.steady[d] = block.pick(b, t.steady[0][d], t.steady[1][d]);
    c.edges[d] = block.pick(b, t.edges[0][d], t.edges[1][d]);
    c.size[d] = block.pick(b, t.size[0][d], t.size[1][d]);
    c.out_size[d] = block.pick(b, t.out_size[0][d], t.out_size[1][d]);
  }
  for (int j = 0; j < t.spatial_count; ++j) {
    const int b = n.bit_of[t.spatial[j]];
    c.init_edge[j] = block.pick(b, t.init_edge[0][j], t.init_edge[1][j]);
    c.partial[j] = block.pick(b, t.partial[0][j], t.partial[1][j]);
  }
  return c;
}

/// MACs of the tiles of a block themselves. above: the level that hands them down.
template <class Block, class U>
CUGAMMA_HD constexpr typename Block::number own_macs(const level_tables<U>& above,
                                                     const tile_numbers& n,
                                                     const couplings& k,
                                                     const Block& block) {
  using N = typename Block::number;
  N size[dims];
  for (int d = 0; d < dims; ++d) size[d] = block.pick(n.bit_of[d], above.tile[d], above.edge[d]);
  if (k.windowed) {
    size[Y] = size[Y] - size[R] + N(1);
    size[X] = size[X] - size[S] + N(1);
  }
  N macs = size[0];
  for (int d = 1; d < dims; ++d) macs = macs * size[d];
  return macs;
}

/// Cycles of one step of the level below t, from the cycles of all tiles that t hands down: the
/// worse of two where the last active sub-cluster holds a partial tile (AnalyzeClusterLevel_V2,
/// sub_cluster_results).
template <class Counts, class U>
struct tile_cycles {
  using N = number_of<Counts>;
  const U* cycles;
  const level_tables<U>& t;
  const tile_numbers& n;
  const Counts& c;

  CUGAMMA_HD constexpr N operator()(edge_state e, N) const {
    N full = N(0), last = N(0);
    for (int d = 0; d < dims; ++d) {
      if (!has(t.variant_set & ~t.spatial_set, d)) continue;
      const N number = N(static_cast<U>(static_cast<int>(bit(n.bit_of[d]))));
      full = full + (has(e.temporal, d) ? number : greater(N(t.tile[d]), c.size[d]) * number);
    }
    last = full;
    for (int j = 0; j < t.spatial_count; ++j) {
      const int b = n.bit_of[t.spatial[j]];
      if (b < 0) continue;
      const N number =
          detail::at_edge(c, e.spatial, j) * N(static_cast<U>(static_cast<int>(bit(b))));
      last = last + number;
      if (t.edge_clusters == 1) full = full + number;
    }
    const N of_full = lookup(cycles, full);
    const N of_last = lookup(cycles, last);
    return where(detail::is_partial(c, e.spatial, 0), max_of(of_full, of_last), of_full);
  }
};

/// Cycles of one step on a PE.
template <class N, class U>
struct pe_cycles {
  const divisor<U>& simd_lanes;
  CUGAMMA_HD constexpr N operator()(edge_state, N critical) const {
    return ceil_div(critical, simd_lanes);
  }
};

/// The tiles that really occur below t, as a set of tile numbers, when t itself is handed the tile
/// described by c (one tile: U is a plain number).
template <class Counts, class U>
CUGAMMA_HD constexpr std::uint64_t reached_tiles(const level_tables<U>& t,
                                                 const tile_numbers& n,
                                                 const Counts& c) {
  std::uint64_t spatial = 0;  // numbers over the spatial bits only
  for (unsigned s = 0; s < bit(t.spatial_count); ++s) {
    bool occurs = true;
    unsigned last = 0, full = 0;
    for (int j = 0; j < t.spatial_count; ++j) {
      const int d = t.spatial[j];
      occurs = occurs && (!has(s, j) || c.edges[d] > 0);
      if (n.bit_of[d] < 0 || !any(detail::at_edge(c, s, j))) continue;
      last |= bit(n.bit_of[d]);
      if (t.edge_clusters == 1) full |= bit(n.bit_of[d]);
    }
    if (!occurs) continue;
    const bool partial = any(detail::is_partial(c, s, 0));
    if (partial) spatial |= std::uint64_t{1} << last;
    if (!partial || t.edge_clusters > 1) spatial |= std::uint64_t{1} << full;
  }
  std::uint64_t reached = spatial;
  for (int d = 0; d < dims; ++d) {
    if (!has(t.variant_set & ~t.spatial_set, d)) continue;
    const unsigned shift = bit(n.bit_of[d]);
    if (c.size[d] < t.tile[d]) {
      reached <<= shift;
    } else if (c.edges[d] > 0) {
      reached |= reached << shift;
    }
  }
  return reached;
}

}  // namespace cugamma::core
