#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/program.hpp"
#include "cugamma/models/timeloop/explain.hpp"
#include "formats/timeloop/small_files.hpp"
#include "models/timeloop/golden_cases.hpp"

namespace cugamma::timeloop {
namespace {

using nlohmann::json;

const std::string evaluate = "evaluate --cost-model timeloop ";

class TimeloopCli : public testing::Test {
 protected:
  TimeloopCli() {
    folder_.write("arch.yaml", small_architecture);
    folder_.write("prob.yaml", small_problem);
    folder_.write("map.yaml", small_mapping);
  }
  program_result run(const std::string& arguments) const {
    return run_program(folder_, CUGAMMA_PROGRAM, arguments);
  }
  program_result run_model(const std::string& arguments) const {
    return run_program(folder_, CUGAMMA_TIMELOOP_MODEL_PROGRAM, arguments);
  }
  json evaluated(const std::string& files) const {
    return json::parse(run(evaluate + files + " --format json").out);
  }

  scratch_folder folder_;
};

TEST_F(TimeloopCli, CommandsThatDoNotServeTheModelRefuseItByName) {
  for (const std::string command : {"sweep", "flexibility"}) {
    for (const std::string option : {" --cost-model timeloop", " --cost-model=timeloop"}) {
      const program_result refused = run(command + option + " arch.yaml prob.yaml");
      EXPECT_EQ(refused.exit_code, 1);
      EXPECT_NE(refused.err.find(
                    command + ": found the cost model timeloop, expected one of: maestro, exact; "
                              "timeloop serves evaluate, search"),
                std::string::npos)
          << refused.err;
    }
  }
  // Commands without cost models do not know the option.
  EXPECT_NE(run("networks --cost-model timeloop").err.find("expected no argument"),
            std::string::npos);
}

TEST_F(TimeloopCli, TheListOfModelsSaysWhatItReadsAndWhichCommandsServeIt) {
  const std::string list = run("models").out;
  const std::size_t own = list.find("\ntimeloop ");
  ASSERT_NE(own, std::string::npos) << list;
  EXPECT_NE(list.find("reads Timeloop's YAML files", own), std::string::npos) << list;
  EXPECT_NE(list.find("commands: evaluate, search", own), std::string::npos) << list;
}

/// The number behind a word in a text.
double number_after(const std::string& text, const std::string& word) {
  const std::size_t at = text.find(word);
  return at == std::string::npos ? -1 : std::stod(text.substr(at + word.size()));
}

TEST_F(TimeloopCli, JsonHasTheFiguresOfTheGoldenTables) {
  const json architectures = golden_texts("archs.json");
  const json problems = golden_texts("problems.json");
  for (const golden_table& table : golden_tables) {
    const json golden = read_golden_lines(golden_folder, table).front();
    folder_.write("a.yaml", architectures.at(golden.at("arch").get<std::string>()));
    folder_.write("p.yaml", problems.at(golden.at("problem").get<std::string>()));
    folder_.write("m.yaml", golden.at("mapping"));
    const json result = evaluated("a.yaml p.yaml m.yaml");
    const json& metrics = result.at("layers").at(0).at("metrics");
    const json& expected = golden.at("expect");
    EXPECT_EQ(result.at("layers").at(0).at("status"), "ok");
    EXPECT_EQ(metrics.at("cycles"), expected.at("cycles")) << table.name;
    EXPECT_EQ(metrics.at("macs"), expected.at("macs")) << table.name;
    EXPECT_NEAR(metrics.at("energy_pj").get<double>() / expected.at("energy_pj").get<double>(),
                1,
                1e-12)
        << table.name;
    EXPECT_EQ(metrics.size(), expected.size());
  }
}

TEST_F(TimeloopCli, RejectedMappingsSayWhyAndEndWithThree) {
  folder_.write("map.yaml", with(small_mapping, "M=2 N=3 K=1", "M=4 N=3 K=1"));
  const json layer = evaluated("arch.yaml prob.yaml map.yaml").at("layers").at(0);
  EXPECT_EQ(layer.at("status"), "illegal");
  EXPECT_EQ(layer.at("metrics"),
            (json{{"valid", false}, {"reason", "factor_product"}, {"at", ""}}));
  const program_result table = run(evaluate + "arch.yaml prob.yaml map.yaml");
  EXPECT_EQ(table.exit_code, 3);
  EXPECT_NE(table.out.find("map.yaml: rejected: map.yaml:2:1: mapping: the factors of M"),
            std::string::npos)
      << table.out;

  folder_.write("arch.yaml", with(small_architecture, "depth: 512", "depth: 1"));
  folder_.write("map.yaml", small_mapping);
  const json full = evaluated("arch.yaml prob.yaml map.yaml").at("layers").at(0);
  EXPECT_EQ(full.at("metrics").at("reason"), "capacity");
  EXPECT_EQ(full.at("metrics").at("at"), "Buffer");
  EXPECT_EQ(full.at("reasons"), json::array({"capacity at level Buffer"}));
}

TEST_F(TimeloopCli, SeveralMappingsAreSeveralLayersInTheirOrder) {
  folder_.write("other.yaml", with(small_mapping, "bypass: [B]", "bypass: []"));
  const json layers = evaluated("arch.yaml map.yaml prob.yaml other.yaml").at("layers");
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].at("mapping"), "map.yaml");
  EXPECT_EQ(layers[1].at("mapping"), "other.yaml");
  EXPECT_NE(layers[0].at("metrics"), layers[1].at("metrics"));
}

