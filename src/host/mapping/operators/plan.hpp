#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cugamma/mapping/breeding_rates.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "numbers/random.hpp"

namespace cugamma {

/// Divisors of the numbers 1 .. most, one list after the other.
struct divisor_lists {
  /// Of n: bits 0-23 where its list begins, 24-31 how many there are.
  const std::uint32_t* place = nullptr;
  const std::uint32_t* divisors = nullptr;
  static constexpr std::uint32_t most = 65535;
};

/// A space and rates as the operators read them: with everything derived that is the same for all
/// individuals.
struct breeding_plan {
  search_space space;
  breeding_rates rates;

  /// The parallel dimensions of each level, 3 bits each, and how many.
  std::array<std::uint32_t, max_genome_levels> members{};
  std::array<std::uint32_t, max_genome_levels> member_count{};
  std::array<bool, max_genome_levels> free_tiles{};  ///< K C Y X: anything up to the tile above
  dimension_mask top_parallel = 0;                   ///< what may be parallel at the top
  bool splits_filter = false;                ///< R or S may be parallel, and so less than whole
  bool has_second = false;                   ///< some level may have a second parallel dimension
  bool same_parallel_on_every_level = true;  ///< every level allows the same parallel dimensions
  float l1_limit = -1;  ///< elements that a child may take; below 0: any number
  float l2_limit = -1;
  float cluster_limit = -1;
  divisor_lists cluster_divisors;

  static constexpr std::uint32_t most_divisors = 288;  ///< of a number up to max_tile
  /// With factors_only: the divisors of each dimension's bound.
  std::array<std::uint32_t, gene_dimension_count> bound_divisor_count{};
  std::vector<std::uint32_t> bound_divisors;
};

breeding_plan make_breeding_plan(const search_space& space, const breeding_rates& rates);

}  // namespace cugamma
