#pragma once

#include <array>
#include <cstdint>

#include "cugamma/breeding.hpp"
#include "cugamma/genome.hpp"
#include "cugamma/random.hpp"
#include "cugamma/search_space.hpp"

namespace cugamma {

/// Sub-clusters of a level: at the top what the cluster sizes below leave of the PEs.
CUGAMMA_HD constexpr std::int32_t sub_clusters(const genome& g,
                                               const search_space& space,
                                               int level) {
  if (level > 0) return cluster_size(g, level);
  std::int32_t clusters = pes_of(g, space);
  for (int below = 1; below < level_count(g); ++below) clusters /= cluster_size(g, below);
  return clusters;
}

/// Share of the PEs' time that a mapping fills, as far as uneven splits decide it: per level, the
/// work over what all sub-clusters could do in the rounds it takes; times the PEs that clusters
/// leave idle. An estimate for choosing first individuals, not the model.
CUGAMMA_HD constexpr double spread(const genome& g, const search_space& space) {
  double share = 1;
  double used = 1;
  for (int level = 0; level < level_count(g); ++level) {
    const dimension d = parallel(g, level);
    const std::int32_t clusters = sub_clusters(g, space, level);
    const std::int32_t above = tile_above(g, space, level, d);
    const std::int32_t size = tile(g, level, d);
    const std::int32_t rounds = ceil_div(ceil_div(above, size), clusters);
    share *= static_cast<double>(above) / (static_cast<double>(rounds) * clusters * size);
    used *= clusters;
  }
  return share * used / pes_of(g, space);
}

/// Sets a level's parallel tile so that all sub-clusters work for a random number of full rounds.
CUGAMMA_HD constexpr void spread_evenly(genome& g,
                                        const search_space& space,
                                        int level,
                                        random_stream& random) {
  const dimension d = parallel(g, level);
  const std::int32_t above = tile_above(g, space, level, d);
  const std::int32_t most = ceil_div(above, sub_clusters(g, space, level));
  const std::int32_t wanted = random_split(most, random);
  set_tile(g, level, d, fitting_tile(g, space, level, d, wanted));
}

/// A random member of the space, shrunk until it fits the buffers where the rates ask for it.
CUGAMMA_HD constexpr genome draw_fitting(const search_space& space,
                                         const breeding_rates& rates,
                                         random_stream& random) {
  genome g = draw_random(space, random);
  if (rates.fit_buffers) fit_buffers(g, space, random);
  return g;
}

/// A genome whose parallel tiles are even splits and half of whose other tiles are guided; it may
/// break rules that tie genes to each other.
CUGAMMA_HD constexpr genome draw_even(const search_space& space, random_stream& random) {
  const probability half = chance_of(0.5);
  genome g = draw_random(space, random);
  for (int level = 1; level < level_count(g); ++level) {
    mutate_cluster(g, space, level, half, random);
  }
  for (int level = 0; level < level_count(g); ++level) {
    for (int d = 0; d < gene_dimension_count; ++d) {
      mutate_tile(g, space, level, static_cast<dimension>(d), half, random);
    }
    spread_evenly(g, space, level, random);
  }
  return g;
}

/// A member of the space, the one of a handful of even draws that leaves the fewest PEs idle.
CUGAMMA_HD constexpr genome draw_guided(const search_space& space,
                                        const breeding_rates& rates,
                                        random_stream& random,
                                        int handful = 16) {
  genome best = draw_even(space, random);
  double best_spread = spread(best, space);
  for (int i = 1; i < handful; ++i) {
    const genome other = draw_even(space, random);
    const double other_spread = spread(other, space);
    if (other_spread <= best_spread) continue;
    best = other;
    best_spread = other_spread;
  }
  repair(best, space, random);
  if (rates.fit_buffers) fit_buffers(best, space, random);
  return best;
}

/// The genome with the loops that take a single step moved innermost, in the order of their
/// dimensions: such loops never advance, so mappings that differ in their places alone cost the
/// same.
CUGAMMA_HD constexpr genome canonical(const genome& g, const search_space& space) {
  genome out = g;
  for (int level = 0; level < level_count(g); ++level) {
    int place = 0;
    for (int p = 0; p < gene_dimension_count; ++p) {
      const dimension d = order(g, level, p);
      if (tile(g, level, d) < tile_above(g, space, level, d)) set_order(out, level, place++, d);
    }
    for (int i = 0; i < gene_dimension_count; ++i) {
      const auto d = static_cast<dimension>(i);
      if (tile(g, level, d) >= tile_above(g, space, level, d)) set_order(out, level, place++, d);
    }
  }
  return out;
}

/// 64-bit hash of a genome's record.
CUGAMMA_HD constexpr std::uint64_t hash(const genome& g) {
  std::uint64_t h = 0x9E3779B97F4A7C15u;
  const auto mix = [&](std::uint64_t word) {
    h = (h ^ word) * 0xFF51AFD7ED558CCDu;
    h ^= h >> 32;
  };
  for (const std::uint64_t word : g.tile_kcyx) mix(word);
  for (const std::uint32_t word : g.tile_rs) mix(word);
  for (const std::uint32_t word : g.loops) mix(word);
  for (const std::uint16_t word : g.cluster_sizes) mix(word);
  mix(g.num_pes_and_levels);
  return h;
}

}  // namespace cugamma
