#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cugamma/mapping/genome.hpp"
#include "mapping/operators/breeding.hpp"
#include "search/breeding/proposal.hpp"
#include "search/breeding/seen_set.hpp"
#include "search/threads/raw_vector.hpp"

namespace cugamma {

/// What does not change from generation to generation.
struct breeding_options {
  std::uint64_t seed = 1;
  std::int64_t population = 20;
  double guided_draws = 1;   ///< share of drawn individuals that spread work evenly
  double immigrants = 0.02;  ///< share of children that are drawn, not bred
};

/// The lanes that this processor can run, the widest last.
std::vector<const breeding_lanes*> usable_breeding_lanes();

/// Makes generations of individuals that were not proposed before, on all cores, in SIMD lanes.
/// Individual i of a generation is a function of the seed, the generation, the parents, i, and of
/// what was proposed before: so neither threads nor lanes can change it.
class breeding_engine {
 public:
  breeding_engine(const search_space& space,
                  const breeding_rates& rates,
                  const breeding_options& options);

  /// The next individuals, bred from the parents or, if there are fewer than two, drawn; `first`
  /// are taken as they are. They fill `children` from the front, not whole if for some nothing new
  /// is found. Returns their number and remembers them.
  std::size_t make_generation(std::span<const genome> parents,
                              std::int64_t generation,
                              std::span<const genome> first,
                              std::span<genome> children);

  void save(byte_writer& out) const { seen_.save(out); }
  void restore(byte_reader& in) { seen_.restore(in); }

 private:
  void propose(proposal_job& job,
               std::span<const std::uint32_t> individuals,
               std::span<genome> out);
  void replace_known(proposal_job& job, std::span<genome> children);
  std::size_t remove_pending(std::span<genome> children) const;

  breeding_plan plan_;
  breeding_options options_;
  const breeding_lanes* lanes_;
  seen_set seen_;
  // Kept between generations for their memory only.
  raw_vector<std::uint64_t> identities_;
  raw_vector<std::uint8_t> is_new_;
  raw_vector<std::uint32_t> pending_;  ///< individuals whose place is empty, in order
  raw_vector<std::uint32_t> still_pending_;
  raw_vector<genome> others_;  ///< tried in their place
};

}  // namespace cugamma
