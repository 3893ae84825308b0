// Where mappings may wait for a NoC, what is proved is the least of all mappings.
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

TEST(ExactNarrowNoc, OptimaAreTheLeastOfAllMappings) {
  int feasible = 0, waiting = 0;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const small_problem small = narrow_problem(i);
    SCOPED_TRACE(testing::Message()
                 << i << ": " << small << "; NoC " << small.a.noc_bw << ", " << small.a.noc_hops
                 << " x " << small.a.noc_hop_latency << ", off chip " << small.a.offchip_bw
                 << ", lanes " << small.a.simd_lanes);
    const std::vector<objective> goals = {objective::latency, objective::edp, objective::energy};
    const std::vector<double> least = enumerate_least(small, goals);
    small_problem wide = small;
    wide.a.noc_bw = wide.a.offchip_bw = 1'000'000;
    const double hidden = prove_exactly(whole_problem(wide.l, wide.a, objective::latency)).lower;
    for (std::size_t g = 0; g < goals.size(); ++g) {
      SCOPED_TRACE(name_of(goals[g]));
      const proven p = prove_exactly(whole_problem(small.l, small.a, goals[g]));
      EXPECT_EQ(p.lower, least[g]);
      EXPECT_EQ(p.upper, least[g]);
      if (least[g] < 1e300) ++feasible;
      if (g == 0 && least[g] < 1e300 && least[g] > hidden) ++waiting;
    }
  }
  EXPECT_GT(feasible, 100);
  EXPECT_GT(waiting, 20) << "NoCs that hold nothing up test nothing";
}

TEST(ExactNarrowNoc, GapsThatAreAskedForAreReached) {
  for (std::uint64_t i = 60; i < 68; ++i) {
    const small_problem small = narrow_problem(i);
    const std::vector<objective> goals = {objective::latency, objective::edp};
    const std::vector<double> least = enumerate_least(small, goals);
    for (std::size_t g = 0; g < goals.size(); ++g) {
      proof p({.gap = 0.05, .seconds = 1e9, .interrupted = {}});
      exact_engine.prove(whole_problem(small.l, small.a, goals[g]), p, false);
      EXPECT_LE(p.lower(), least[g]) << i << ' ' << name_of(goals[g]);
      EXPECT_GE(p.upper(), least[g]) << i << ' ' << name_of(goals[g]);
      if (least[g] < 1e300) {
        EXPECT_LE(p.gap(), 0.05) << i << ' ' << name_of(goals[g]);
      }
    }
  }
}

}  // namespace
}  // namespace cugamma
