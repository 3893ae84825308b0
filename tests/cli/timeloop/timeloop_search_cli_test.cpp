// cugamma search --cost-model timeloop and cugamma-timeloop-mapper.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "cli/program.hpp"
#include "models/timeloop/golden_cases.hpp"

namespace cugamma::timeloop {
namespace {

using nlohmann::json;

class TimeloopSearchCli : public testing::Test {
 protected:
  TimeloopSearchCli() {
    folder_.write("arch.yaml", golden_texts("archs.json").at("trio"));
    folder_.write("problem.yaml", golden_texts("problems.json").at("conv_1x1"));
  }
  program_result search(const std::string& arguments) const {
    return run_program(folder_,
                       CUGAMMA_PROGRAM,
                       "search --cost-model timeloop arch.yaml " + arguments);
  }
  json found(const std::string& arguments) const {
    return json::parse(search(arguments + " --format json").out);
  }

  scratch_folder folder_;
};

TEST_F(TimeloopSearchCli, EveryMappingThatIsWrittenScoresTheSame) {
  const json result = found("problem.yaml --evaluations 500 --out out --pareto latency,energy");
  const json& layer = result.at("layers").at(0);
  EXPECT_EQ(layer.at("rejected"), json::object());
  folder_.write("front.yaml", layer.at("front").at(0).at("mapping"));
  for (const char* file : {"out/timeloop-mapper.map.yaml", "front.yaml"}) {
    const program_result again =
        run_program(folder_,
                    CUGAMMA_PROGRAM,
                    std::string("evaluate --cost-model timeloop arch.yaml problem.yaml ") + file +
                        " --format json");
    EXPECT_EQ(again.exit_code, 0);
    EXPECT_EQ(json::parse(again.out).at("layers").at(0).at("metrics").at("cycles"),
              layer.at("metrics").at("cycles"));
  }
  for (const char* file : {"result.json",
                           "report.html",
                           "history.csv",
                           "front.csv",
                           "timeloop-mapper.stats.txt",
                           "timeloop-mapper.map.txt",
                           "timeloop-mapper.map+stats.xml"}) {
    EXPECT_FALSE(text_of(folder_.path() / "out" / file).empty()) << file;
  }
}

TEST_F(TimeloopSearchCli, ReportMakesThePageOfOneResult) {
  search("problem.yaml --evaluations 500 --out out --pareto latency,energy");
  const auto report = [&](const std::string& files) {
    return run_program(folder_, CUGAMMA_PROGRAM, "report " + files + " -o page.html");
  };
  EXPECT_EQ(report("out/result.json").exit_code, 0);
  const std::string page = text_of(folder_.path() / "page.html");
  EXPECT_EQ(page, text_of(folder_.path() / "out" / "report.html"));
  const json layer =
      json::parse(text_of(folder_.path() / "out" / "result.json")).at("layers").at(0);
  for (const std::string& part : {"data-value=\"" + layer.at("metrics").at("cycles").dump() + "\"",
                                  std::string("Energy by level"),
                                  std::string("Pareto front of"),
                                  std::string("Dram [ ")}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  EXPECT_NE(page.find("<title>system: front of latency and energy</title>"), std::string::npos);
}

TEST_F(TimeloopSearchCli, ReportComparesSeveralResultsOfTheModelAlone) {
  const auto has = [&](const std::string& page, const std::string& part) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  };
  search("--model alexnet --layer 1,2 --evaluations 500 --out one");
  search("--model alexnet --layer 2,3 --evaluations 500 --seed 2 --out two");
  const auto report = [&](const std::string& files) {
    return run_program(folder_, CUGAMMA_PROGRAM, "report " + files + " -o page.html");
  };
  ASSERT_EQ(report("one/result.json two/result.json").exit_code, 0);
  const std::string page = text_of(folder_.path() / "page.html");
  for (const char* part : {"Comparison of 2 searches",
                           "What differs; ratios to one",
                           ">seed</button>",
                           "Best over evaluations",
                           // The table of layers of a run opens each.
                           "href=\"#run-1-layers[1]\"",
                           "id=\"run-1-layers[1]\""}) {
    has(page, part);
  }
  const json two = json::parse(text_of(folder_.path() / "two" / "result.json"));
  for (const json& layer : two.at("layers")) {
    has(page, "<summary>" + layer.at("layer").get<std::string>() + "</summary>");
  }
  run_program(folder_,
              CUGAMMA_PROGRAM,
              "search --model vgg16 --layer 1 --population 50 --evaluations 500 --out other");
  const program_result mixed = report("other/result.json one/result.json");
  EXPECT_EQ(mixed.exit_code, 1);
  has(mixed.err, "one: cost_model: found \"timeloop\" beside results of other models");
}

TEST_F(TimeloopSearchCli, ThePageSaysWhichLayerHasNoMapping) {
  EXPECT_EQ(search("problem.yaml --evaluations 50 --limit latency=1 --out out").exit_code, 3);
  const std::string page = text_of(folder_.path() / "out" / "report.html");
  EXPECT_NE(page.find("no valid mapping"), std::string::npos);
  EXPECT_NE(page.find("beyond a limit"), std::string::npos);
  EXPECT_EQ(page.find(">nan"), std::string::npos);
}

TEST_F(TimeloopSearchCli, ThePageOfANetworkHasEveryLayer) {
  search("--model alexnet --evaluations 50 --out out");
  const std::string page = text_of(folder_.path() / "out" / "report.html");
  const json result = json::parse(text_of(folder_.path() / "out" / "result.json"));
  ASSERT_GT(result.at("layers").size(), 2u);
  for (const json& layer : result.at("layers")) {
    EXPECT_NE(page.find(">" + layer.at("layer").get<std::string>() + "<"), std::string::npos);
    EXPECT_NE(page.find("data-value=\"" + layer.at("metrics").at("cycles").dump() + "\""),
              std::string::npos);
  }
  EXPECT_NE(page.find("data-value=\"" + result.at("network").at("cycles").dump() + "\""),
            std::string::npos);
}

TEST_F(TimeloopSearchCli, ANetworkIsTheSumOfItsLayers) {
  const json result = found("--model resnet18 --evaluations 100");
  std::int64_t cycles = 0, layers = 0;
  for (const json& layer : result.at("layers")) {
    cycles += layer.at("metrics").at("cycles").get<std::int64_t>() *
              layer.at("count").get<std::int64_t>();
    layers += layer.at("count").get<std::int64_t>();
  }
  EXPECT_EQ(result.at("network").at("cycles"), cycles);
  EXPECT_EQ(layers, 21);
  EXPECT_LT(result.at("layers").size(), 21u);
  const program_result table = search("--model mobilenet_v2 --layer 2 --evaluations 100");
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_NE(table.out.find("best edp"), std::string::npos) << table.out;
}

TEST_F(TimeloopSearchCli, AnAcceleratorStandsForAnArchitecture) {
  const auto run = [&](const std::string& arguments) {
    return run_program(folder_, CUGAMMA_PROGRAM, "search --cost-model timeloop " + arguments);
  };
  const program_result r =
      run("--accelerator eyeriss --model vgg16 --layer 2 --evaluations 500 --format json");
  ASSERT_EQ(r.exit_code, 0) << r.err;
  const json metrics = json::parse(r.out).at("layers").at(0).at("metrics");
  EXPECT_EQ(metrics.at("levels").size(), 3u);
  EXPECT_EQ(metrics.at("compute").at("energy_pj"), metrics.at("macs").get<double>() * 0.8);
  EXPECT_GE(metrics.at("cycles").get<std::int64_t>() * 168, metrics.at("macs").get<std::int64_t>());
  // Inside double buffers of 260 words, in words of 16 bits.
  std::int64_t words = 0;
  for (const auto& [name, t] : metrics.at("levels").at(0).at("tensors").items()) {
    words += t.at(1).get<std::int64_t>();
  }
  EXPECT_LE(words, 130);
  EXPECT_EQ(run("--accelerator eyeriss arch.yaml problem.yaml").exit_code, 1);
  EXPECT_EQ(run("--accelerator eyeriss").exit_code, 1);
  EXPECT_EQ(run("--accelerator eyeriss problem.yaml --evaluations 50").exit_code, 0);
}

TEST_F(TimeloopSearchCli, BackEndsFindTheSame) {
  const json by_cpu = found("problem.yaml --evaluations 300 --backend cpu");
  const json by_reference = found("problem.yaml --evaluations 300 --backend reference");
  EXPECT_EQ(by_cpu.at("layers").at(0).at("mapping"), by_reference.at("layers").at(0).at("mapping"));
  EXPECT_EQ(by_cpu.at("back_end"), "cpu");
  EXPECT_EQ(by_reference.at("back_end"), "reference");
}

TEST_F(TimeloopSearchCli, GammaTimeloopsFlagsMeanTheSame) {
  const program_result r = run_program(folder_,
                                       CUGAMMA_PROGRAM,
                                       "search --cost-model timeloop arch.yaml problem.yaml "
                                       "--fitness1 latency --fitness2 energy --num_pops 10 "
                                       "--epochs 5 --explore_bypass --report_dir report");
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_NE(r.out.find("50 valid mappings"), std::string::npos) << r.out;
  for (const char* file :
       {"arch.yaml", "problem.yaml", "map.yaml", "Gamma-Timeloop.txt", "Gamma-Timeloop.csv"}) {
    EXPECT_FALSE(text_of(folder_.path() / "report" / file).empty()) << file;
  }
  EXPECT_EQ(search("problem.yaml --use_sparse").exit_code, 1);
}

TEST_F(TimeloopSearchCli, WhatIsNoSearchIsRefused) {
  const auto error = [&](const std::string& arguments) {
    const program_result r = search(arguments);
    EXPECT_EQ(r.exit_code, 1) << arguments;
    return r.err;
  };
  EXPECT_NE(error("").find("found no key problem in the files, expected one, or --model NAME"),
            std::string::npos);
  EXPECT_NE(error("problem.yaml --objective EDPP").find("found \"EDPP\", expected edp"),
            std::string::npos);
  EXPECT_NE(error("problem.yaml --pareto edp").find("two or three objectives, found 1"),
            std::string::npos);
  EXPECT_NE(error("problem.yaml --population 1").find("population"), std::string::npos);
  EXPECT_NE(error("problem.yaml --strict").find("strict"), std::string::npos);
  EXPECT_NE(error("problem.yaml --limit energy").find("expected OBJECTIVE=NUMBER"),
            std::string::npos);
  EXPECT_NE(error("problem.yaml --backend gpu").find("unknown back end \"gpu\""),
            std::string::npos);
  folder_.write("fixed.yaml",
                "mapspace_constraints:\n- {target: Rf, type: temporal, factors: C=64 K=256}\n");
  EXPECT_EQ(search("problem.yaml fixed.yaml --evaluations 100").exit_code, 3);
}

TEST_F(TimeloopSearchCli, TheMapperWritesWhatTimeloopsWrites) {
  folder_.write("mapper.yaml",
                "mapper: {optimization_metrics: [delay, energy], search_size: 200, "
                "algorithm: random_pruned, num_threads: 2}\n");
  const program_result r = run_program(folder_,
                                       CUGAMMA_TIMELOOP_MAPPER_PROGRAM,
                                       "arch.yaml problem.yaml mapper.yaml -o .");
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_TRUE(r.err.empty()) << r.err;
  EXPECT_NE(r.out.find("Utilization = "), std::string::npos);
  const std::string stats = text_of(folder_.path() / "timeloop-mapper.stats.txt");
  EXPECT_NE(stats.find("Summary Stats"), std::string::npos);
  for (const char* file : {"map.txt", "map.yaml", "map+stats.xml"}) {
    EXPECT_FALSE(text_of(folder_.path() / (std::string("timeloop-mapper.") + file)).empty())
        << file;
  }
}

TEST_F(TimeloopSearchCli, ValidateComparesTheBackEnds) {
  const program_result r =
      run_program(folder_,
                  CUGAMMA_PROGRAM,
                  "validate --cost-model timeloop arch.yaml problem.yaml --count 3000");
  EXPECT_EQ(r.exit_code, 0) << r.out << r.err;
  EXPECT_NE(r.out.find("3000 mappings"), std::string::npos);
  EXPECT_NE(r.out.find("every field equal on every back end"), std::string::npos);
}

/// A result without what depends on the clock.
json without_seconds(json value) {
  if (value.is_object()) value.erase("seconds");
  for (json& part : value) {
    if (part.is_structured()) part = without_seconds(part);
  }
  return value;
}

TEST_F(TimeloopSearchCli, ASearchThatIsKilledGoesOnAsIfItHadNeverStopped) {
  const std::string what = "--model alexnet --layer 1,2 --evaluations 20000 --out ";
  ASSERT_EQ(search(what + "whole").exit_code, 0);
  const std::string with_state = " --checkpoint state --checkpoint-every 0.001";
  const std::string first = "search --cost-model timeloop arch.yaml " + what + "out" + with_state;
  int killed = 0;
  bool has_begun = false;
  for (const char* patience :
       {"-s KILL 0.3 ", "-s TERM 0.2 ", "-s KILL 0.2 ", "-s INT 0.2 ", "60 "}) {
    const program_result part = run_program(folder_,
                                            "timeout",
                                            patience + std::string(CUGAMMA_PROGRAM) + " " +
                                                (has_begun ? "search --resume state" : first));
    has_begun = has_begun || std::filesystem::exists(folder_.path() / "state" / "checkpoint.bin");
    killed += part.exit_code == 0 ? 0 : 1;
    EXPECT_NE(part.exit_code, 1) << part.err;
  }
  const auto result = [&](const char* folder) {
    return without_seconds(json::parse(text_of(folder_.path() / folder / "result.json")));
  };
  EXPECT_EQ(result("out"), result("whole")) << killed << " times stopped";
  EXPECT_EQ(result("out").at("interrupted"), false);
}

TEST_F(TimeloopSearchCli, CheckpointsOfOtherSearchesOrDamagedOnesAreRefusedByName) {
  ASSERT_EQ(search("problem.yaml --evaluations 500 --checkpoint state").exit_code, 0);
  const auto refusal = [&](const std::string& arguments) {
    const program_result refused = run_program(folder_, CUGAMMA_PROGRAM, "search " + arguments);
    EXPECT_EQ(refused.exit_code, 1) << arguments;
    return refused.err;
  };
  const auto has = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(refusal("--resume state --seed 2"), "state: conv: the saved search has another problem");
  has(refusal("--resume state --cost-model exact"),
      "state: holds a search with the cost model timeloop, found --cost-model exact");
  ASSERT_EQ(
      run_program(
          folder_,
          CUGAMMA_PROGRAM,
          "search --model vgg16 --layer 1 --population 50 --evaluations 500 --checkpoint other")
          .exit_code,
      0);
  has(refusal("--resume other --cost-model timeloop"),
      "other: holds a search with the cost model exact, found --cost-model timeloop");
  std::string bytes = text_of(folder_.path() / "state" / "checkpoint.bin");
  bytes[bytes.size() - 9] ^= 4;
  folder_.write("altered.bin", bytes);
  has(refusal("--resume altered.bin"), "altered.bin: is altered: its checksum differs");
  has(refusal("--resume altered.bin --cost-model timeloop"), "is altered: its checksum differs");
  // A problem more than before.
  has(refusal("--resume state --model alexnet --layer 1,2"), "holds the searches of 1 problems");
  // More evaluations of the same search.
  const program_result longer =
      run_program(folder_,
                  CUGAMMA_PROGRAM,
                  "search --resume state --evaluations 900 --format json");
  EXPECT_EQ(json::parse(longer.out).at("layers").at(0).at("evaluations"), 900) << longer.err;
}

TEST_F(TimeloopSearchCli, AFileOfTimeloopsIsAnAcceleratorToo) {
  const auto run = [&](const std::string& arguments) {
    return run_program(folder_, CUGAMMA_PROGRAM, "search --cost-model timeloop " + arguments);
  };
  const std::string network = " --model alexnet --layer 2 --evaluations 500 --format json";
  const program_result named = run("--accelerator arch.yaml" + network);
  ASSERT_EQ(named.exit_code, 0) << named.err;
  EXPECT_EQ(without_seconds(json::parse(named.out)), without_seconds(found(network)));
  // With an architecture in the files too there would be two.
  EXPECT_NE(
      run("--accelerator arch.yaml arch.yaml problem.yaml").err.find("key \"architecture\" again"),
      std::string::npos);
  // Other models say whose file it is.
  EXPECT_NE(run_program(folder_, CUGAMMA_PROGRAM, "search --model vgg16 --accelerator arch.yaml")
                .err.find("arch.yaml: found an architecture of Timeloop's"),
            std::string::npos);
  // Its constraints count, as they do in a file given by itself.
  const std::string machine = golden_texts("archs.json").at("trio");
  folder_.write("space.yaml",
                machine +
                    "\narchitecture_constraints:\n"
                    "- {target: Dram, type: temporal, factors: C=1}\n");
  const json bound = json::parse(run("--accelerator space.yaml" + network).out);
  const std::string mapping = bound.at("layers").at(0).at("mapping");
  const std::size_t factors = mapping.find("factors: ");  // of the outermost temporal loops
  ASSERT_NE(factors, std::string::npos) << mapping;
  EXPECT_NE(mapping.substr(factors, mapping.find('\n', factors) - factors).find(" C=1 "),
            std::string::npos)
      << mapping;
}

TEST_F(TimeloopSearchCli, CompareHoldsAContestOfAlgorithmsOverSeeds) {
  folder_.write("problem.yaml", golden_texts("problems.json").at("gemm_bert"));
  const std::string what =
      "compare --cost-model timeloop arch.yaml problem.yaml --evaluations 2000 --seeds 3 ";
  const auto run = [&](const std::string& arguments) {
    return run_program(folder_, CUGAMMA_PROGRAM, what + arguments);
  };
  const program_result both = run("--format json");
  ASSERT_EQ(both.exit_code, 0) << both.err;
  const json rows = json::parse(both.out).at("results");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("algorithm"), "gamma");
  EXPECT_EQ(rows[1].at("algorithm"), "random");
  EXPECT_LT(rows[0].at("median"), rows[1].at("median"));
  EXPECT_EQ(rows[0].at("evaluations"), 2000);
  // The best of them is what the search with its seed finds.
  double best = std::numeric_limits<double>::infinity();
  for (const char* seed : {"1", "2", "3"}) {
    const json metrics = found("problem.yaml --evaluations 2000 --seed " + std::string(seed))
                             .at("layers")[0]
                             .at("metrics");
    best =
        std::min(best, metrics.at("energy_pj").get<double>() * metrics.at("cycles").get<double>());
  }
  EXPECT_EQ(rows[0].at("best"), best);
  const program_result timed = run("--algorithms random --seconds 20ms --format csv");
  EXPECT_NE(timed.out.find(",seconds,random,"), std::string::npos) << timed.out;
  EXPECT_EQ(run("--algorithms cmaes").exit_code, 1);
  EXPECT_NE(run("--out x").err.find("compare: --out is for search alone"), std::string::npos);
}

}  // namespace
}  // namespace cugamma::timeloop
