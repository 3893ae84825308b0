// Proofs of optima under Timeloop's model against plain enumeration.
#include "cugamma/certify/timeloop_proof.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "certify/timeloop/every_mapping.hpp"
#include "certify/timeloop/small_cases.hpp"
#include "cugamma/error.hpp"

namespace cugamma::timeloop {
namespace {

constexpr std::size_t most_mappings = 100'000;

std::vector<std::uint8_t> kept_by(const architecture& a, const problem& p, const constraints& c) {
  std::vector<std::uint8_t> keep;
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    keep.push_back(
        static_cast<std::uint8_t>(((1u << p.tensors.size()) - 1u) & ~c.levels[b].bypass));
  }
  return keep;
}

/// Proves the three objectives without a mapping to start from, and looks at every mapping.
/// Returns whether there were few enough.
bool agree(const architecture& a, const problem& p, const constraints& c) {
  const every_mapping all(a, p, c, kept_by(a, p, c), most_mappings);
  if (all.are_too_many()) return false;
  for (const figure goal : {figure::edp, figure::latency, figure::energy}) {
    EXPECT_EQ(proof_obstacle(a, p, c, {goal}), std::nullopt);
    proof_options options;
    options.goal = goal;
    const proved_optimum proved = prove_optimum(a, p, c, options);
    EXPECT_EQ(proved.upper, all.least(goal)) << "goal " << static_cast<int>(goal);
    EXPECT_EQ(proved.lower, all.least(goal)) << "goal " << static_cast<int>(goal);
    EXPECT_TRUE(proved.is_proven);
    EXPECT_EQ(proved.best.has_value(), std::isfinite(all.least(goal)));
  }
  return true;
}

TEST(TimeloopProof, FindsTheLeastOfAllMappings) {
  std::mt19937_64 random(20261127);
  int compared = 0;
  for (int i = 0; compared < 120; ++i) {
    SCOPED_TRACE(fmt::format("case {}", i));
    const architecture a = draw_small_architecture(random);
    const problem p = draw_small_problem(random);
    compared += agree(a, p, no_constraints(a, p)) ? 1 : 0;
    if (HasFailure()) return;
  }
}

TEST(TimeloopProof, FindsTheLeastOfTheMappingsThatKeepRules) {
  std::mt19937_64 random(20261128);
  int compared = 0;
  for (int i = 0; compared < 120; ++i) {
    SCOPED_TRACE(fmt::format("case {}", i));
    const architecture a = draw_small_architecture(random);
    const problem p = draw_small_problem(random);
    compared += agree(a, p, draw_rules(random, a, p)) ? 1 : 0;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace cugamma::timeloop
