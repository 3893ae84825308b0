#include "cli/bench/model_errors.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "cli/program.hpp"
#include "cugamma/error.hpp"
#include "small_problems.hpp"

namespace cugamma::cli {
namespace {

using nlohmann::json;

/// Some whole number that depends on the mapping.
std::int64_t tiles_of(const mapping& m) {
  std::int64_t tiles = 1;
  for (int i = 0; i < m.levels[0].directive_count; ++i) tiles += m.levels[0].directives[i].size;
  return tiles;
}

/// A model that says Scale x tiles + Offset cycles, and doubts odd numbers of tiles.
template <int Scale, int Offset>
report explain(const layer&, const accelerator&, const mapping& m) {
  report r;
  r.figures.runtime_cycles = Scale * tiles_of(m) + Offset;
  r.figures.energy_nj = 1;
  if (tiles_of(m) % 2 != 0) r.figures.status = implausible_macs;
  r.values = {static_cast<double>(r.figures.runtime_cycles), 0};
  return r;
}

std::optional<std::string> no_obstacle(const layer&, const accelerator&) { return std::nullopt; }
std::optional<std::string> too_strange(const layer&, const accelerator&) { return "too strange"; }

constexpr std::array columns{report_column{"runtime_cycles", "cycles", true},
                             report_column{"of its own", "", true}};
constexpr std::array doubts{doubt{.bit = implausible_macs,
                                  .name = "odd",
                                  .rejected_key = "odd",
                                  .passes = "has an even number of tiles",
                                  .fails = "odd number of tiles",
                                  .rejected = "with an odd number of tiles"}};

template <int Scale, int Offset>
const cost_model linear{.name = "linear",
                        .about = "",
                        .obstacle = no_obstacle,
                        .explain = explain<Scale, Offset>,
                        .columns = columns,
                        .doubts = doubts,
                        .objectives = {},
                        .formats = {}};

error_plan plan_against(const cost_model& judged) {
  error_plan plan;
  plan.model = &linear<1, 0>;
  plan.judged = &judged;
  plan.layers = {{"first", vgg16_8(), 1}, {"second", vgg16_8(), 1}};
  plan.count = 1500;
  return plan;
}

TEST(ModelErrors, AreRelativeToTheModel) {
  const model_errors found = find_errors(plan_against(linear<3, 0>));
  ASSERT_EQ(found.errors.size(), 4u);
  for (const draw_errors& d : found.errors) {
    ASSERT_EQ(d.figures.size(), 1u);  // only the runtime is known to be a figure of both
    EXPECT_EQ(d.figures[0].figure, "runtime");
    EXPECT_EQ(d.figures[0].equal_share, 0);
    EXPECT_EQ(d.figures[0].median, 2);
    EXPECT_EQ(d.figures[0].p90, 2);
    EXPECT_EQ(d.figures[0].largest, 2);
  }
}

TEST(ModelErrors, SubsetsLackWhatTheJudgedModelDoubts) {
  const model_errors found = find_errors(plan_against(linear<3, 0>));
  EXPECT_EQ(found.errors[0].subset, "all");
  EXPECT_EQ(found.errors[0].mappings, 3000u);
  EXPECT_EQ(found.errors[1].subset, "plausible");
  EXPECT_GT(found.errors[1].mappings, 1000u);
  EXPECT_LT(found.errors[1].mappings, 2000u);
  EXPECT_EQ(found.correlations[0].mappings + found.correlations[2].mappings,
            found.errors[0].mappings + found.errors[2].mappings);
}

TEST(ModelErrors, NoSubsetAsksForBuffers) {
  const std::vector<mapping_subset> subsets = subsets_of(linear<1, 0>);
  ASSERT_EQ(subsets.size(), 2u);
  EXPECT_EQ(subsets[0].rejecting_bits, 0u);
  EXPECT_EQ(subsets[1].rejecting_bits, std::uint32_t{implausible_macs});
  cost_model sure = linear<1, 0>;
  sure.doubts = {};
  EXPECT_EQ(subsets_of(sure).size(), 1u);
}

TEST(ModelErrors, CorrelationsAreOfEachLayersMappings) {
  const model_errors found = find_errors(plan_against(linear<3, 5>));
  ASSERT_EQ(found.correlations.size(), 4u);
  EXPECT_EQ(found.correlations[0].layer, "first");
  EXPECT_EQ(found.correlations[3].layer, "second");
  for (const layer_correlations& row : found.correlations) {
    EXPECT_NEAR(row.figures[0].overall.value(), 1, 1e-12);
    EXPECT_NEAR(row.figures[0].among_best.value(), 1, 1e-12);
    EXPECT_FALSE(row.figures[1].overall);  // the energy is always 1
    EXPECT_NEAR(row.figures[2].overall.value(), 1, 1e-12);
  }
}

TEST(ModelErrors, AModelThatLikesTheWorstCorrelatesNegatively) {
  const model_errors found = find_errors(plan_against(linear<-1, 1000000>));
  for (const layer_correlations& row : found.correlations) {
    EXPECT_NEAR(row.figures[0].overall.value(), -1, 1e-12);
    EXPECT_NEAR(row.figures[0].among_best.value(), -1, 1e-12);
  }
}

TEST(ModelErrors, WhatIsZeroHasNoRelativeError) {
  error_plan plan = plan_against(linear<0, 7>);
  plan.model = &linear<0, 0>;
  const model_errors wrong = find_errors(plan);
  EXPECT_TRUE(std::isinf(wrong.errors[0].figures[0].median));
  plan.judged = &linear<0, 0>;
  EXPECT_EQ(find_errors(plan).errors[0].figures[0].equal_share, 1);
}

TEST(ModelErrors, ALayerBeyondAModelIsNamed) {
  cost_model strict = linear<1, 0>;
  strict.obstacle = too_strange;
  try {
    find_errors(plan_against(strict));
    FAIL() << "a layer beyond the model was priced";
  } catch (const input_error& error) {
    EXPECT_STREQ(error.what(), "layer first: too strange");
  }
}

program_result validate(const std::string& arguments) {
  return run_cugamma("validate " + arguments);
}

constexpr const char* layers = "--model " CUGAMMA_SOURCE_DIR "/bench/search_quality.csv ";

json errors_of(const std::string& arguments) {
  const program_result run = validate(layers + arguments + " --num-pes 168 --format json");
  EXPECT_EQ(run.exit_code, 0) << run.output();
  return json::parse(run.out);
}

const json& row_of(const json& rows, const char* draw, const char* subset) {
  for (const json& row : rows) {
    if (row["draw"] == draw && row["subset"] == subset) return row;
  }
  throw std::runtime_error(std::string("no row of ") + draw + ", " + subset);
}

// What MAESTRO says is the layer's work and the time it takes is right where nothing is doubted and
// the NoC is wide; what moves is not.
TEST(ValidateAgainst, StrictMappingsHaveTheExactRuntime) {
  const json found = errors_of("--cost-model exact --against maestro --count 150");
  for (const char* draw : {"initial", "uniform"}) {
    const json& all = row_of(found["errors"], draw, "all");
    const json& strict = row_of(found["errors"], draw, "strict");
    EXPECT_EQ(all["mappings"], 900);
    EXPECT_EQ(all["figures"].size(), 11u);
    EXPECT_LT(all["figures"]["runtime"]["equal"], 1);
    EXPECT_GT(strict["mappings"], 50);
    EXPECT_EQ(strict["figures"]["runtime"]["equal"], 1);
    EXPECT_EQ(strict["figures"]["MACs"]["equal"], 1);
    EXPECT_LT(strict["figures"]["L2 reads input"]["equal"], 0.1);
  }
  ASSERT_EQ(found["rank_correlations"].size(), 18u);
  for (const json& row : found["rank_correlations"]) {
    if (row["subset"] == "strict") {
      EXPECT_NEAR(row["figures"]["latency"]["overall"], 1, 1e-12);
    }
  }
}

TEST(ValidateAgainst, AModelIsRightByItsOwnFigures) {
  const json found = errors_of("--cost-model exact --against exact --count 20");
  ASSERT_EQ(found["errors"].size(), 2u);  // exact has no doubts
  for (const json& row : found["errors"]) {
    for (const json& figure : row["figures"]) EXPECT_EQ(figure["equal"], 1);
  }
  for (const json& row : found["rank_correlations"]) {
    EXPECT_EQ(row["best"], 40);
    EXPECT_NEAR(row["figures"]["EDP"]["among_best"], 1, 1e-12);
  }
}

TEST(ValidateAgainst, TheSeedAloneDecides) {
  const std::string call = "--cost-model maestro --against exact --count 40 --seed ";
  EXPECT_EQ(errors_of(call + "7 --threads 1"), errors_of(call + "7 --threads 3"));
  EXPECT_NE(errors_of(call + "7")["errors"], errors_of(call + "8")["errors"]);
}

TEST(ValidateAgainst, TablesAndRowsSayTheSame) {
  const std::string call =
      std::string(layers) + "--cost-model exact --against maestro --count 30 --num-pes 168";
  const json found = errors_of("--cost-model exact --against maestro --count 30");
  const json& macs = row_of(found["errors"], "initial", "all")["figures"]["MACs"];
  const program_result csv = validate(call + " --format csv");
  EXPECT_NE(
      csv.out.find(fmt::format("all,initial,all,180,MACs,equal,{}\n", macs["equal"].get<double>())),
      std::string::npos)
      << csv.out;
  EXPECT_NE(csv.out.find("search_quality/vgg16 1,both,all,60,latency,rank_correlation,"),
            std::string::npos);
  const program_result table = validate(call);
  EXPECT_NE(table.out.find("L1 unlimited, L2 unlimited"), std::string::npos) << table.out;
  for (const char* text : {"figures of maestro against those of exact: 6 layers",
                           "uniform draw, strict mappings: ",
                           "energy without cluster buffers",
                           "the 1000 best by maestro"}) {
    EXPECT_NE(table.out.find(text), std::string::npos) << text << "\n" << table.out;
  }
}

TEST(ValidateAgainst, OptionsWithoutEffectAreRefused) {
  const std::string against = "--cost-model exact --against maestro ";
  const std::pair<std::string, std::string> calls[] = {
      {against + "--backends cpu", "--backends has no effect with --against"},
      {against + "--l1-size 512", "--l1-size has no effect with --against"},
      {against + "--l2_size 512", "--l2-size has no effect with --against"},
      {"--count 10 --num-pes 168", "--num-pes has no effect without --against"},
      {"--count 10 --format json", "--format has no effect without --against"},
      {against + "--count 0", "--count: found 0, expected 1 to"},
      {"--count=-1", "--count: found -1, expected a whole number, 0 or more"},
      {against + "--format xml", "--format: found \"xml\""},
      {"--against timeleap", "timeleap"},
      {against + "--num-pes 0", "--num-pes: found 0"}};
  for (const auto& [arguments, message] : calls) {
    const program_result run = validate("--model vgg16 " + arguments);
    EXPECT_EQ(run.exit_code, 1) << arguments;
    EXPECT_NE(run.err.find(message), std::string::npos) << arguments << ": " << run.output();
  }
}

}  // namespace
}  // namespace cugamma::cli
