// Latencies that are proven least under the exact cost model.
#include <gtest/gtest.h>

#include "certify/exact/problems.hpp"
#include "models/exact/golden_cases.hpp"

namespace cugamma {
namespace {

TEST(ExactLatencyProof, FindsTheOptimaOfRealLayers) {
  for (const exact_optimum& o : read_exact_optima()) {
    if (o.objective != "latency") continue;
    SCOPED_TRACE(o.layer_name);
    const proven p = prove_exactly(whole_problem(o.l, exact_optima_machine(), objective::latency));
    EXPECT_EQ(p.upper, o.entry.at("optimum").get<double>());
    EXPECT_EQ(p.lower, p.upper);
  }
}

TEST(ExactLatencyProof, AgreesWithPlainEnumeration) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    const small_problem small = random_small_problem(1, i, 300'000);
    SCOPED_TRACE(testing::Message() << i << ": " << small);
    const proven p = prove_exactly(whole_problem(small.l, small.a, objective::latency));
    EXPECT_EQ(p.upper, enumerate_least(small, {objective::latency})[0]);
    EXPECT_EQ(p.lower, p.upper);
  }
}

}  // namespace
}  // namespace cugamma
