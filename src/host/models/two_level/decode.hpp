#pragma once

#include <cstdint>

#include "cugamma/mapping/genome.hpp"
#include "models/two_level/genes.hpp"

/// Reads a genome into a plain number a gene. lane_decode.hpp does the same in SIMD lanes.
namespace cugamma::core {

/// A level's loop order turned inside out: dimension_bits of position a dimension; ~0 if it is no
/// permutation.
CUGAMMA_HD constexpr std::uint32_t invert_order(const genome& g, int level) {
  std::uint32_t positions = 0, seen = 0;
  for (std::uint32_t p = 0; p < dims; ++p) {
    const std::uint32_t d =
        field_of(g.loops[level], genome_fields::order(level, static_cast<int>(p)));
    positions |= p << (dimension_bits * d);
    seen |= 1u << d;
  }
  return seen == every_gene_dimension ? positions : ~0u;
}

/// Marks a level's parallel dimension. False unless there is exactly one, out of K, C, Y, X.
CUGAMMA_HD constexpr bool mark_spatial(const genome& g,
                                       int level,
                                       const couplings& c,
                                       bool (&spatial)[free_dims]) {
  int d = index_of(parallel(g, level));
  if (!has(c.present, K) && d == K) d = C;
  for (int i = 0; i < free_dims; ++i) spatial[i] = d == i;
  return second_parallel(g, level) == no_dimension && d < free_dims && has(c.present, d);
}

/// True if so many levels of a genome have the layer's whole filter as R and S tiles.
CUGAMMA_HD constexpr bool has_whole_filter(const genome& g, const gene_context& l, int levels) {
  if (!has(l.tensors.present, R)) return true;
  if (max_of(l.filter_rows, l.filter_columns) > max_filter_tile) return false;
  std::uint32_t fields = 0, rows = 0, columns = 0;
  for (int level = 0; level < max_genome_levels; ++level) {
    const int shift = genome_fields::tile(level, R).shift;
    fields |= level < levels ? std::uint32_t{max_filter_tile} << shift : 0;
    rows |= static_cast<std::uint32_t>(l.filter_rows) << shift;
    columns |= static_cast<std::uint32_t>(l.filter_columns) << shift;
  }
  return ((g.tile_rs[0] ^ rows) & fields) == 0 && ((g.tile_rs[1] ^ columns) & fields) == 0;
}

/// Reads a genome. False if it is none of these. machine_pes: if it has no PEs of its own.
template <class N>
CUGAMMA_HD constexpr bool decode(const genome& g,
                                 const gene_context& l,
                                 std::int32_t machine_pes,
                                 two_level_genes<N>& out) {
  const couplings& c = l.tensors;
  const std::uint32_t places[2] = {invert_order(g, 0), invert_order(g, 1)};
  bool simple = level_count(g) == 2 && places[0] != ~0u && places[1] != ~0u;
  simple = mark_spatial(g, 0, c, out.spatial[0]) && simple;
  simple = mark_spatial(g, 1, c, out.spatial[1]) && simple;
  for (int d = 0; d < free_dims; ++d) {
    const bool present = has(c.present, d);
    for (int level = 0; level < 2; ++level) {
      out.tile[level][d] = N(present ? tile(g, level, static_cast<dimension>(d)) : 1);
      out.position[level][d] =
          N(static_cast<std::int32_t>(places[level] >> (dimension_bits * d) & dimension_code_mask));
    }
  }
  out.pes = N(own_pes(g) != 0 ? own_pes(g) : machine_pes);
  out.cluster_size = N(cluster_size(g, 1));
  return simple && has_whole_filter(g, l, 2);
}

}  // namespace cugamma::core
