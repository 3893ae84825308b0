// What the proofs of the exact cost model refuse, by name and before any work.
#include "certify/exact/question.hpp"

#include <gtest/gtest.h>

#include <string>

#include "certify/exact/problems.hpp"

namespace cugamma {
namespace {

certify_problem plain_problem() {
  layer l;
  l.size = {6, 4, 5, 5, 2, 2, 1, 1};
  accelerator a;
  a.num_pes = 12;
  return whole_problem(l, a, objective::energy);
}

void expect_refusal(const certify_problem& p, const std::string& reason) {
  const auto found = exact_engine.obstacle(p);
  ASSERT_TRUE(found) << "took what it should refuse for: " << reason;
  EXPECT_NE(found->find(reason), std::string::npos) << *found;
}

TEST(ExactQuestion, TakesThePlainSpace) { EXPECT_FALSE(exact_engine.obstacle(plain_problem())); }

TEST(ExactQuestion, TakesGivenClusterSizesAndParallelDimensions) {
  certify_problem p = plain_problem();
  p.space.levels[1].cluster.low = p.space.levels[1].cluster.high = 3;
  p.space.levels[0].parallel = mask_of(dimension::K);
  ASSERT_FALSE(exact_engine.obstacle(p));
  const proven narrowed = prove_exactly(p);
  EXPECT_EQ(narrowed.lower, narrowed.upper);
  ASSERT_TRUE(narrowed.best);
  EXPECT_EQ(cluster_size(*narrowed.best, 1), 3);
  EXPECT_EQ(parallel(*narrowed.best, 0), dimension::K);
}

TEST(ExactQuestion, RefusesObjectives) {
  certify_problem p = plain_problem();
  p.goal = objective::area;
  expect_refusal(p, "objective area");
}

TEST(ExactQuestion, RefusesOtherSpaces) {
  certify_problem p = plain_problem();
  p.space.search_pes = true;
  expect_refusal(p, "PEs are searched");
  p = plain_problem();
  p.space.levels[0].second_parallel = mask_of(dimension::C);
  expect_refusal(p, "two parallel dimensions");
}

/// Of these, floors are proved, and no optimum.
TEST(ExactQuestion, NamesSpacesOfWhichFloorsAlone) {
  const auto says = [](const certify_problem& p, const std::string& reason) {
    EXPECT_EQ(exact::question_obstacle(p), std::nullopt) << reason;
    const std::string found = exact::search_obstacle(p.space).value_or("");
    EXPECT_NE(found.find(reason), std::string::npos) << found;
  };
  certify_problem p = plain_problem();
  EXPECT_EQ(exact::search_obstacle(p.space), std::nullopt);
  p.space.levels_max = 3;
  says(p, "two levels");
  p = plain_problem();
  p.space.factors_only = true;
  says(p, "divide");
  p = plain_problem();
  p.space.levels[1].parallel |= mask_of(dimension::R);
  says(p, "R or S parallel");
  p = plain_problem();
  p.space.levels[1].tiles[0].same_as_above = 1;
  says(p, "tiles bound to those of other dimensions");
  p = plain_problem();
  p.space.levels[1].tiles[2].at_most_tile_of = 3;
  says(p, "tiles bound to those of other dimensions");
  p = plain_problem();
  p.space.levels[1].cluster.at_most_tile_of = 0;
  says(p, "cluster sizes");
}

TEST(ExactQuestion, RefusesEnergiesBelowZero) {
  certify_problem p = plain_problem();
  p.machine.constants.l2_energy_macs = -1;
  expect_refusal(p, "energy below 0");
}

TEST(ExactQuestion, SaysThatNothingFits) {
  certify_problem p = plain_problem();
  p.space.l1_size_elems = 3;
  for (const objective goal : {objective::latency, objective::energy, objective::edp}) {
    p.goal = goal;
    const proven none = prove_exactly(p);
    EXPECT_EQ(none.lower, std::numeric_limits<double>::infinity());
    EXPECT_EQ(none.upper, std::numeric_limits<double>::infinity());
    EXPECT_FALSE(none.best);
  }
}

TEST(ExactQuestion, KeepsItsBoundWhenItIsStopped) {
  layer l;
  l.size = {64, 32, 30, 30, 3, 3, 1, 1};
  accelerator a;
  a.num_pes = 64;
  a.l1_size_elems = 300;
  a.l2_size_elems = 20'000;
  const certify_problem p = whole_problem(l, a, objective::energy);
  const double optimum = prove_exactly(p).upper;
  for (const double gap : {0.1, 0.01}) {
    double last = 0;
    bool has_risen = true;
    proof stopped({.gap = gap, .interrupted = {}}, [&](double lower, double) {
      has_risen = has_risen && lower >= last;
      last = lower;
    });
    exact_engine.prove(p, stopped, false);
    EXPECT_TRUE(has_risen);
    EXPECT_LE(stopped.gap(), gap);
    EXPECT_LE(stopped.lower(), optimum);
    EXPECT_GE(stopped.upper(), optimum);
  }
}

}  // namespace
}  // namespace cugamma
