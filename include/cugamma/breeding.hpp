#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

#include "cugamma/genome.hpp"
#include "cugamma/hd.hpp"
#include "cugamma/random.hpp"
#include "cugamma/search_space.hpp"

namespace cugamma {

/// How often each operator is applied to a child. The defaults are GAMMA's operators at rates that
/// bench/search_quality found better than GAMMA's own, which are in plain_gamma_rates.
struct breeding_rates {
  probability crossover = chance_of(0.57);
  probability order_swap = chance_of(0.47);
  probability gene_mutation = chance_of(0.6);  ///< of each of gene_mutations tries
  std::int32_t gene_mutations = 3;
  probability parallel_exchange = chance_of(0.05);
  probability level_birth = chance_of(0.57);
  probability level_death = chance_of(0.27);
  probability pe_mutation = chance_of(0.5);
  /// Share of tile and cluster size mutations that look near the present value or at an even split
  /// of what is above it, in place of a uniform draw.
  probability guided = chance_of(0.2);
  /// A mutated tile takes the tiles of its dimension on the levels below along.
  bool whole_column = true;
  /// Children are shrunk until their tiles fit L1 and L2.
  bool fit_buffers = true;
  friend constexpr bool operator==(const breeding_rates&, const breeding_rates&) = default;
};

/// GAMMA's operators and rates alone (gamma.py), as a yardstick.
inline constexpr breeding_rates plain_gamma_rates = [] {
  breeding_rates rates;
  rates.gene_mutation = chance_of(0.53);
  rates.parallel_exchange = chance_of(0.1);
  rates.guided = {0};
  rates.whole_column = false;
  rates.fit_buffers = false;
  return rates;
}();

/// PEs that a genome may use.
CUGAMMA_HD constexpr std::int32_t pes_of(const genome& g, const search_space& space) {
  return space.search_pes ? own_pes(g) : space.pes_max;
}

/// Largest tile of a dimension at a level: the layer's bound at the top, below it the tile above.
CUGAMMA_HD constexpr std::int32_t tile_above(const genome& g,
                                             const search_space& space,
                                             int level,
                                             dimension d) {
  return level == 0 ? space.bound[index_of(d)] : tile(g, level - 1, d);
}

/// Closed range of integers.
struct int_range {
  std::int32_t low = 1;
  std::int32_t high = 1;
  friend constexpr bool operator==(const int_range&, const int_range&) = default;
};

/// Whether a tile of R or S may be less than whole: only where it is parallel from this level down,
/// because a TemporalMap below must cover the layer's whole R or S.
CUGAMMA_HD constexpr bool may_split_filter(const genome& g, int level, dimension d) {
  while (level < level_count(g) && is_parallel(g, level, d)) ++level;
  return level == level_count(g);
}

/// What a tile may be, given the levels above it and the parallel dimensions.
CUGAMMA_HD constexpr int_range allowed_tiles(const genome& g,
                                             const search_space& space,
                                             int level,
                                             dimension d) {
  const std::int32_t above = tile_above(g, space, level, d);
  if (d >= dimension::R && !may_split_filter(g, level, d)) return {above, above};
  const tile_rule& rule = space.levels[level].tiles[index_of(d)];
  if (rule.same_as_above != no_dimension) {
    const auto source = static_cast<dimension>(rule.same_as_above);
    const std::int32_t same = std::min(above, tile_above(g, space, level, source));
    return {same, same};
  }
  std::int32_t high = std::min(rule.high, above);
  if (rule.at_most_tile_of != no_dimension) {
    const auto source = static_cast<dimension>(rule.at_most_tile_of);
    high = std::min(high, tile_above(g, space, level, source));
  }
  return {std::min(rule.low, high), high};
}

/// What the size of a level below the top may be, given the tiles above it and the cluster sizes of
/// the other levels.
CUGAMMA_HD constexpr int_range allowed_cluster_sizes(const genome& g,
                                                     const search_space& space,
                                                     int level) {
  const cluster_rule& rule = space.levels[level].cluster;
  std::int32_t high = pes_of(g, space);
  for (int other = 1; other < level_count(g); ++other) {
    const std::int32_t least = std::min(space.levels[other].cluster.low, high);
    const std::int32_t taken = std::max<std::int32_t>(cluster_size(g, other), least);
    if (other != level && taken > 1) high /= taken;
  }
  high = std::min(high, rule.high);
  if (rule.at_most_tile_of != no_dimension) {
    const auto d = static_cast<dimension>(rule.at_most_tile_of);
    high = std::min(high, tile_above(g, space, level, d));
  }
  high = std::max(high, 1);
  return {std::min(rule.low, high), high};
}

CUGAMMA_HD constexpr std::int32_t ceil_div(std::int32_t a, std::int32_t b) {
  return (a + b - 1) / b;
}

/// A random divisor of n: found by walking down from a random candidate below the root.
CUGAMMA_HD constexpr std::int32_t random_divisor(std::int32_t n, random_stream& random) {
  std::int32_t root = 1;
  while (std::int64_t{root + 1} * (root + 1) <= n) ++root;
  std::int32_t candidate = random.between(1, root);
  while (n % candidate != 0) --candidate;
  return (random.next() & 1u) != 0 ? candidate : n / candidate;
}

/// A size that splits n evenly: ceil(n / parts) for a random number of parts, small ones likelier.
CUGAMMA_HD constexpr std::int32_t random_split(std::int32_t n, random_stream& random) {
  const int bits = std::bit_width(static_cast<std::uint32_t>(n));
  const std::int32_t parts = random.between(1, 1 << random.below(bits + 1));
  return ceil_div(n, std::min(parts, n));
}

/// A size close to the present one: one more or less, double, half, or the even split of n into one
/// part more or less.
CUGAMMA_HD constexpr std::int32_t random_neighbour(std::int32_t size,
                                                   std::int32_t n,
                                                   random_stream& random) {
  const std::int32_t parts = ceil_div(n, size);
  switch (random.below(6)) {
    case 0:
      return size + 1;
    case 1:
      return size - 1;
    case 2:
      return 2 * size;
    case 3:
      return ceil_div(size, 2);
    case 4:
      return ceil_div(n, parts + 1);
    default:
      return ceil_div(n, std::max(parts - 1, 1));
  }
}

/// A new size within a range whose full extent is n, uniform or guided.
CUGAMMA_HD constexpr std::int32_t random_size(int_range range,
                                              std::int32_t size,
                                              std::int32_t n,
                                              probability guided,
                                              random_stream& random) {
  if (range.low == range.high) return range.low;
  if (!random.chance(guided)) return random.between(range.low, range.high);
  const bool near = (random.next() & 1u) != 0;
  const std::int32_t proposed =
      near ? random_neighbour(std::max(size, 1), n, random) : random_split(n, random);
  return std::clamp(proposed, range.low, range.high);
}

/// A tile that the space allows, nearest to the wanted one.
CUGAMMA_HD constexpr std::int32_t fitting_tile(const genome& g,
                                               const search_space& space,
                                               int level,
                                               dimension d,
                                               std::int32_t wanted) {
  const int_range range = allowed_tiles(g, space, level, d);
  const std::int32_t size = std::clamp(wanted, range.low, range.high);
  if (!space.factors_only) return size;
  const std::int32_t above = tile_above(g, space, level, d);
  if (above % size == 0) return size;
  const std::int32_t divisor = std::gcd(above, size);
  return divisor < range.low ? size : divisor;
}

CUGAMMA_HD constexpr void repair_tiles(genome& g, const search_space& space, int first_level = 0) {
  for (int level = first_level; level < level_count(g); ++level) {
    for (int i = 0; i < gene_dimension_count; ++i) {
      const auto d = static_cast<dimension>(i);
      set_tile(g, level, d, fitting_tile(g, space, level, d, tile(g, level, d)));
    }
  }
}

CUGAMMA_HD constexpr int position_of(const genome& g, int level, dimension d) {
  int position = 0;
  while (order(g, level, position) != d) ++position;
  return position;
}

CUGAMMA_HD constexpr void swap_positions(genome& g, int level, int a, int b) {
  const dimension first = order(g, level, a);
  set_order(g, level, a, order(g, level, b));
  set_order(g, level, b, first);
}

CUGAMMA_HD constexpr void repair_orders(genome& g, const search_space& space) {
  for (int level = 0; level < level_count(g); ++level) {
    const level_rule& rule = space.levels[level];
    for (int p = 0; p < rule.fixed_positions; ++p) {
      swap_positions(g, level, p, position_of(g, level, rule.order_prefix[p]));
    }
  }
}

/// A dimension of a mask, each as likely. precondition: the mask is not empty
CUGAMMA_HD constexpr int random_member(dimension_mask mask, random_stream& random) {
  auto left = static_cast<std::uint32_t>(mask);
  for (int skip = random.below(std::popcount(left)); skip > 0; --skip) left &= left - 1;
  return std::countr_zero(left);
}

/// A second parallel dimension that the space allows next to the first; none if there is no other.
CUGAMMA_HD constexpr int random_second(const level_rule& rule, int first, random_stream& random) {
  if (rule.second_parallel == no_second_parallel) return no_dimension;
  const auto others = static_cast<dimension_mask>(rule.second_parallel & ~(1u << first));
  return others == 0 ? no_dimension : random_member(others, random);
}

CUGAMMA_HD constexpr void draw_parallel(genome& g,
                                        const search_space& space,
                                        int level,
                                        random_stream& random) {
  const level_rule& rule = space.levels[level];
  const int first = random_member(rule.parallel, random);
  set_parallel(g, level, static_cast<dimension>(first), random_second(rule, first, random));
}

CUGAMMA_HD constexpr void repair_parallel(genome& g,
                                          const search_space& space,
                                          random_stream& random) {
  for (int level = 0; level < level_count(g); ++level) {
    const level_rule& rule = space.levels[level];
    const int first = index_of(parallel(g, level));
    const int second = second_parallel(g, level);
    const bool first_ok = contains(rule.parallel, first);
    const bool second_ok = contains(rule.second_parallel, second) && second != first;
    if (!first_ok || !second_ok) draw_parallel(g, space, level, random);
  }
}

CUGAMMA_HD constexpr void repair_clusters(genome& g, const search_space& space) {
  for (int level = 1; level < level_count(g); ++level) {
    const int_range range = allowed_cluster_sizes(g, space, level);
    set_cluster_size(g, level, std::clamp(cluster_size(g, level), range.low, range.high));
  }
}

/// Clears what lies below the last level, so that equal mappings are equal records.
CUGAMMA_HD constexpr void clear_unused_levels(genome& g) {
  for (int level = level_count(g); level < max_genome_levels; ++level) {
    for (int d = 0; d < gene_dimension_count; ++d) set_tile(g, level, static_cast<dimension>(d), 0);
    g.loops[level] = 0;
    if (level > 0) g.cluster_sizes[level - 1] = 0;
  }
}

/// Makes a genome legal and a member of the space, changing as little as it can: parallel
/// dimensions, loop orders, cluster sizes, tiles from the top down (maestro-model.md "Legal
/// mappings"). Cluster sizes are repaired before and after the tiles they may depend on.
CUGAMMA_HD constexpr void repair(genome& g, const search_space& space, random_stream& random) {
  repair_parallel(g, space, random);
  repair_orders(g, space);
  repair_tiles(g, space);
  repair_clusters(g, space);
  clear_unused_levels(g);
}

/// Takes one dimension's tiles, on every level, from the other parent.
CUGAMMA_HD constexpr void cross_tiles(genome& g, const genome& other, dimension d) {
  const int i = index_of(d);
  if (i < 4) {
    g.tile_kcyx[i] = other.tile_kcyx[i];
    return;
  }
  const std::uint32_t level_bits = 0x3ffu;
  for (int level = 0; level < max_genome_levels; ++level) {
    const std::uint32_t mask = level_bits << (10 * level);
    g.tile_rs[i - 4] = (g.tile_rs[i - 4] & ~mask) | (other.tile_rs[i - 4] & mask);
  }
}

/// Exchanges two loops of one level, behind the positions that the space fixes.
CUGAMMA_HD constexpr void swap_order(genome& g, const search_space& space, random_stream& random) {
  const int level = random.below(level_count(g));
  const int fixed = space.levels[level].fixed_positions;
  const int free = gene_dimension_count - fixed;
  if (free < 2) return;
  const int a = random.below(free);
  const int b = random.below(free);
  swap_positions(g, level, fixed + a, fixed + b);
}

/// Draws the tile of one dimension at one level anew.
CUGAMMA_HD constexpr void mutate_tile(genome& g,
                                      const search_space& space,
                                      int level,
                                      dimension d,
                                      probability guided,
                                      random_stream& random) {
  const std::int32_t above = tile_above(g, space, level, d);
  if (above <= 1) return;
  const std::int32_t wanted = space.factors_only ? random_divisor(above, random)
                                                 : random_size(allowed_tiles(g, space, level, d),
                                                               tile(g, level, d),
                                                               above,
                                                               guided,
                                                               random);
  set_tile(g, level, d, fitting_tile(g, space, level, d, wanted));
}

/// Draws the size of a level below the top anew: a factor of the parallel tile above it or of the
/// PEs, or a guided size.
CUGAMMA_HD constexpr void mutate_cluster(genome& g,
                                         const search_space& space,
                                         int level,
                                         probability guided,
                                         random_stream& random) {
  const int_range range = allowed_cluster_sizes(g, space, level);
  if (range.low == range.high) return set_cluster_size(g, level, range.low);
  const std::int32_t above = tile_above(g, space, level, parallel(g, level));
  const std::int32_t useful = std::clamp(above, range.low, range.high);
  std::int32_t size = 1;
  if (!random.chance(guided)) {
    size = random_divisor(useful, random);
  } else if ((random.next() & 1u) != 0) {
    size = random_divisor(pes_of(g, space), random);
  } else {
    size = random_size(range, cluster_size(g, level), useful, guided, random);
  }
  set_cluster_size(g, level, std::clamp(size, range.low, range.high));
}

/// Draws the tiles of a dimension anew, from a level down to the innermost or at that level alone.
CUGAMMA_HD constexpr void mutate_column(genome& g,
                                        const search_space& space,
                                        int level,
                                        dimension d,
                                        const breeding_rates& rates,
                                        random_stream& random) {
  const int end = rates.whole_column ? level_count(g) : level + 1;
  for (; level < end; ++level) mutate_tile(g, space, level, d, rates.guided, random);
}

/// One of GAMMA's gene mutations: of the tiles and the head of all levels one is picked; a head
/// draws its parallel dimension and, below the top, its cluster size.
CUGAMMA_HD constexpr void mutate_gene(genome& g,
                                      const search_space& space,
                                      const breeding_rates& rates,
                                      random_stream& random) {
  const int level = random.below(level_count(g));
  const int pick = random.below(gene_dimension_count + 1);
  if (pick < gene_dimension_count) {
    return mutate_column(g, space, level, static_cast<dimension>(pick), rates, random);
  }
  draw_parallel(g, space, level, random);
  if (level > 0) mutate_cluster(g, space, level, rates.guided, random);
}

/// Two levels trade their parallel dimensions.
CUGAMMA_HD constexpr void exchange_parallel(genome& g, random_stream& random) {
  if (level_count(g) < 2) return;
  const int lower = random.between(1, level_count(g) - 1);
  const std::uint32_t order_bits = 0x3ffffu;
  const std::uint32_t upper_head = g.loops[lower - 1] & ~order_bits;
  const std::uint32_t lower_head = g.loops[lower] & ~order_bits;
  g.loops[lower - 1] = (g.loops[lower - 1] & order_bits) | lower_head;
  g.loops[lower] = (g.loops[lower] & order_bits) | upper_head;
}

/// A random loop order.
CUGAMMA_HD constexpr void draw_order(genome& g, int level, random_stream& random) {
  for (int p = 0; p < gene_dimension_count; ++p) set_order(g, level, p, static_cast<dimension>(p));
  for (int p = gene_dimension_count - 1; p > 0; --p) {
    swap_positions(g, level, p, random.below(p + 1));
  }
}

/// Adds an innermost level as GAMMA draws one: every tile 1, random order and parallel dimension.
CUGAMMA_HD constexpr void add_level(genome& g, const search_space& space, random_stream& random) {
  const int level = level_count(g);
  if (level >= space.levels_max) return;
  set_level_count(g, level + 1);
  draw_order(g, level, random);
  draw_parallel(g, space, level, random);
  for (int d = 0; d < gene_dimension_count; ++d) set_tile(g, level, static_cast<dimension>(d), 1);
  if (level == 0) return;
  set_cluster_size(g, level, 1);
  const int_range range = allowed_cluster_sizes(g, space, level);
  const std::int32_t above = tile_above(g, space, level, parallel(g, level));
  const std::int32_t useful = std::clamp(above, range.low, range.high);
  set_cluster_size(g, level, random.between(range.low, useful));
}

/// Drops the innermost level.
CUGAMMA_HD constexpr void drop_level(genome& g, const search_space& space) {
  if (level_count(g) > space.levels_min) set_level_count(g, level_count(g) - 1);
}

/// Draws the number of PEs anew (co-exploration).
CUGAMMA_HD constexpr void mutate_pes(genome& g, const search_space& space, random_stream& random) {
  if (space.search_pes) set_own_pes(g, random.between(space.pes_min, space.pes_max));
}

/// A member of the space as GAMMA draws its first ones: top tiles uniform, inner tiles 1.
CUGAMMA_HD constexpr genome draw_random(const search_space& space, random_stream& random) {
  genome g;
  g.layer_index = space.layer_index;
  g.accelerator_index = space.accelerator_index;
  set_level_count(g, 0);
  mutate_pes(g, space, random);
  const int levels = random.between(space.levels_min, space.levels_max);
  while (level_count(g) < levels) {
    add_level(g, space, random);
    if (level_count(g) > 1) continue;
    for (int d = 0; d < gene_dimension_count; ++d) {
      mutate_tile(g, space, 0, static_cast<dimension>(d), {0}, random);
    }
  }
  repair(g, space, random);
  return g;
}

/// Elements that a PE's L1 must hold, double buffered, as the model counts them (the output in
/// input coordinates).
CUGAMMA_HD constexpr std::int64_t l1_need(const genome& g, const search_space& space) {
  using enum dimension;
  const int level = level_count(g) - 1;
  const auto t = [&](dimension d) { return std::int64_t{tile(g, level, d)}; };
  const std::int64_t plane = (t(Y) + t(R) - 1) * (t(X) + t(S) - 1);
  const std::int64_t outputs = space.target.type == layer_type::dsconv ? t(C) : t(K);
  return 2 * ((t(C) + outputs) * plane + t(K) * t(C) * t(R) * t(S));
}

/// Elements of L2 that a genome needs, double buffered: equal to the model's figure for most
/// genomes, above it for the rest.
CUGAMMA_HD constexpr std::int64_t l2_need(const genome& g, const search_space& space) {
  using enum dimension;
  std::int32_t clusters = pes_of(g, space);
  for (int level = 1; level < level_count(g); ++level) clusters /= cluster_size(g, level);
  const auto active = [&](dimension d) {
    if (!is_parallel(g, 0, d)) return std::int64_t{1};
    return std::int64_t{std::min(clusters, ceil_div(space.bound[index_of(d)], tile(g, 0, d)))};
  };
  const auto extent = [&](dimension d) {
    return std::min(std::int64_t{space.bound[index_of(d)]}, active(d) * tile(g, 0, d));
  };
  const std::int64_t rows = extent(Y) + active(Y) * (tile(g, 0, R) - 1);
  const std::int64_t columns = extent(X) + active(X) * (tile(g, 0, S) - 1);
  const std::int64_t outputs = space.target.type == layer_type::dsconv ? extent(C) : extent(K);
  return 2 * (extent(C) * rows * columns + extent(K) * extent(C) * extent(R) * extent(S) +
              outputs * extent(Y) * extent(X));
}

/// Elements that one buffer must hold for a genome.
using buffer_need = std::int64_t (*)(const genome&, const search_space&);

/// Halves random tiles of a level until its buffer holds them; gives up when every tile is as small
/// as the space allows.
CUGAMMA_HD constexpr void shrink_level(genome& g,
                                       const search_space& space,
                                       int level,
                                       std::int64_t size_elems,
                                       buffer_need need,
                                       random_stream& random) {
  bool fits = need(g, space) <= size_elems;
  if (fits) return;
  for (int tries = 0; tries < 128 && !fits; ++tries) {
    const auto d = static_cast<dimension>(random.below(4));
    const std::int32_t size = tile(g, level, d);
    if (size == 1) continue;
    set_tile(g, level, d, fitting_tile(g, space, level, d, ceil_div(size, 2)));
    fits = need(g, space) <= size_elems;
  }
  repair_tiles(g, space, level + 1);
}

/// Shrinks tiles until the genome fits L2 and L1, where they are limited.
CUGAMMA_HD constexpr void fit_buffers(genome& g, const search_space& space, random_stream& random) {
  if (space.l2_size_elems >= 0) {
    shrink_level(g, space, 0, space.l2_size_elems, l2_need, random);
  }
  if (space.l1_size_elems >= 0) {
    shrink_level(g, space, level_count(g) - 1, space.l1_size_elems, l1_need, random);
  }
  repair_clusters(g, space);
}

/// The mutations of one child, in GAMMA's order.
CUGAMMA_HD constexpr void mutate(genome& g,
                                 const search_space& space,
                                 const breeding_rates& rates,
                                 random_stream& random) {
  if (random.chance(rates.order_swap)) swap_order(g, space, random);
  for (int i = 0; i < rates.gene_mutations; ++i) {
    if (random.chance(rates.gene_mutation)) mutate_gene(g, space, rates, random);
  }
  if (space.search_pes && random.chance(rates.pe_mutation)) mutate_pes(g, space, random);
  if (random.chance(rates.parallel_exchange)) exchange_parallel(g, random);
  if (space.levels_min == space.levels_max) return;
  if (random.chance(rates.level_birth)) add_level(g, space, random);
  if (random.chance(rates.level_death)) drop_level(g, space);
}

/// One child: a copy of a random parent, one dimension's tiles crossed with another parent's, then
/// mutated, repaired and fitted. A pure function of its arguments. precondition: parents not empty,
/// each a member of the space
CUGAMMA_HD constexpr genome breed(std::span<const genome> parents,
                                  const search_space& space,
                                  const breeding_rates& rates,
                                  random_stream& random) {
  const auto count = static_cast<std::int32_t>(parents.size());
  genome child = parents[random.below(count)];
  if (random.chance(rates.crossover)) {
    const auto d = static_cast<dimension>(random.below(gene_dimension_count));
    cross_tiles(child, parents[random.below(count)], d);
  }
  mutate(child, space, rates, random);
  repair(child, space, random);
  if (rates.fit_buffers) fit_buffers(child, space, random);
  return child;
}

}  // namespace cugamma
