#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cugamma/mapping/search_space.hpp"
#include "numbers/random.hpp"

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
  bool splits_filter = false;  ///< R or S may be parallel, and so less than whole
  bool has_second = false;     ///< some level may have a second parallel dimension
  bool heads_alike = true;     ///< every level allows the same parallel dimensions
  float l1_limit = -1;         ///< elements that a child may take; below 0: any number
  float l2_limit = -1;
  divisor_lists cluster_divisors;

  static constexpr std::uint32_t most_divisors = 288;  ///< of a number up to max_tile
  /// With factors_only: the divisors of each dimension's bound.
  std::array<std::uint32_t, gene_dimension_count> bound_divisor_count{};
  std::vector<std::uint32_t> bound_divisors;
};

breeding_plan make_breeding_plan(const search_space& space, const breeding_rates& rates);

}  // namespace cugamma
