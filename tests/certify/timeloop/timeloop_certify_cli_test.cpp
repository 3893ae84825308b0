// cugamma certify --cost-model timeloop.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "certify/proof_keys.hpp"
#include "cli/program.hpp"
#include "models/timeloop/golden_cases.hpp"

namespace cugamma::timeloop {
namespace {

using nlohmann::json;

class TimeloopCertifyCli : public testing::Test {
 protected:
  TimeloopCertifyCli() {
    const json golden = golden_texts("optima.json");
    folder_.write("arch.yaml", golden.at("machines").at("two_168"));
    folder_.write("three.yaml", golden.at("machines").at("three_168"));
    folder_.write("problem.yaml", golden.at("problems").at("conv1x1_K256_C64_56"));
  }
  program_result certify(const std::string& arguments) const {
    return run_program(folder_, CUGAMMA_PROGRAM, "certify --cost-model timeloop " + arguments);
  }

  scratch_folder folder_;
};

TEST_F(TimeloopCertifyCli, TellsTheOptimumInJsonAndInFiles) {
  const program_result run = certify(
      "arch.yaml problem.yaml --objective energy --evaluations 3000 --format json --out out");
  ASSERT_EQ(run.exit_code, 0) << run.output();
  const json all = json::parse(run.out);
  EXPECT_EQ(json::parse(text_of(folder_ / "out/certify.json")), all);
  const json& l = all.at("layers").at(0);
  EXPECT_EQ(keys_of(l), proof_keys);
  EXPECT_NEAR(l.at("optimum"), 330018857.0, 1);
  EXPECT_EQ(l.at("optimum"), l.at("lower_bound"));
  EXPECT_EQ(l.at("optimum"), l.at("upper_bound"));
  EXPECT_EQ(l.at("optimum"), l.at("metrics").at("energy_pj"));
  EXPECT_EQ(l.at("proven"), true);
  EXPECT_GT(l.at("subtrees"), l.at("opened"));
  const program_result again = run_program(folder_,
                                           CUGAMMA_PROGRAM,
                                           "evaluate --cost-model timeloop arch.yaml problem.yaml "
                                           "out/timeloop-mapper.map.yaml --format json");
  ASSERT_EQ(again.exit_code, 0) << again.output();
  EXPECT_EQ(json::parse(again.out).at("layers").at(0).at("metrics"), l.at("metrics"));
}

TEST_F(TimeloopCertifyCli, SaysTheSpaceAndTheBounds) {
  const program_result run =
      certify("three.yaml problem.yaml --objective latency --evaluations 500");
  ASSERT_EQ(run.exit_code, 0) << run.output();
  EXPECT_NE(run.out.find("layer conv: latency the optimum is 401408 cycles\n"), std::string::npos);
  EXPECT_NE(run.out.find("no bypass is searched"), std::string::npos) << run.out;
  EXPECT_NE(run.err.find("layer conv: optimum in [401408, 401408] cycles, gap 0 %"),
            std::string::npos)
      << run.err;
}

TEST_F(TimeloopCertifyCli, TellsTheGapWhereTimeEnds) {
  const program_result run =
      certify("three.yaml problem.yaml --evaluations 50 --time-limit 0 --format json");
  EXPECT_EQ(run.exit_code, 4) << run.output();
  const json l = json::parse(run.out).at("layers").at(0);
  EXPECT_EQ(l.at("objective"), "edp");
  EXPECT_EQ(l.at("proven"), false);
  EXPECT_TRUE(l.at("optimum").is_null());
  EXPECT_GT(l.at("gap"), 0);
  EXPECT_LT(l.at("lower_bound"), l.at("upper_bound"));
  const program_result near =
      certify("three.yaml problem.yaml --evaluations 50 --time-limit 0 --gap 100 --format json");
  EXPECT_EQ(near.exit_code, 0) << near.output();
}

TEST_F(TimeloopCertifyCli, WritesACertificateForEachProblem) {
  const std::string options = " --objective latency --evaluations 500 --log-level 0 --out ";
  ASSERT_EQ(certify("arch.yaml problem.yaml" + options + "one").exit_code, 0);
  const std::string text = text_of(folder_ / "one/certificate.jsonl");
  const json header = json::parse(text.substr(0, text.find('\n')));
  EXPECT_EQ(header.at("cost_model"), "timeloop");
  EXPECT_EQ(header.at("lower_bound"), 401408);
  EXPECT_EQ(header.at("architecture").at("levels").size(), 2u);
  ASSERT_EQ(certify("arch.yaml --model resnet50 --layer 2,3" + options + "two").exit_code, 0);
  for (const auto& layer : json::parse(text_of(folder_ / "two/certify.json")).at("layers")) {
    const std::string name = layer.at("layer");
    EXPECT_NE(text_of(folder_ / ("two/" + name + "/certificate.jsonl")), "") << name;
  }
}

TEST_F(TimeloopCertifyCli, ProvesANetworkEqualLayersOnce) {
  const program_result run = certify(
      "arch.yaml --model resnet50 --layer 2,3,8 --objective latency --evaluations 500 --format "
      "json");
  ASSERT_EQ(run.exit_code, 0) << run.output();
  const json layers = json::parse(run.out).at("layers");
  ASSERT_EQ(layers.size(), 3u);
  std::set<std::string> names;
  for (const json& l : layers) {
    names.insert(l.at("layer"));
    EXPECT_EQ(l.at("proven"), true);
  }
  EXPECT_EQ(names.size(), 3u);
  const program_result table =
      certify("arch.yaml --model resnet50 --layer 2,3 --objective latency --evaluations 500");
  EXPECT_NE(table.out.find("network: latency optimum in ["), std::string::npos) << table.out;
}

TEST_F(TimeloopCertifyCli, ProvesThatNoMappingFits) {
  folder_.write("rules.yaml",
                "mapspace_constraints:\n"
                "- {target: L1, type: temporal, factors: K=256 C=64 P=56}\n");
  const program_result run =
      certify("arch.yaml problem.yaml rules.yaml --evaluations 50 --format json");
  EXPECT_EQ(run.exit_code, 3) << run.output();
  const json l = json::parse(run.out).at("layers").at(0);
  EXPECT_EQ(l.at("proven"), true);
  EXPECT_TRUE(l.at("optimum").is_null());
  EXPECT_TRUE(l.at("mapping").is_null());
}

TEST_F(TimeloopCertifyCli, ACompetitionTellsHowFarItIsFromTheOptimum) {
  const program_result run = run_program(
      folder_,
      CUGAMMA_PROGRAM,
      "compare --cost-model timeloop arch.yaml problem.yaml --objective energy --prove --seeds 3 "
      "--evaluations 300 --format json");
  ASSERT_EQ(run.exit_code, 0) << run.output();
  const json rows = json::parse(run.out).at("results");
  ASSERT_EQ(rows.size(), 2u);
  for (const json& row : rows) {
    EXPECT_NEAR(row.at("lower_bound"), 330018857.0, 1);
    EXPECT_EQ(row.at("lower_bound"), row.at("upper_bound"));
    const double median = row.at("median"), least = row.at("lower_bound");
    EXPECT_DOUBLE_EQ(row.at("above_optimum"), (median - least) / least);
  }
  const program_result limited =
      run_program(folder_,
                  CUGAMMA_PROGRAM,
                  "compare --cost-model timeloop arch.yaml problem.yaml --prove --limit energy=1");
  EXPECT_EQ(limited.exit_code, 1);
  EXPECT_NE(limited.err.find("--limit: optima by Timeloop's model are proved without limits"),
            std::string::npos);
}

TEST_F(TimeloopCertifyCli, RefusesByName) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"--objective utilization", "conv: its optimum under timeloop cannot be proved: objective"},
      {"--objective edp,latency", "certify: found 2 objectives, expected one"},
      {"--pareto edp,latency", "--pareto is for cugamma search"},
      {"--limit latency=1", "--limit: optima by Timeloop's model are proved without limits"},
      {"--explore-bypass",
       "--explore-bypass: optima by Timeloop's model are proved of mappings in which every"},
      {"--report-dir x", "--report-dir is for cugamma search"},
      {"--gap -1", "--gap"},
      {"--checkpoint x", "--checkpoint is for cugamma search"},
      {"--population-size 3", "option --population-size does not exist"},
  };
  for (const auto& [arguments, reason] : cases) {
    const program_result run = certify("arch.yaml problem.yaml " + arguments);
    EXPECT_EQ(run.exit_code, 1) << arguments;
    EXPECT_NE(run.err.find(reason), std::string::npos) << arguments << "\n" << run.output();
    EXPECT_EQ(run.out, "") << arguments;
  }
  const program_result nothing = certify("");
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_NE(nothing.err.find("--cost-model timeloop: no file given"), std::string::npos);
}

TEST_F(TimeloopCertifyCli, ALogLevelOfNothingSaysNothing) {
  const std::string problem = "arch.yaml problem.yaml --evaluations 500 --threads 1";
  EXPECT_NE(certify(problem).err.find("optimum in ["), std::string::npos);
  EXPECT_EQ(certify(problem + " --log-level 0").err, "");
  const program_result compared =
      run_program(folder_,
                  CUGAMMA_PROGRAM,
                  "compare --cost-model timeloop --seeds 2 --log-level 0 --prove " + problem);
  EXPECT_EQ(compared.exit_code, 0);
  EXPECT_EQ(compared.err, "");
}

}  // namespace
}  // namespace cugamma::timeloop
