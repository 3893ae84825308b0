#pragma once

#include <cstdint>
#include <span>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/search/genetic_search.hpp"

namespace cugamma {

/// Proposes the individuals of a search in place of GAMMA's operators: an optimiser that neither
/// scores nor ranks.
class proposer {
 public:
  virtual ~proposer() = default;
  proposer() = default;
  proposer(const proposer&) = delete;
  proposer& operator=(const proposer&) = delete;

  /// Members of the space that were not proposed before, at most `at_most`; empty if there are none
  /// left or at_most is not positive. Valid until the next call. precondition: the last ones were
  /// learned
  virtual std::span<const genome> propose(std::int64_t at_most) = 0;

  /// What became of the individuals last proposed, in their order.
  virtual void learn(std::span<const cost> costs, std::span<const search_rank> ranks) = 0;
};

}  // namespace cugamma
