// Where mappings may wait for a NoC, the lower bound holds and the best mapping is one.
#include <gtest/gtest.h>

#include "certify/exact/problems.hpp"

namespace cugamma {
namespace {

/// A small problem whose NoC, head, lanes or memory may hold mappings up.
small_problem narrow_problem(std::uint64_t number) {
  small_problem p = random_small_problem(5, number, 60'000);
  random_stream random(6, 0, number);
  const std::int32_t pes = p.a.num_pes;
  const cost_constants constants = p.a.constants;
  const std::int64_t l1 = p.a.l1_size_elems, l2 = p.a.l2_size_elems;
  p.a = random_cases::draw_accelerator(random, pes);
  p.a.num_pes = pes;
  p.a.constants = constants;
  p.a.l1_size_elems = l1;
  p.a.l2_size_elems = l2;
  return p;
}

TEST(ExactNarrowNoc, BoundsHoldTheLeastOfAllMappings) {
  int feasible = 0, gaps = 0;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const small_problem small = narrow_problem(i);
    SCOPED_TRACE(testing::Message()
                 << i << ": " << small << "; NoC " << small.a.noc_bw << ", " << small.a.noc_hops
                 << " x " << small.a.noc_hop_latency << ", off chip " << small.a.offchip_bw
                 << ", lanes " << small.a.simd_lanes);
    const std::vector<objective> goals = {objective::latency, objective::edp, objective::energy};
    const std::vector<double> least = enumerate_least(small, goals);
    for (std::size_t g = 0; g < goals.size(); ++g) {
      SCOPED_TRACE(name_of(goals[g]));
      const proven p = prove_exactly(whole_problem(small.l, small.a, goals[g]));
      EXPECT_LE(p.lower, least[g]);
      EXPECT_GE(p.upper, least[g]);
      if (goals[g] == objective::energy) {
        EXPECT_EQ(p.lower, p.upper) << "no NoC has part in an energy";
      }
      if (least[g] < 1e300) ++feasible;
      if (p.lower < p.upper) ++gaps;
    }
  }
  EXPECT_GT(feasible, 100);
  EXPECT_GT(gaps, 10) << "NoCs that hold nothing up test nothing";
}

}  // namespace
}  // namespace cugamma
