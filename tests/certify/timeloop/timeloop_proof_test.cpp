// Proofs of optima under Timeloop's model against plain enumeration.
#include "cugamma/certify/timeloop_proof.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "certify/timeloop/every_mapping.hpp"
#include "certify/timeloop/small_cases.hpp"
#include "models/timeloop/golden_cases.hpp"

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

/// Neighbours serve elements of a tensor that their level bypasses: how many they leave depends on
/// the order of all loops, those outside of the first that moves a tile too.
TEST(TimeloopProof, OrdersLoopsOutsideOfABypassedWindow) {
  enum { R, S, P, Q, C, K };
  const problem p = make_conv({4, 1, 6, 1, 2, 2, 1}, 1, 1);
  architecture a;
  a.levels.resize(2);
  a.levels[0].name = "Rf";
  a.levels[0].instances = a.levels[0].mesh_x = 6;
  a.levels[1].name = "Glb";
  a.levels[1].read_pj = 6;
  a.arithmetic = {"Mac", 6, 6, 1, 16, 1, 0};
  constraints c = no_constraints(a, p);
  c.levels[0].bypass = 2;  // Inputs
  for (factor_range& factor : c.levels[0].temporal.factors) factor = {1, 1};
  for (const int d : {R, P, C, K})
    c.levels[1].temporal.factors[static_cast<std::size_t>(d)] = {2, 2};
  c.levels[1].temporal.innermost = {R, K};
  EXPECT_TRUE(agree(a, p, c));
}

/// What a scratch program of another kind proved, priced by Timeloop itself. The three that take
/// longest are left out.
TEST(TimeloopProof, ProvesTheOptimaOfRealLayers) {
  const nlohmann::json golden = golden_texts("optima.json");
  int proven = 0;
  for (const auto& o : golden.at("optima")) {
    const std::string machine = o.at("machine"), problem = o.at("problem");
    const bool takes_long =
        o.at("objective") == "energy" &&
        (machine != "two_168" ? problem == "gemm_512_768_768" : problem == "conv3x3_K512_C256_28");
    if (takes_long || !golden.at("machines").contains(machine)) continue;
    SCOPED_TRACE(o.at("mapping"));
    const std::vector<file_text> files{{"arch.yaml", golden.at("machines").at(machine)},
                                       {"problem.yaml", golden.at("problems").at(problem)}};
    const file_contents c = parse_files(files);
    search_options search;
    search.objectives = parse_objectives(o.at("objective").get<std::string>(), *c.machine);
    search.evaluations = 2'000;
    const search_result found = search_mappings(*c.machine, *c.layer, *c.space, search);
    proof_options options;
    options.goal = search.objectives.front().what;
    const proved_optimum proved =
        prove_optimum(*c.machine, *c.layer, *c.space, options, found.best);
    const double least = o.at("optimum");
    ASSERT_TRUE(proved.optimum());
    EXPECT_NEAR(*proved.optimum(), least, 1e-12 * least);
    ++proven;
  }
  EXPECT_EQ(proven, 15);
}

TEST(TimeloopProof, ImprovesUntilTimeIsUp) {
  const architecture a = rows_machine();
  const problem p = make_conv({3, 3, 28, 28, 256, 512, 1}, 1, 1);
  const constraints c = no_constraints(a, p);
  search_options search;
  search.evaluations = 1'000;
  const search_result found = search_mappings(a, p, c, search);
  proof_options options;
  options.seconds = 0.5;
  double upper = std::numeric_limits<double>::infinity(), lower = -upper;
  int lines = 0;
  const proved_optimum proved =
      prove_optimum(a, p, c, options, found.best, [&](double below, double above) {
        EXPECT_GE(below, lower);
        EXPECT_LE(above, upper);
        lower = below;
        upper = above;
        ++lines;
      });
  EXPECT_FALSE(proved.is_proven);
  EXPECT_FALSE(proved.optimum());
  EXPECT_EQ(proved.lower, lower);
  EXPECT_EQ(proved.upper, upper);
  EXPECT_LE(proved.upper, found.best->values[0]);
  EXPECT_GT(proved.lower, 0.2 * proved.upper);
  EXPECT_GT(lines, 1);
}

TEST(TimeloopProof, NamesWhatItCannotProve) {
  const architecture a = rows_machine();
  const auto obstacle = [&](const problem& p, figure goal = figure::edp) {
    return proof_obstacle(a, p, no_constraints(a, p), {goal, 0}).value_or("");
  };
  const problem gemm = make_gemm(4, 4, 4);
  EXPECT_EQ(obstacle(gemm), "");
  EXPECT_EQ(obstacle(gemm, figure::utilization),
            "objective utilization: edp, latency and energy can");
  EXPECT_EQ(obstacle(gemm, figure::accesses), "objective accesses-0: edp, latency and energy can");
  EXPECT_EQ(obstacle(make_scatter()),
            "tensor Outputs: an axis of the output has several dimensions or steps above 1");
  problem twice = gemm;
  twice.tensors[0].axes.push_back({{0}});
  EXPECT_EQ(obstacle(twice), "tensor A: dimension M indexes it twice");
  problem long_axis = make_conv({2, 2, 2, 2, 2, 2, 1}, 1, 1);
  long_axis.tensors[1].axes[2].push_back({4});
  long_axis.tensors[1].axes.erase(long_axis.tensors[1].axes.begin() + 1);
  EXPECT_EQ(obstacle(long_axis), "tensor Inputs: an axis has 3 dimensions, expected at most 2");
  const problem large = make_gemm(1 << 20, 2, 2);
  const architecture deep = deep_machine();
  EXPECT_EQ(proof_obstacle(deep, large, no_constraints(deep, large), {}),
            "dimension M = 1048576 can be shared out in more than 200000 ways");
  constraints nowhere = no_constraints(a, gemm);
  for (level_constraint& l : nowhere.levels) l.bypass = 2;
  EXPECT_EQ(proof_obstacle(a, gemm, nowhere, {}), "tensor B: every level bypasses it");
  architecture pays = a;
  pays.levels[1].leak_pj = -1;
  EXPECT_EQ(proof_obstacle(pays, gemm, no_constraints(pays, gemm), {}),
            "level Buffer: an energy is below 0");
}

}  // namespace
}  // namespace cugamma::timeloop
