#pragma once

#include "models/exact/split_filter/split_form.hpp"
#include "models/two_level/lane_decode.hpp"
#include "numbers/lanes.hpp"

/// Reads mappings of two levels that may cut R and S into SIMD lanes. To be included by files that
/// are compiled for one instruction set.
namespace cugamma::exact::split {
namespace {

struct split_mappings {
  core::two_level_genes<lanes, dims> genes;
  lane_mask simple;  ///< two levels, parallel in one dimension each, and sound
  lane_mask has_clusters;
};

/// Reads the tile of dimension D at a level. Narrows `simple` down.
template <int Level, int D>
void read_tile(const word_rows& w, const core::couplings& c, split_mappings& n) {
  lanes& tile = n.genes.tile[Level][D];
  tile = lanes(1);
  if (!core::has(c.present, D)) return;
  const lanes size = number(field<genome_fields::tile(Level, D)>(w));
  n.simple = n.simple & (size >= lanes(1));
  tile = max_of(size, lanes(1));
}

template <int Level>
void read_split_level(const word_rows& w, const core::couplings& c, split_mappings& n) {
  read_tile<Level, K>(w, c, n);
  read_tile<Level, C>(w, c, n);
  read_tile<Level, Y>(w, c, n);
  read_tile<Level, X>(w, c, n);
  read_tile<Level, R>(w, c, n);
  read_tile<Level, S>(w, c, n);
  const word_lanes inverse = invert_order(field<genome_fields::order(Level)>(w));
  n.simple = n.simple & equal(hn::And(inverse, word(permutation_mask)), word(permutation)) &
             decode_spatial<Level>(w, c, n.genes.spatial[Level]);
  for (int d = 0; d < dims; ++d) {
    const word_lanes shift = word(32 + dimension_bits * static_cast<std::uint64_t>(d));
    n.genes.position[Level][d] =
        number(hn::And(hn::Shr(inverse, shift), word(dimension_code_mask)));
  }
}

inline split_mappings read_split(const genome* g, const core::couplings& c, double machine_pes) {
  const word_rows w = transpose(g);
  split_mappings n;
  n.simple = equal(field<genome_fields::level_count()>(w), word(2));
  read_split_level<0>(w, c, n);
  read_split_level<1>(w, c, n);
  const lanes own = number(field<genome_fields::own_pes()>(w));
  n.genes.pes = select(own > lanes(0), own, lanes(machine_pes));
  const lanes cluster = number(field<genome_fields::cluster_size(1)>(w));
  n.simple = n.simple & (cluster >= lanes(1));
  n.genes.cluster_size = max_of(cluster, lanes(1));
  n.has_clusters = n.genes.cluster_size <= n.genes.pes;
  // Lanes without clusters are worked out too, and thrown away.
  n.genes.pes = max_of(n.genes.pes, n.genes.cluster_size);
  return n;
}

}  // namespace
}  // namespace cugamma::exact::split
