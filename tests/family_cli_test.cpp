#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "program_run.hpp"

namespace cugamma {
namespace {

using cugamma::testing::program_run;
using nlohmann::json;

program_run cugamma_program(const std::string& arguments) {
  return testing::run_program(
      fmt::format("CUGAMMA_MODELS_DIR='{}/models' CUGAMMA_CONSTRAINTS_DIR='{}/constraints' '{}' {}",
                  CUGAMMA_SOURCE_DIR,
                  CUGAMMA_SOURCE_DIR,
                  CUGAMMA_CLI,
                  arguments));
}

json json_of(const std::string& arguments) {
  const program_run run = cugamma_program(arguments + " --format json --log-level 0");
  EXPECT_EQ(run.status, 0) << run.output;
  return json::parse(run.output, nullptr, false);
}

TEST(FamilyCli, AConstrainedSearchStaysBehindAFreeOne) {
  const std::string common = "search --model resnet18 --layer 2 --evaluations 4000";
  const json fixed = json_of(common + " --constraint eye --flex none");
  const json free = json_of(common);
  const json& fixed_best = fixed["layers"][0]["best"]["objectives"][0];
  EXPECT_GE(fixed_best.get<double>(), free["layers"][0]["best"]["objectives"][0].get<double>());
  EXPECT_EQ(fixed["config"]["constraint"], "eye");
  EXPECT_EQ(fixed["config"]["flexibility"], "0000");
}

TEST(FamilyCli, EvaluateStyleIsWhatSearchComparesWith) {
  const json found = json_of("search --model resnet18 --layer 2 --evaluations 500");
  const program_run run = cugamma_program("evaluate --style kcp_ws --model resnet18 --format json");
  EXPECT_EQ(run.status, 0) << run.output;
  const json scored = json::parse(run.output, nullptr, false);
  const double style = scored["layers"][1]["metrics"]["runtime_cycles"].get<double>();
  const double best = found["layers"][0]["best"]["objectives"][0].get<double>();
  EXPECT_DOUBLE_EQ(found["layers"][0]["gain_over_styles"]["kcp_ws"].get<double>(), style / best);
}

TEST(FamilyCli, BadConstraintsAreNamed) {
  const program_run unknown =
      cugamma_program("search --model resnet18 --constraint nothing --evaluations 10");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_NE(unknown.output.find("unknown constraint \"nothing\""), std::string::npos)
      << unknown.output;
  const program_run small =
      cugamma_program("search --model resnet18 --constraint dla --num-pes 16 --evaluations 10");
  EXPECT_EQ(small.status, 1);
  EXPECT_NE(small.output.find("clashes with the 16 PEs"), std::string::npos) << small.output;
}

}  // namespace
}  // namespace cugamma