TEST_F(TimeloopCli, ConstraintsOfTheArchitectureHold) {
  folder_.write("space.yaml", "arch_constraints: [{target: Buffer, type: temporal, factors: M=1}]");
  const program_result result = run(evaluate + "arch.yaml prob.yaml map.yaml space.yaml");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.out.find("breaks a constraint of the architecture: level Buffer: temporal "
                            "factor M=2, constrained to 1"),
            std::string::npos)
      << result.out;
  folder_.write("space.yaml", "mapspace: [{target: Buffer, type: temporal, factors: M=1}]");
  EXPECT_EQ(run(evaluate + "arch.yaml prob.yaml map.yaml space.yaml").exit_code, 0);
}

TEST_F(TimeloopCli, ForeignOptionsAndMissingFilesAreNamed) {
  const auto expect = [&](const std::string& arguments, const std::string& part) {
    const program_result result = run(evaluate + arguments);
    EXPECT_EQ(result.exit_code, 1) << arguments;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  };
  for (const char* option : {"num-pes", "style", "model", "backend", "hw"}) {
    expect("arch.yaml prob.yaml map.yaml --" + std::string(option) + " 1", option);
  }
  expect("", "no file given");
  expect("arch.yaml prob.yaml", "no key mapping");
  expect("nowhere.yaml", "nowhere.yaml");
  expect("arch.yaml prob.yaml map.yaml --format csv", "table or json");
  expect("arch.yaml prob.yaml map.yaml -o map.yaml", "map.yaml");
}

TEST_F(TimeloopCli, TheResultMayGoToAFile) {
  EXPECT_EQ(run(evaluate + "arch.yaml prob.yaml map.yaml --format json -o out.json").exit_code, 0);
  EXPECT_EQ(json::parse(text_of(folder_ / "out.json")), evaluated("arch.yaml prob.yaml map.yaml"));
}

TEST_F(TimeloopCli, TheModelsProgramWritesTimeloopsFiles) {
  std::filesystem::create_directory(folder_ / "out");
  const program_result result = run_model("arch.yaml prob.yaml map.yaml -o out");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  const json metrics = evaluated("arch.yaml prob.yaml map.yaml").at("layers")[0].at("metrics");
  const auto cycles = metrics.at("cycles").get<double>();
  const auto energy = metrics.at("energy_pj").get<double>();
  EXPECT_EQ(number_after(result.out, "Cycles = "), cycles);

  const std::string stats = text_of(folder_ / "out/timeloop-model.stats.txt");
  const std::string summary = stats.substr(stats.find("Summary Stats"));
  EXPECT_EQ(number_after(summary, "Cycles: "), cycles);
  EXPECT_NEAR(number_after(summary, "Energy: "), energy / 1e6, 1e-6);
  EXPECT_NEAR(number_after(summary, "EDP(J*cycle): ") * 1e12 / (cycles * energy), 1, 1e-8);
  EXPECT_EQ(number_after(summary, "Computes = "), 192);
  EXPECT_NEAR(number_after(summary, "Utilization: "),
              metrics.at("utilization").get<double>() * 100,
              0.005);
  for (const char* part : {"%\n", " uJ\n", " mm^2\n", "fJ/Compute", "pJ/Compute", "    Total"}) {
    EXPECT_NE(summary.find(part), std::string::npos) << part;
  }

  const std::string nest = text_of(folder_ / "out/timeloop-model.map.txt");
  EXPECT_EQ(nest.rfind("Dram [ A:", 0), 0U) << nest;
  EXPECT_NE(nest.find("| for N in [0:3)\n|   for M in [0:2)\n"), std::string::npos) << nest;
  EXPECT_NE(nest.find("for N in [0:2) (Spatial-Y)"), std::string::npos) << nest;
  EXPECT_NE(nest.find("<< Compute >>"), std::string::npos);

  const json again = evaluated("arch.yaml prob.yaml out/timeloop-model.map.yaml");
  EXPECT_EQ(again.at("layers")[0].at("metrics"), metrics);
}

