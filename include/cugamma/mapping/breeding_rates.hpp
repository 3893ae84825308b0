#pragma once

#include <cstdint>

#include "cugamma/probability.hpp"

namespace cugamma {

/// How often each operator is applied to a child. The defaults are GAMMA's operators at rates that
/// bench/search_quality found better than GAMMA's own, which are in plain_gamma_rates.
struct breeding_rates {
  probability crossover = chance_of(0.57);
  probability order_swap = chance_of(0.47);
  probability gene_mutation = chance_of(0.6);  ///< of each of gene_mutations tries
  std::int32_t gene_mutations = 3;
  probability parallel_exchange = chance_of(0.05);
  /// Another cluster size, which the parallel tiles of both levels follow.
  probability regrouping = chance_of(0.05);
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
  rates.regrouping = {0};
  rates.whole_column = false;
  rates.fit_buffers = false;
  return rates;
}();

}  // namespace cugamma
