#pragma once

#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "models/maestro/walked/level.hpp"

/// From a packed genome to the tables of its levels.
namespace cugamma::core {

/// A mapping ready for evaluation, of up to Depth levels.
template <class U, int Depth = max_genome_levels>
struct prepared {
  level_tables<U> level[Depth];
  int levels;
};

namespace detail {

/// The dimensions that a level of a genome spreads over sub-clusters, as bits; see to_mapping.
CUGAMMA_HD constexpr unsigned spatial_set(const genome& g, int level, unsigned present) {
  unsigned set = 1u << field_of(g.loops[level], genome_fields::parallel(level)) |
                 1u << field_of(g.loops[level], genome_fields::second_parallel(level));
  set &= every_gene_dimension;
  if (!has(present, K) && has(set, K)) set |= bit(C);
  return set & present;
}

template <class U>
CUGAMMA_HD constexpr void decode_tiles(const genome& g, int level, unsigned present, U* out) {
  for (int d = 0; d < first_filter_dimension; ++d) {
    const std::uint64_t size = field_of(g.tile_kcyx[d], genome_fields::tile(level, d));
    out[d] = static_cast<U>(static_cast<std::int64_t>(size));
  }
  for (int d = first_filter_dimension; d < dims; ++d) {
    const std::uint32_t size =
        field_of(g.tile_rs[d - first_filter_dimension], genome_fields::tile(level, d));
    out[d] = static_cast<U>(static_cast<std::int32_t>(size));
  }
  for (int d = 0; d < dims; ++d) out[d] = has(present, d) ? out[d] : U{1};
  for (int d = dims; d < padded_dims; ++d) out[d] = U{1};
}

/// False if the genome's level is not a loop nest: an order that is no permutation, an empty tile,
/// no spatial dimension.
template <class U>
CUGAMMA_HD constexpr bool decode_level(const genome& g,
                                       int level,
                                       const couplings& c,
                                       level_genes<U>& out) {
  decode_tiles(g, level, c.present, out.tile);
  unsigned seen = 0;
  bool empty = false;
  for (int p = 0; p < dims; ++p) {
    out.order[p] = static_cast<int>(field_of(g.loops[level], genome_fields::order(level, p)));
    seen |= bit(out.order[p]);
    empty = empty || out.tile[p] < 1;
  }
  out.spatial_set = spatial_set(g, level, c.present);
  return seen == every_gene_dimension && out.spatial_set != 0 && !empty;
}

/// Rules of docs/model.md "Legal mappings" for one level inside a tile of `own` elements.
/// Writes the tile that it hands down.
template <class U>
CUGAMMA_HD constexpr std::uint32_t check_level(const level_genes<U>& g,
                                               const layer_facts<U>& l,
                                               U* own) {
  bool exceeds = false, cut = false;
  for (int d = 0; d < dims; ++d) {
    const bool window = l.tensors.windowed && (d == Y || d == X);
    const U tile = window ? g.tile[d] + g.tile[d + 2] - 1 : g.tile[d];
    exceeds = exceeds || tile > own[d];
    own[d] = tile;
  }
  for (int d = R; d <= S; ++d) cut = cut || (!has(g.spatial_set, d) && g.tile[d] != l.size[d]);
  return (exceeds ? tile_exceeds_dim : 0u) | (cut ? partial_filter : 0u);
}

}  // namespace detail

/// Decodes a genome and fills its tables. Returns the illegal bits of cost::status; the tables are
/// complete only if there are none. pes: PEs of this individual.
template <class U, int Depth>
CUGAMMA_HD constexpr std::uint32_t prepare(const genome& g,
                                           const layer_facts<U>& l,
                                           U pes,
                                           prepared<U, Depth>& out) {
  out.levels = level_count(g);
  level_genes<U> genes[Depth];
  bool sound = out.levels >= 1;
  U below = 1;
  for (int i = 0; i < out.levels; ++i) {
    sound = sound && detail::decode_level(g, i, l.tensors, genes[i]);
    if (i == 0) continue;
    genes[i].clusters = static_cast<U>(static_cast<std::int32_t>(cluster_size(g, i)));
    below *= genes[i].clusters;
  }
  if (!sound || below < 1) return bad_structure;
  std::uint32_t status = below > pes ? clusters_exceed_pes : 0u;
  U own[padded_dims];
  for (int d = 0; d < padded_dims; ++d) own[d] = l.size[d];
  for (int i = 0; i < out.levels; ++i) status |= detail::check_level(genes[i], l, own);
  if (status != 0) return status;

  genes[0].clusters = floor_div(pes, below);
  const U* handed0 = l.size;
  const U* handed1 = l.size;
  for (int i = 0; i < out.levels; ++i) {
    fill_level(out.level[i], genes[i], l.tensors, handed0, handed1);
    handed0 = out.level[i].tile;
    handed1 = out.level[i].edge;
  }
  return 0;
}

}  // namespace cugamma::core
