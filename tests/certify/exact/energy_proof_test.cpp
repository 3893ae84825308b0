// Energies and EDPs that are proven least under the exact cost model.
#include <gtest/gtest.h>

#include "certify/exact/problems.hpp"
#include "models/exact/golden_cases.hpp"

namespace cugamma {
namespace {

const std::vector<objective> goals = {objective::latency, objective::energy, objective::edp};

class ExactEnergyProof : public testing::TestWithParam<int> {};

/// Problems in tens, so that they can run beside each other.
constexpr int problems_in_each = 10;

TEST_P(ExactEnergyProof, AgreesWithPlainEnumeration) {
  for (int i = 0; i < problems_in_each; ++i) {
    const auto number = static_cast<std::uint64_t>(GetParam() * problems_in_each + i);
    const small_problem small = random_small_problem(2, number, 2e6);
    SCOPED_TRACE(testing::Message() << number << ": " << small);
    const std::vector<double> least = enumerate_least(small, goals);
    for (std::size_t g = 0; g < goals.size(); ++g) {
      SCOPED_TRACE(name_of(goals[g]));
      const proven p = prove_exactly(whole_problem(small.l, small.a, goals[g]));
      EXPECT_EQ(p.upper, least[g]);
      EXPECT_EQ(p.lower, p.upper);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(SmallLayers, ExactEnergyProof, testing::Range(0, 12));

}  // namespace
}  // namespace cugamma