/// The parts that Timeloop's own script reads.
TEST_F(TimeloopCli, TheXmlHasWhatScriptsRead) {
  ASSERT_EQ(run_model("arch.yaml prob.yaml map.yaml").exit_code, 0);
  const std::string xml = text_of(folder_ / "timeloop-model.map+stats.xml");
  for (const char* part : {"<engine>",
                           "<topology_>",
                           "<levels_>",
                           "<count>3</count>",
                           "class_name=\"model::ArithmeticUnits\"",
                           "<level_name>Buffer</level_name>",
                           "<PerDataSpace>",
                           "<networks_>",
                           "<first>Dram &lt;==&gt; Buffer</first>",
                           "<factorized_bounds_>"}) {
    EXPECT_NE(xml.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(std::ranges::count(xml, '<') % 2, 1);  // the declaration, and pairs
}

TEST_F(TimeloopCli, TheModelsProgramFailsAsTimeloopsDoes) {
  const auto expect = [&](const std::string& arguments, const std::string& part) {
    const program_result result = run_model(arguments);
    EXPECT_EQ(result.exit_code, 1) << arguments;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "timeloop-model.stats.txt"));
  };
  expect("", "no file given");
  expect("arch.yaml prob.yaml map.yaml -o nowhere", "nowhere");
  expect("arch.yaml prob.yaml map.yaml -o", "-o");
  expect("arch.yaml prob.yaml map.yaml --pop 3", "--pop");
  expect("arch.yaml prob.yaml", "no key mapping");
  folder_.write("other.yaml", small_mapping);
  expect("arch.yaml prob.yaml map.yaml other.yaml", "second mapping");
  folder_.write("map.yaml", with(small_mapping, "M=2 N=3 K=1", "M=4 N=3 K=1"));
  expect("arch.yaml prob.yaml map.yaml", "couldn't map: map.yaml:2:1: mapping: the factors of M");
}

/// Scripts that start timeloop-model take a line on stderr for a failure.
TEST_F(TimeloopCli, WarningsOfTheModelsProgramAreOnStdout) {
  folder_.write("arch.yaml", with(small_architecture, "depth: 512", "depth: 512, colour: red"));
  const program_result result = run_model("arch.yaml prob.yaml map.yaml");
  EXPECT_EQ(result.err, "");
  EXPECT_NE(result.out.find("WARNING: arch.yaml:14: attribute colour"), std::string::npos);
  EXPECT_NE(run(evaluate + "arch.yaml prob.yaml map.yaml").err.find("attribute colour"),
            std::string::npos);
}

TEST_F(TimeloopCli, BenchTimesTheBackEndsItHasVerified) {
  const std::string what = "bench --cost-model timeloop arch.yaml prob.yaml --sample 50 ";
  const program_result table = run(what + "--populations 600,20 --repetitions 2 --threads 1");
  ASSERT_EQ(table.exit_code, 0) << table.err;
  EXPECT_NE(table.out.find("mappings/s"), std::string::npos);
  const json all = json::parse(
      run(what + "--populations 100 --backends cpu,reference --repetitions 1 --format json").out);
  ASSERT_EQ(all.at("measurements").size(), 2u);
  EXPECT_EQ(all.at("measurements")[0].at("backend"), "cpu");
  EXPECT_GT(all.at("measurements")[1].at("mappings_per_second"), 0);
  EXPECT_NE(run("bench --cost-model timeloop arch.yaml").err.find("expected YAML files with"),
            std::string::npos);
  EXPECT_EQ(run(what + "--backends cpuu").exit_code, 1);
  EXPECT_EQ(run(what + "--populations 0").exit_code, 1);
}

}  // namespace
}  // namespace cugamma::timeloop
