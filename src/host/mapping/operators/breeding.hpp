#pragma once

#include <cstdint>
#include <span>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "mapping/operators/plan.hpp"
#include "numbers/random.hpp"

/// The operators of the search for one genome at a time; operators/ has them for one a SIMD lane.
namespace cugamma {

/// PEs that a genome may use.
std::int32_t pes_of(const genome& g, const search_space& space);

/// Largest tile of a dimension at a level: the layer's bound at the top, below it the tile above.
std::int32_t tile_above(const genome& g, const search_space& space, int level, dimension d);

/// Closed range of integers.
struct int_range {
  std::int32_t low = 1;
  std::int32_t high = 1;
  friend constexpr bool operator==(const int_range&, const int_range&) = default;
};

/// What a tile may be, given the levels above it and the parallel dimensions.
int_range allowed_tiles(const genome& g, const search_space& space, int level, dimension d);

/// What the size of a level below the top may be, given the tiles above it and the cluster sizes of
/// the other levels.
int_range allowed_cluster_sizes(const genome& g, const search_space& space, int level);

/// A tile that the space allows, nearest to the wanted one.
std::int32_t fitting_tile(const genome& g,
                          const search_space& space,
                          int level,
                          dimension d,
                          std::int32_t wanted);

/// The same, where there is a plan of the space already.
std::int32_t fitting_tile(const genome& g,
                          const breeding_plan& plan,
                          int level,
                          dimension d,
                          std::int32_t wanted);

/// Clears what lies below the last level, so that equal mappings are equal records.
void clear_unused_levels(genome& g);

/// Makes a genome legal and a member of the space, changing as little as it can: parallel
/// dimensions, loop orders, tiles from the top down, cluster sizes (docs/model.md "Legal
/// mappings").
void repair(genome& g, const search_space& space, random_stream& random);
void repair(genome& g, const breeding_plan& plan, random_stream& random);

/// Shrinks a member's tiles until it fits L2 and L1, where they are limited.
void fit_buffers(genome& g, const breeding_plan& plan, random_stream& random);

/// Adds an innermost level as GAMMA draws one: every tile 1, random order and parallel dimension.
/// precondition: the space allows one more
void add_level(genome& g, const search_space& space, random_stream& random);

/// Elements that a PE's L1 must hold, double buffered, as the model counts them (the output in
/// input coordinates).
std::int64_t l1_need(const genome& g, const search_space& space);

/// Elements of L2 that a genome needs, double buffered: equal to the model's figure for most
/// genomes, above it for the rest.
std::int64_t l2_need(const genome& g, const search_space& space);

/// One child: a copy of a random parent, one dimension's tiles crossed with another parent's, then
/// mutated, repaired and fitted. preconditions: parents not empty, each a member of the space
genome breed(std::span<const genome> parents, const breeding_plan& plan, random_stream& random);

/// 64 bits that are equal for mappings that differ in the places of loops of a single step alone,
/// which cost the same, and almost surely differ for others.
std::uint64_t identity_of(const genome& g, const search_space& space);

}  // namespace cugamma
