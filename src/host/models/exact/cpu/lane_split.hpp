#pragma once

#include "models/exact/split_filter/deep_form.hpp"
#include "models/two_level/lane_decode.hpp"
#include "numbers/lanes.hpp"

/// Reads mappings that may cut R and S into SIMD lanes. To be included by files that are compiled
/// for one instruction set.
namespace cugamma {
namespace {

/// For counting one by one what has no sum in lanes; as those of held_pairs.hpp.
inline std::int64_t number_of_lane(lanes a, int lane) {
  return static_cast<std::int64_t>(hn::ExtractLane(a.v, static_cast<std::size_t>(lane)));
}
inline bool is_in(lane_mask m, int lane) { return (bits(m) >> lane & 1) != 0; }
template <class F>
lanes lanes_where(lane_mask m, lanes b, F f) {
  alignas(64) double numbers[lane_count];
  hn::Store(b.v, lane_tag(), numbers);
  for (int lane = 0; lane < static_cast<int>(lane_count); ++lane) {
    if (is_in(m, lane)) numbers[lane] = static_cast<double>(f(lane));
  }
  return lanes(hn::Load(lane_tag(), numbers));
}

}  // namespace
}  // namespace cugamma

namespace cugamma::exact::split {
namespace {

struct split_mappings {
  core::two_level_genes<lanes, dims> genes;
  lane_mask simple;  ///< two levels, parallel in one dimension each, and sound
  lane_mask has_clusters;
};
struct deep_mappings {
  deep_nest<lanes> nest;
  lane_mask simple;  ///< the same of three levels
  lane_mask has_clusters;
};

/// Reads the tile of dimension D at a level. Narrows `simple` down.
template <int Level, int D>
lanes read_tile(const word_rows& w, const core::couplings& c, lane_mask& simple) {
  if (!core::has(c.present, D)) return lanes(1);
  const lanes size = number(field<genome_fields::tile(Level, D)>(w));
  simple = simple & (size >= lanes(1));
  return max_of(size, lanes(1));
}

/// A level's genes.
struct level_genes {
  lanes tile[dims];
  lanes position[dims];  ///< in the loop order
  lane_mask spatial[dims];
};

template <int Level>
level_genes read_level(const word_rows& w, const core::couplings& c, lane_mask& simple) {
  level_genes g;
  g.tile[K] = read_tile<Level, K>(w, c, simple);
  g.tile[C] = read_tile<Level, C>(w, c, simple);
  g.tile[Y] = read_tile<Level, Y>(w, c, simple);
  g.tile[X] = read_tile<Level, X>(w, c, simple);
  g.tile[R] = read_tile<Level, R>(w, c, simple);
  g.tile[S] = read_tile<Level, S>(w, c, simple);
  const word_lanes inverse = invert_order(field<genome_fields::order(Level)>(w));
  simple = simple & equal(hn::And(inverse, word(permutation_mask)), word(permutation)) &
           decode_spatial<Level>(w, c, g.spatial);
  for (int d = 0; d < dims; ++d) {
    const word_lanes shift = word(32 + dimension_bits * static_cast<std::uint64_t>(d));
    g.position[d] = number(hn::And(hn::Shr(inverse, shift), word(dimension_code_mask)));
  }
  return g;
}

inline lanes read_pes(const word_rows& w, double machine_pes) {
  const lanes own = number(field<genome_fields::own_pes()>(w));
  return select(own > lanes(0), own, lanes(machine_pes));
}

/// The cluster size of a level. Narrows `simple` down.
template <int Level>
lanes read_clusters(const word_rows& w, lane_mask& simple) {
  const lanes size = number(field<genome_fields::cluster_size(Level)>(w));
  simple = simple & (size >= lanes(1));
  return max_of(size, lanes(1));
}

inline split_mappings read_split(const genome* g, const core::couplings& c, double machine_pes) {
  const word_rows w = transpose(g);
  split_mappings n;
  n.simple = equal(field<genome_fields::level_count()>(w), word(2));
  const level_genes levels[] = {read_level<0>(w, c, n.simple), read_level<1>(w, c, n.simple)};
  for (int level = 0; level < 2; ++level) {
    for (int d = 0; d < dims; ++d) {
      n.genes.tile[level][d] = levels[level].tile[d];
      n.genes.position[level][d] = levels[level].position[d];
      n.genes.spatial[level][d] = levels[level].spatial[d];
    }
  }
  n.genes.cluster_size = read_clusters<1>(w, n.simple);
  const lanes pes = read_pes(w, machine_pes);
  n.has_clusters = n.genes.cluster_size <= pes;
  // Lanes without clusters are worked out too, and thrown away.
  n.genes.pes = max_of(pes, n.genes.cluster_size);
  return n;
}

inline deep_mappings read_deep(const genome* g,
                               const split_layer<double>& l,
                               const core::couplings& c,
                               double machine_pes) {
  constexpr int three = chained::three;
  const word_rows w = transpose(g);
  deep_mappings n;
  n.simple = equal(field<genome_fields::level_count()>(w), word(three));
  const level_genes levels[] = {read_level<0>(w, c, n.simple),
                                read_level<1>(w, c, n.simple),
                                read_level<2>(w, c, n.simple)};
  const lanes middle = read_clusters<1>(w, n.simple), inner = read_clusters<2>(w, n.simple);
  const lanes below = middle * inner, pes = read_pes(w, machine_pes);
  n.has_clusters = below <= pes;
  const lanes units[three] = {max_of(floor_div(pes, below), lanes(1)), middle, inner};
  for (int level = 0; level < three; ++level) {
    n.nest.order.set(level, levels[level].position);
    for (int d = 0; d < dims; ++d) {
      n.nest.parallel[level][d] = levels[level].spatial[d];
      n.nest.of[d].tile[level] = levels[level].tile[d];
      n.nest.of[d].units[level] = select(levels[level].spatial[d], units[level], lanes(1));
    }
  }
  for (int d = 0; d < dims; ++d) chained::cut_boxes(lanes(l.size[d]), three, n.nest.of[d]);
  return n;
}

}  // namespace
}  // namespace cugamma::exact::split
