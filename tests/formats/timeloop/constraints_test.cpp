#include <gtest/gtest.h>

#include "cugamma/models/timeloop/layer_problem.hpp"
#include "formats/timeloop/small_files.hpp"

namespace cugamma::timeloop {
namespace {

constexpr std::int64_t no_end = factor_range{}.high;

file_contents read_with(const std::string& more) {
  small_files files;
  files.more = more;
  return files.read();
}

constraints space_of(const std::string& more) { return *read_with(more).space; }

/// What the small mapping breaks; empty: nothing.
std::string broken_by(const std::string& more) {
  const file_contents c = read_with(more);
  return broken_constraint(*c.space, *c.machine, *c.layer, c.mappings.at(0).loops).value_or("");
}

TEST(TimeloopConstraints, WithoutAnyOnlyTheOutermostLevelKeepsEverything) {
  const constraints c = space_of("");
  EXPECT_EQ(c.levels.size(), 2U);
  EXPECT_EQ(c.levels[0], level_constraint{});
  EXPECT_EQ(c.levels[1].keep, 7);
}

TEST(TimeloopConstraints, FactorsAreFixedOrBounded) {
  const loop_constraint c =
      space_of("mapspace: [{target: Buffer, type: temporal, factors: M=0 N<=3 K>=2}]")
          .levels[0]
          .temporal;
  EXPECT_EQ(c.factors[0], (factor_range{8, 8}));
  EXPECT_EQ(c.factors[1], (factor_range{1, 3}));
  EXPECT_EQ(c.factors[2], (factor_range{2, no_end}));
  EXPECT_EQ(c.factors[3], factor_range{});
}

TEST(TimeloopConstraints, DefaultsAreForTheOtherDimensions) {
  const loop_constraint c =
      space_of(
          "mapspace: [{target: Buffer, type: spatial, factors: M=4 N<=3, default_max_factor: 2, "
          "default_min_factor: 2}]")
          .levels[0]
          .spatial;
  EXPECT_EQ(c.factors[0], (factor_range{4, 4}));
  EXPECT_EQ(c.factors[1], (factor_range{2, 3}));
  EXPECT_EQ(c.factors[2], (factor_range{2, 2}));
}

TEST(TimeloopConstraints, FactorsLargerThanTheDimensionAreSaidAndLeftOut) {
  const file_contents c = read_with("mapspace: [{target: 0, type: temporal, factors: K=5}]");
  EXPECT_EQ(c.space->levels[0].temporal, loop_constraint{});
  EXPECT_EQ(c.warnings,
            std::vector<std::string>{"more.yaml:1: K=5 exceeds the dimension's size 4, no effect"});
}

TEST(TimeloopConstraints, OrdersHaveAnInnerAndAnOuterPart) {
  const constraints c = space_of(
      "mapspace: {targets: [{target: Buffer, type: temporal, permutation: NK_M}, {target: Dram, "
      "type: temporal, permutation: M}, {target: Buffer, type: spatial, permutation: _N, split: "
      "1}]}");
  EXPECT_EQ(c.levels[0].temporal.innermost, (std::vector<std::uint8_t>{1, 2}));
  EXPECT_EQ(c.levels[0].temporal.outermost, (std::vector<std::uint8_t>{0}));
  EXPECT_EQ(c.levels[1].temporal.innermost, (std::vector<std::uint8_t>{0}));
  EXPECT_EQ(c.levels[0].spatial.outermost, (std::vector<std::uint8_t>{1}));
  EXPECT_EQ(c.levels[0].split, 1);
}

TEST(TimeloopConstraints, TensorsAreKeptOrBypassed) {
  const constraints c = space_of(
      "mapspace: [{target: Buffer, type: dataspace, keep: [A], bypass: [B]}, {target: Dram, type: "
      "bypassing, bypass: [Z]}]");
  EXPECT_EQ(c.levels[0].keep, 1);
  EXPECT_EQ(c.levels[0].bypass, 2);
  EXPECT_EQ(c.levels[1].keep, 3);
  EXPECT_EQ(c.levels[1].bypass, 4);
}

TEST(TimeloopConstraints, ThoseOfTheArchitectureAndTheMapspaceAreJoined) {
  const std::string mapspace =
      "mapspace_constraints:\n  constraints:\n  - {target: Buffer, type: temporal, factors: N=1}\n";
  const file_contents c = read_with(
      mapspace +
      "architecture_constraints:\n  targets:\n  - target: Buffer\n    constraints:\n    - {type: "
      "temporal, attributes: {factors: M=2}}\n    - {type: utilization, attributes: {min: 0.5}}\n");
  EXPECT_EQ(c.space->levels[0].temporal.factors[0], (factor_range{2, 2}));
  EXPECT_EQ(c.space->levels[0].temporal.factors[1], (factor_range{1, 1}));
  EXPECT_EQ(c.space->min_parallelism, 0.5);
  EXPECT_EQ(c.machine_space->levels[0].temporal.factors[1], factor_range{});
  small_files inside;
  inside.architecture = with(small_architecture,
                             "  version: 0.3\n",
                             "  version: 0.3\n  constraints:\n  - {target: Buffer, type: temporal, "
                             "factors: M=2}\n");
  EXPECT_EQ(inside.read().machine_space->levels[0].temporal.factors[0], (factor_range{2, 2}));
}

/// One file of constraints serves all layers of a network.
TEST(TimeloopConstraints, LayersOfANetworkMayLackDimensions) {
  layer depthwise;
  depthwise.type = layer_type::dsconv;
  depthwise[cugamma::dimension::C] = 8;
  const problem work = problem_of(depthwise, "dw");
  const auto read_for_layer = [&](const std::string& factors) {
    const std::vector<file_text> files{{"arch.yaml", small_architecture},
                                       {"space.yaml",
                                        "mapspace: [{target: Buffer, type: temporal, factors: " +
                                            factors + ", permutation: KC_RS}]"}};
    return parse_files(files, &work);
  };
  const loop_constraint c = read_for_layer("K=4 C<=2").space->levels[0].temporal;
  EXPECT_EQ(c.factors[4], (factor_range{1, 2}));
  EXPECT_EQ(c.innermost, std::vector<std::uint8_t>{4});
  EXPECT_EQ(c.outermost, (std::vector<std::uint8_t>{0, 1}));
  EXPECT_THROW(read_for_layer("X=4"), input_error);
  const std::vector<file_text> spatial{
      {"arch.yaml", small_architecture},
      {"space.yaml", "mapspace: [{target: Buffer, type: spatial, permutation: CKRS, split: 3}]"}};
  EXPECT_EQ(parse_files(spatial, &work).space->levels[0].split, 2);
}

TEST(TimeloopConstraints, WhatAMappingBreaksIsNamed) {
  const auto buffer = [](const std::string& rest) {
    return "mapspace: [{target: Buffer, type: " + rest + "}]";
  };
  EXPECT_EQ(broken_by(""), "");
  EXPECT_EQ(broken_by(buffer("temporal, factors: M=2 N<=2 K>=2")), "");
  EXPECT_EQ(broken_by(buffer("temporal, factors: M=4")),
            "level Buffer: temporal factor M=2, constrained to 4");
  EXPECT_EQ(broken_by(buffer("spatial, factors: N<=1")),
            "level Buffer: spatial factor N=2, constrained to 1");
  EXPECT_EQ(broken_by(buffer("temporal, factors: N>=2")),
            "level Buffer: temporal factor N=1, constrained to 2 or more");
  EXPECT_EQ(broken_by(buffer("temporal, permutation: KNM")), "");
  EXPECT_EQ(broken_by(buffer("temporal, permutation: _K")),
            "level Buffer: the order of the temporal loops");
  EXPECT_EQ(broken_by(buffer("spatial, permutation: KMN, split: 2")), "");
  EXPECT_EQ(broken_by(buffer("spatial, split: 1")),
            "level Buffer: the split into X and Y loops, constrained to 1");
  EXPECT_EQ(broken_by(buffer("bypass, keep: [B]")), "level Buffer: B is bypassed");
  EXPECT_EQ(broken_by(buffer("bypass, bypass: [A]")), "level Buffer: A is not bypassed");
  EXPECT_EQ(broken_by(buffer("utilization, min: 1")), "");
}

TEST(TimeloopConstraints, UtilizationIsTheShareOfAllFanOuts) {
  small_files files;
  files.mapping = with(with(small_mapping, "M=2 N=2 K=2,", "M=1 N=2 K=2,"), "M=2 N=1", "M=4 N=1");
  files.more = "mapspace: [{target: Buffer, type: utilization, min: 0.75}]";
  const file_contents c = files.read();
  EXPECT_EQ(broken_constraint(*c.space, *c.machine, *c.layer, c.mappings.at(0).loops),
            "utilization 0.5 of the fan-out, constrained to at least 0.75");
}

TEST(TimeloopMapper, SettingsHaveTimeloopsDefaults) {
  EXPECT_EQ(read_with("").mapper, std::nullopt);
  EXPECT_EQ(read_with("mapper: {algorithm: random_pruned}").mapper, mapper_settings{});
  EXPECT_EQ(mapper_settings{}.timeout, 1000);
  EXPECT_EQ(mapper_settings{}.victory_condition, 500);
}

TEST(TimeloopMapper, SettingsAreRead) {
  const file_contents c = read_with(
      "mapper: {optimization-metrics: [delay, accesses-1, last-level-accesses], search-size: 20, "
      "heartbeat: 3, victory_condition: 0, out_prefix: mine, threads: 4, log_orojenesis_mappings: "
      "False, "
      "max_temporal_loops_in_a_mapping: -1}");
  EXPECT_EQ(c.mapper->metrics,
            (std::vector<mapper_metric>{{metric::delay, 0},
                                        {metric::accesses, 1},
                                        {metric::last_level_accesses, 0}}));
  EXPECT_EQ(c.mapper->search_size, 20);
  EXPECT_EQ(c.mapper->timeout, 3);
  EXPECT_EQ(c.mapper->victory_condition, 0);
  EXPECT_EQ(c.out_prefix, "mine");
  EXPECT_EQ(c.warnings,
            std::vector<std::string>{"more.yaml:1: key threads of mapper has no effect"});
  EXPECT_EQ(read_with("mapper: {optimization_metric: ordered_accesses}").mapper->metrics,
            (std::vector<mapper_metric>{{metric::accesses, 1}, {metric::accesses, 0}}));
}

}  // namespace
}  // namespace cugamma::timeloop
