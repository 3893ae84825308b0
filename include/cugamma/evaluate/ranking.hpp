#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/evaluate/objective.hpp"
#include "cugamma/hd.hpp"
#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/models/cost_model.hpp"

namespace cugamma {

/// How a population is ordered: feasible before infeasible before illegal mappings; within the
/// first two by the objectives in turn; then by index. Of equal genomes only the first counts.
struct ranking_rule {
  std::array<objective, max_objectives> objectives{objective::latency};
  std::int32_t objective_count = 1;
  /// Bits of cost::status that make a mapping infeasible.
  std::uint32_t infeasible = illegal_mask | too_large_mask;
  friend constexpr bool operator==(const ranking_rule&, const ranking_rule&) = default;
};
static_assert(std::is_trivially_copyable_v<ranking_rule>);

/// A rule with these objectives under which those mappings are infeasible that a search with this
/// belief in a cost model turns away. Throws input_error for no objective or more than
/// max_objectives.
ranking_rule make_ranking_rule(std::span<const objective> objectives,
                               const cost_model& model = find_cost_model(default_cost_model),
                               belief trust = belief::plausible);

/// One of the best mappings of a batch: where it stood and what it costs.
struct ranked_mapping {
  std::uint32_t index = 0;
  cost value;
  friend constexpr bool operator==(const ranked_mapping&, const ranked_mapping&) = default;
};

/// The best count mappings of a scored batch in the rule's order, fewer if it has fewer distinct
/// ones. precondition: costs are those of b.genomes, at most 2^32 - 1
std::vector<ranked_mapping> rank_best(const batch& b,
                                      std::span<const cost> costs,
                                      const ranking_rule& rule,
                                      std::size_t count);

/// Where a mapping stands before any objective is read.
enum class rank_class : std::uint8_t { feasible, infeasible, illegal, duplicate };

CUGAMMA_HD constexpr rank_class rank_class_of(std::uint32_t status, const ranking_rule& rule) {
  if (!is_legal(status)) return rank_class::illegal;
  return (status & rule.infeasible) != 0 ? rank_class::infeasible : rank_class::feasible;
}

/// Bits that order as the numbers do; not-a-number comes last.
CUGAMMA_HD constexpr std::uint64_t ordered_bits(double v) {
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  if (v != v) return ~std::uint64_t{0};
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(v == 0 ? 0.0 : v);
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

/// The key of one objective: smaller is better, illegal mappings all equal.
CUGAMMA_HD constexpr std::uint64_t rank_key(objective o, const scored_mapping& m) {
  return is_legal(m.c.status) ? ordered_bits(value(o, m)) : ~std::uint64_t{0};
}

/// The key of a mapping among those of families; the largest if its status is not 0.
CUGAMMA_HD constexpr std::uint64_t family_key(objective by,
                                              const genome& g,
                                              const cost& c,
                                              const accelerator* accelerators) {
  const accelerator& a = accelerators[g.accelerator_index];
  return c.status == 0 ? rank_key(by, {c, a, pes_of(g, a)}) : ~std::uint64_t{0};
}

/// A hash of all bits of a genome; equal genomes have equal hashes.
CUGAMMA_HD constexpr std::uint64_t hash_of(const genome& g) {
  std::uint64_t h = 0;
  for (const std::uint64_t word : std::bit_cast<std::array<std::uint64_t, 8>>(g)) {
    h = (h ^ word) * 0x9E3779B97F4A7C15u;
    h ^= h >> 32;
  }
  return h;
}

}  // namespace cugamma
