// No mapping of any space is below the floors of the exact cost model.
#include "certify/exact/floors.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "certify/exact/problems.hpp"
#include "cugamma/mapping/random_mapping.hpp"
#include "models/exact/figures.hpp"

namespace cugamma {
namespace {

constexpr std::array goals{objective::latency, objective::energy, objective::edp};

certify_problem problem_of(const layer& l, const accelerator& a, int levels, objective goal) {
  certify_problem p = whole_problem(l, a, goal);
  space_options options;
  options.levels_min = options.levels_max = levels;
  options.parallel_rs = true;
  p.space = make_search_space(l, a, options);
  return p;
}

/// Expects the floors of all goals below a mapping's figures; returns the floor of its cycles as a
/// share of its cycles.
double expect_above_floors(const layer& l, const accelerator& a, int levels, const cost& c) {
  double share = 0;
  for (const objective goal : goals) {
    const certify_problem p = problem_of(l, a, levels, goal);
    const double value = cugamma::value(goal, scored_mapping{c, a, a.num_pes});
    const double floor = exact::floor_of(exact::make_question(p), p.space);
    EXPECT_LE(floor, value) << name_of(goal);
    if (goal == objective::latency) share = floor / value;
  }
  return share;
}

TEST(ExactFloors, AreBelowAllSmallMappings) {
  double highest = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const exact_case c = random_exact_case(4, i, {});
    accelerator a = c.a;
    a.l1_size_elems = a.l2_size_elems = unlimited;
    const cost priced = exact::price(c.l, a, c.m);
    if (priced.status != 0) continue;
    SCOPED_TRACE(testing::Message() << "case " << i);
    const int levels = c.m.level_count;
    highest = std::max(highest, expect_above_floors(c.l, a, levels, priced));
    if (HasFailure()) return;
  }
  EXPECT_EQ(highest, 1) << "some mapping is as fast as the floor";
}

/// Worked by hand: 3 channels of 5 rows, one MAC each.
TEST(ExactFloors, CountWhatTheBusiestPeWorks) {
  layer l;
  l.type = layer_type::conv;
  l.size = {3, 1, 5, 1, 1, 1, 1, 1};
  accelerator a;
  a.num_pes = 4;
  a.noc_bw = a.offchip_bw = 1e9;
  a.noc_hops = a.noc_hop_latency = 1;
  a.l1_size_elems = a.l2_size_elems = unlimited;
  const auto floor = [&](int levels) {
    const certify_problem p = problem_of(l, a, levels, objective::latency);
    return exact::floor_of_cycles(exact::make_question(p), p.space);
  };
  EXPECT_EQ(floor(1), 5 + 1) << "3 PEs have a channel each; 4 would have 2 rows of 3 channels";
  EXPECT_EQ(floor(2), 5 + 2) << "2 x 2 PEs would have 2 channels of 3 rows; a level starts more";
  a.num_pes = 12;
  EXPECT_EQ(floor(1), 3 + 1) << "5 PEs have a row each, of 3 channels";
  EXPECT_EQ(floor(2), 2 + 2) << "3 x 4 PEs have a channel of 2 rows";
  EXPECT_EQ(floor(3), 2 + 3);
}

TEST(ExactFloors, OfThreeLevelsAreProved) {
  layer l;
  l.type = layer_type::conv;
  l.size = {16, 8, 14, 14, 3, 3, 1, 1};
  accelerator a;
  a.num_pes = 24;
  for (const objective goal : goals) {
    const proven p = prove_exactly(problem_of(l, a, 3, goal));
    EXPECT_GT(p.lower, 0);
    EXPECT_FALSE(p.result.has_certificate);
    EXPECT_EQ(p.upper, std::numeric_limits<double>::infinity()) << "it knows no mapping";
  }
}

}  // namespace
}  // namespace cugamma
