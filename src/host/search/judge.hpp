#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "cugamma/evaluate/objective.hpp"
#include "cugamma/search/genetic_search.hpp"

namespace cugamma {

/// What became of individuals.
struct verdicts {
  rejection_counts rejected;
  std::optional<std::size_t> best;  ///< number of the first of the fittest feasible ones

  /// Takes in those of individuals that come after these.
  void add(const verdicts& later, std::span<const search_rank> ranks);
};

/// Ranks the individuals of one search; what is the same for all of them it works out once.
class judge {
 public:
  /// What it is given must outlive it.
  judge(const search_space& space, const accelerator& a, const search_options& options);

  search_rank rank(const genome& g, const cost& c) const;

  /// Ranks all individuals, on all cores where it pays.
  verdicts rank_all(std::span<const genome> genomes,
                    std::span<const cost> costs,
                    std::span<search_rank> ranks) const;

 private:
  double beyond_limits(const scored_mapping& m) const;
  void count(const cost& c, const search_rank& f, rejection_counts& n) const;

  const search_space& space_;
  const accelerator& machine_;
  const search_options& options_;
  std::uint32_t rejecting_;  ///< status bits
};

}  // namespace cugamma
