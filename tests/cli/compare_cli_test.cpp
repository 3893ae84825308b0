#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/compare/contest.hpp"
#include "cli/program.hpp"
#include "cli/statistics.hpp"
#include "cugamma/search/optimisers.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

program_result compare(const std::string& arguments) { return run_cugamma("compare " + arguments); }

constexpr const char* machine =
    "--num-pes 168 --l1-size 512 --l2-size 108000 --log-level 0 --strict ";

json rows_of(const std::string& arguments) {
  const program_result run = compare(machine + arguments + " --format json");
  EXPECT_EQ(run.exit_code, 0) << run.output();
  return json::parse(run.out)["results"];
}

TEST(CompareCli, EveryAlgorithmGetsTheSameEvaluations) {
  const json rows =
      rows_of("--model vgg16 --layer 8,conv5_3 --population 40 --seeds 3 --evaluations 333");
  std::size_t usable = 0;
  for (const std::string& name : known_algorithms()) usable += !algorithm_obstacle(name);
  ASSERT_EQ(rows.size(), 2 * usable);
  EXPECT_EQ(rows.front()["layer"], "conv4_1");
  EXPECT_EQ(rows.back()["layer"], "conv5_3");
  for (const json& row : rows) {
    EXPECT_EQ(row["evaluations"], 333) << row;
    EXPECT_LE(row["best"], row["quartile_1"]) << row;
    EXPECT_LE(row["quartile_1"], row["median"]) << row;
    EXPECT_LE(row["median"], row["quartile_3"]) << row;
    EXPECT_LE(row["quartile_3"], row["worst"]) << row;
    EXPECT_EQ(row["median_after"]["100%"], row["median"]) << row;
    EXPECT_GE(row["median_after"]["50%"], row["median"]) << row;
  }
}

TEST(CompareCli, MedianIsThatOfTheSearches) {
  const std::string common = "--model resnet18 --layer 2 --evaluations 200 ";
  const json rows = rows_of(common + "--algorithms random --seeds 3 --seed 5");
  std::vector<double> values;
  for (int seed = 5; seed < 8; ++seed) {
    const program_result run =
        run_cugamma(fmt::format("search {} {} --algorithm random --seed {} --format json",
                                machine,
                                common,
                                seed));
    const json found = json::parse(run.out);
    EXPECT_EQ(found["layers"][0]["evaluations"], 200);
    EXPECT_EQ(found["config"]["algorithm"], "random");
    values.push_back(found["layers"][0]["best"]["objectives"][0].get<double>());
  }
  EXPECT_EQ(rows[0]["median"], cli::quantile(values, 0.5));
  EXPECT_EQ(rows[0]["best"], cli::quantile(values, 0));
}

TEST(CompareCli, EqualTimeTellsTheEvaluationsDone) {
  const json rows = rows_of(
      "--model vgg16 --layer 8 --algorithms gamma,random --seeds 2 --evaluations 100 "
      "--seconds 0.1");
  ASSERT_EQ(rows.size(), 4u);
  for (const std::size_t i : {2u, 3u}) {
    EXPECT_EQ(rows[i]["equal"], "seconds");
    EXPECT_GE(rows[i]["seconds"], 0.1);
    EXPECT_GT(rows[i]["evaluations"], 0);
  }
}

TEST(CompareCli, WritesTablesAndCsv) {
  const std::string common =
      machine + std::string("--model vgg16 --layer 8 --algorithms gamma,es --seeds 2 ") +
      "--evaluations 100 --format ";
  const program_result table = compare(common + "table");
  EXPECT_NE(table.output().find("vgg16 conv4_1, latency, 2 seeds, 100 evaluations each"),
            std::string::npos)
      << table.output();
  const program_result csv = compare(common + "csv");
  EXPECT_EQ(csv.output().rfind("layer,equal,algorithm,median,", 0), 0u) << csv.output();
  EXPECT_NE(csv.output().find("\nconv4_1,evaluations,es,"), std::string::npos) << csv.output();
}

TEST(CompareCli, TellsHowFarMediansAreFromTheOptimum) {
  const std::string common =
      "--model vgg16 --layer 8,conv5_3 --objective latency --noc-bw -1 --algorithms gamma,random "
      "--seeds 3 --evaluations 500 --prove ";
  const json rows = rows_of(common);
  ASSERT_EQ(rows.size(), 4u);
  for (const json& row : rows) {
    EXPECT_EQ(row["lower_bound"], row["upper_bound"]) << row;
    const double median = row["median"], least = row["lower_bound"];
    EXPECT_LE(least, row["best"].get<double>());
    EXPECT_DOUBLE_EQ(row["above_optimum"], (median - least) / least);
  }
  EXPECT_EQ(rows[0]["lower_bound"], rows[1]["lower_bound"]);
  EXPECT_NE(rows[0]["lower_bound"], rows[2]["lower_bound"]);
  const program_result table = compare(machine + common);
  EXPECT_NE(table.output().find("500 evaluations each, the optimum is "), std::string::npos);
  EXPECT_NE(table.output().find("above the optimum\n"), std::string::npos) << table.output();
  const program_result csv = compare(machine + common + "--format csv");
  EXPECT_NE(csv.output().find(",lower_bound,upper_bound,above_optimum\n"), std::string::npos);
}

/// Where time ends, the lower bound takes the optimum's place.
TEST(CompareCli, TellsHowFarMediansAreFromTheBound) {
  const std::string common = std::string(machine) +
                             "--model vgg16 --layer 8 --objective energy --algorithms random "
                             "--seeds 2 --evaluations 50 --prove --time-limit 0 ";
  const program_result table = compare(common);
  EXPECT_EQ(table.exit_code, 4);
  EXPECT_NE(table.output().find("each, optimum in ["), std::string::npos) << table.output();
  EXPECT_NE(table.output().find(" <= "), std::string::npos) << table.output();
  EXPECT_EQ(compare(common + "--gap 1000").exit_code, 0);
}

TEST(CompareCli, MaximisedObjectivesReadUpwards) {
  const json rows = rows_of(
      "--model vgg16 --layer 8 --algorithms random --objective throughput --seeds 3 "
      "--evaluations 100");
  EXPECT_GT(rows[0]["worst"], 0);
  EXPECT_GE(rows[0]["best"], rows[0]["worst"]);
}

TEST(CompareCli, BadInputIsRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> calls{
      {"--model vgg16 --algorithms magic", "\"magic\""},
      {"--model vgg16 --algorithm random", "--algorithm is for search alone"},
      {"--model vgg16 --pareto latency,energy", "--pareto is for search alone"},
      {"--model vgg16 --time-limit 3", "--time-limit: needs --prove"},
      {"--model vgg16 --gap 0.1", "--gap: needs --prove"},
      {"--model vgg16 --prove --objective area", "cannot be proved"},
      {"--model vgg16 --seeds 0", "--seeds: found 0"},
      {"--model vgg16 --seconds=-1", "--seconds: found -1"},
      {"--model vgg16 --layer 1,99", "--layer: found \"99\""},
      {"--model vgg16 --format xml", "\"xml\", expected one of table, json, csv"}};
  for (const auto& [arguments, message] : calls) {
    const program_result run = compare(arguments);
    EXPECT_EQ(run.exit_code, 1) << arguments;
    EXPECT_NE(run.output().find(message), std::string::npos) << arguments << ": " << run.output();
  }
}

}  // namespace
}  // namespace cugamma
