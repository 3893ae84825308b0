#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "cli/program.hpp"

/// Several searches or evaluations by one command.
namespace cugamma {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

class SeveralCli : public testing::Test {
 protected:
  program_result run(const std::string& arguments) const {
    return run_program(folder_, CUGAMMA_PROGRAM, arguments + " --log-level 0");
  }
  json rows(const std::string& arguments) const {
    const program_result r = run(arguments + " --format json");
    EXPECT_EQ(r.exit_code, 0) << r.err;
    return json::parse(r.out, nullptr, false)["searches"];
  }
  json alone(const std::string& arguments) const {
    return json::parse(run("search " + arguments + " --format json").out, nullptr, false);
  }

  scratch_folder folder_;
};

constexpr const char* little = " --layer 2 --evaluations 300 ";

TEST_F(SeveralCli, EveryNetworkOnEveryAccelerator) {
  const json all = rows("search --model vgg16,resnet18 --accelerator edge,eyeriss --objective EDP" +
                        std::string(little));
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1]["options"], json({{"model", "vgg16"}, {"accelerator", "eyeriss"}}));
  EXPECT_EQ(all[2]["options"], json({{"model", "resnet18"}, {"accelerator", "edge"}}));
  const json one =
      alone("--model resnet18 --accelerator edge --objective EDP" + std::string(little));
  EXPECT_EQ(all[2]["figures"]["EDP"], one["totals"]["edp"]);
  EXPECT_EQ(all[2]["figures"]["latency"], one["totals"]["latency_cycles"]);
}

TEST_F(SeveralCli, SweepsFiguresOfTheAccelerator) {
  const json all = rows("sweep --model vgg16 --num-pes 64..256 --l2-size 60000,120000 --noc-bw 32" +
                        std::string(little));
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[0]["options"], json({{"num-pes", "64"}, {"l2-size", "60000"}}));
  EXPECT_EQ(all[5]["options"], json({{"num-pes", "256"}, {"l2-size", "120000"}}));
  const json one =
      alone("--model vgg16 --num-pes 128 --l2-size 120000 --noc-bw 32" + std::string(little));
  EXPECT_EQ(all[3]["figures"]["latency"], one["totals"]["latency_cycles"]);
}

TEST_F(SeveralCli, WritesEachSearchATableAndPages) {
  const program_result r =
      run("sweep --model vgg16 --num-pes 64,128 --constraint dla,shidiannao --out out" +
          std::string(little));
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_EQ(std::ranges::count(r.out, '\n'), 5) << r.out;
  const std::string table = text_of(folder_ / "out/summary.csv");
  EXPECT_EQ(table.substr(0, table.find('\n')), "constraint,num-pes,latency,energy,EDP");
  EXPECT_EQ(std::ranges::count(table, '\n'), 5);
  for (const char* file :
       {"out/dla_num-pes_64/result.json", "out/shidiannao_num-pes_128/best.m", "out/report.html"}) {
    EXPECT_TRUE(fs::exists(folder_ / file)) << file;
  }
  const std::string page = text_of(folder_ / "out/sweep.html");
  EXPECT_NE(page.find("latency, cycles over num-pes"), std::string::npos);
  EXPECT_NE(page.find("constraint shidiannao"), std::string::npos) << "a line for each constraint";
  EXPECT_EQ(page.find("http"), page.find("http-equiv")) << "no request leaves it";
  EXPECT_NE(text_of(folder_ / "out/report.html").find("What differs"), std::string::npos);
}

TEST_F(SeveralCli, WhatCannotBeSweptIsRefused) {
  const std::pair<const char*, const char*> calls[] = {
      {"sweep --model vgg16", "no option lists several values"},
      {"sweep --model vgg16 --num-pes 64,",
       "--num-pes: found \"64,\", expected a value before and after"},
      {"sweep --model vgg16 --num-pes 64,64", "--num-pes: found 64 twice"},
      {"sweep --model vgg16 --num-pes 256..64", "--num-pes: found 64"},
      {"sweep --model vgg16 --num-pes 64..many", "--num-pes: found many"},
      {"sweep --model vgg16 --num-pes 64,x", "--num-pes: found x"},
      {"sweep --model vgg16 --num-pes 1..1000000 --l2-size 1..1000000000 --l1-size 1,2",
       "more than 1000"},
      {"sweep --model vgg16 --num-pes 64,128 --checkpoint c", "--checkpoint: is for one search"},
      {"search --model vgg16,resnte18", "did you mean resnet18?"},
      {"search --model vgg16,resnet18 --prove", "--prove: is for one search"}};
  for (const auto& [arguments, message] : calls) {
    const program_result r = run(arguments);
    EXPECT_EQ(r.exit_code, 1) << arguments;
    EXPECT_NE(r.err.find(message), std::string::npos) << arguments << ": " << r.err;
    EXPECT_EQ(r.out, "") << arguments;
  }
}

/// One that cannot be searched is a row, and does not end the others.
TEST_F(SeveralCli, WhatDoesNotGoTogetherIsARowWithTheReason) {
  const std::string line =
      "sweep --model vgg16 --accelerator nvdla,edge,eyeriss --constraint dla --objective EDP" +
      std::string(little);
  const program_result r = run(line + "--out out");
  EXPECT_EQ(r.exit_code, 3);
  EXPECT_NE(r.out.find("nvdla    cannot be searched\n"), std::string::npos) << r.out;
  EXPECT_NE(r.err.find("nvdla: "), std::string::npos) << r.err;
  EXPECT_NE(r.err.find("clashes with an L1 of 32 elements"), std::string::npos) << r.err;
  EXPECT_FALSE(fs::exists(folder_ / "out/nvdla/result.json"));
  EXPECT_TRUE(fs::exists(folder_ / "out/eyeriss/result.json"));
  const std::string table = text_of(folder_ / "out/summary.csv");
  EXPECT_NE(table.find("\nnvdla,,,\n"), std::string::npos) << table;

  const json all = json::parse(run(line + "--format json").out, nullptr, false)["searches"];
  ASSERT_EQ(all.size(), 3u);
  EXPECT_NE(all[0]["obstacle"].get<std::string>().find("L1 of 32"), std::string::npos);
  EXPECT_FALSE(all[1].contains("obstacle"));
  EXPECT_EQ(all[1]["figures"]["EDP"],
            alone("--model vgg16 --accelerator edge --constraint dla --objective EDP" +
                  std::string(little))["totals"]["edp"]);

  const program_result fronts =
      run("sweep --model vgg16 --accelerator nvdla,edge --constraint dla --pareto latency,energy" +
          std::string(little) + "--format json");
  for (const json& row : json::parse(fronts.out, nullptr, false)["front"])
    EXPECT_EQ(row["search"], 2);
  const program_result none =
      run("sweep --model vgg16 --accelerator nvdla,tpu --constraint dla" + std::string(little));
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_NE(none.err.find("nvdla: "), std::string::npos) << none.err;
}

/// Ratios compare searches of one network alone.
TEST_F(SeveralCli, RatiosAreWithinANetwork) {
  const std::string table =
      run("sweep --model vgg16,alexnet --num-pes 16,64 --layer 2 --evaluations 300").out;
  std::size_t best = 0;
  for (auto at = table.find("         1 x\n"); at != std::string::npos; ++best)
    at = table.find("         1 x\n", at + 1);
  EXPECT_EQ(best, 2u) << table;
}

TEST_F(SeveralCli, AMappingThatNoneHasIsARow) {
  const program_result r = run("sweep --model vgg16 --l1-size 2,512" + std::string(little));
  EXPECT_EQ(r.exit_code, 3);
  EXPECT_NE(r.out.find("a layer has no feasible mapping"), std::string::npos) << r.out;
}

/// Neither a full disk nor a killed program loses what was searched already.
TEST_F(SeveralCli, WhatWasFoundIsKept) {
  const std::string rescued =
      run_script(folder_,
                 "$C sweep --model vgg16 --num-pes 16,32 --log-level 0" + std::string(little) +
                     ">/dev/full; cat cugamma-result-*")
          .out;
  const json all = json::parse(rescued, nullptr, false)["searches"];
  ASSERT_EQ(all.size(), 2u) << rescued;
  EXPECT_EQ(all[1]["result"]["accelerator"]["num_pes"], 32);

  const program_result killed = run_script(
      folder_,
      "$C sweep --model vgg16 --layer 1 --num-pes 16,32 --evaluations 2000000000 --time-limit 1 "
      "--log-level 0 --out out & p=$!; until test -e out/num-pes_16/result.json; do sleep 0.1; "
      "done; "
      "kill -9 $p; ls out");
  EXPECT_NE(killed.out.find("num-pes_16"), std::string::npos) << killed.output();
}

/// The front over several accelerators is that of all members of their fronts.
TEST_F(SeveralCli, FrontsOfSeveralMachinesHaveOneInCommon) {
  const std::string line =
      "sweep --model alexnet --layer 1,2 --num-pes 16..64 --pareto latency,energy,budget-area "
      "--evaluations 200 --log-level 0 --format json --out out";
  const json told = json::parse(run_program(folder_, CUGAMMA_PROGRAM, line).out, nullptr, false);
  using figures = std::vector<double>;
  const auto beats = [](const figures& a, const figures& b) {
    return a != b && a[0] <= b[0] && a[1] <= b[1] && a[2] <= b[2];
  };
  std::vector<figures> all;
  std::vector<std::vector<figures>> of_search;
  for (const char* pes : {"16", "32", "64"}) {
    const std::string file = folder_ / (std::string("out/num-pes_") + pes + "/result.json");
    of_search.emplace_back();
    const json result = json::parse(text_of(file));
    for (const json& choice : result["front"]) {
      of_search.back().push_back(choice["objectives"]);
      all.push_back(choice["objectives"]);
    }
  }
  std::set<figures> unbeaten;
  for (const figures& f : all) {
    if (std::ranges::none_of(all, [&](const figures& g) { return beats(g, f); }))
      unbeaten.insert(f);
  }
  std::set<figures> found;
  for (const json& row : told["front"]) {
    found.insert(row["objectives"].get<figures>());
    EXPECT_EQ(
        of_search.at(row["search"].get<std::size_t>() - 1).at(row["member"].get<std::size_t>() - 1),
        row["objectives"].get<figures>());
  }
  EXPECT_GT(found.size(), 3u);
  EXPECT_EQ(found, unbeaten);
  EXPECT_EQ(found.size(), told["front"].size());
  const std::string table = text_of(folder_ / "out/front.csv");
  EXPECT_TRUE(table.starts_with("num-pes,member,latency,energy,budget-area\n")) << table;
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(table, '\n')), 1 + found.size());
}

TEST_F(SeveralCli, SeveralNetworksHaveNoFrontInCommon) {
  const program_result r = run_program(folder_,
                                       CUGAMMA_PROGRAM,
                                       "sweep --model alexnet,vgg16 --num-pes 16,32 --pareto "
                                       "latency,energy --evaluations 100");
  EXPECT_EQ(r.exit_code, 1);
  EXPECT_NE(r.err.find("--pareto: found several networks"), std::string::npos) << r.err;
}

json totals(const scratch_folder& folder, const std::string& arguments) {
  const program_result r =
      run_program(folder, CUGAMMA_PROGRAM, "evaluate --format json --model " + arguments);
  EXPECT_EQ(r.exit_code, 0) << r.err;
  return json::parse(r.out, nullptr, false)["rows"];
}

TEST_F(SeveralCli, TablesOfDataflowsNameTheirCostModel) {
  const std::string line = "evaluate --style dla,tpu --model alexnet --cost-model ";
  EXPECT_NE(run_cugamma(line + "exact").out.find("\ncost model exact\n"), std::string::npos);
  EXPECT_NE(run_cugamma(line + "maestro --format csv").out.find("alexnet,,tpu,maestro,"),
            std::string::npos);
  const json told = json::parse(run_cugamma(line + "exact --format json").out);
  EXPECT_EQ(told["cost_model"], "exact");
}

TEST_F(SeveralCli, EvaluatesAllDataflows) {
  const json all = totals(folder_, "vgg16 --style all");
  EXPECT_GE(all.size(), 9u);
  const json two = totals(folder_, "vgg16,alexnet --style KC-P,kcp_ws --accelerator edge,nvdla");
  ASSERT_EQ(two.size(), 8u);
  EXPECT_EQ(two[0]["style"], "KC-P");
  EXPECT_EQ(two[0]["accelerator"], "edge");
  for (std::size_t i = 0; i < two.size(); i += 2) {
    EXPECT_EQ(two[i]["runtime_cycles"], two[i + 1]["runtime_cycles"]) << "one dataflow, two names";
  }
  const json row = totals(folder_, "vgg16 --style dla,tpu")[0];
  const program_result one =
      run_program(folder_, CUGAMMA_PROGRAM, "evaluate --style dla --model vgg16 --format json");
  EXPECT_EQ(row["energy_nj"], json::parse(one.out)["totals"]["energy_nj"]);
  EXPECT_EQ(row["runtime_cycles"], json::parse(one.out)["totals"]["runtime_cycles"]);
}

TEST_F(SeveralCli, KnowsTheNamesOfMaestrosPaper) {
  for (const auto& [paper, ours] :
       {std::pair{"C-P", "cp_nlr"}, {"X-P", "xp_ws"}, {"YX-P", "shidiannao"}, {"YR-P", "eye"}}) {
    const json both = totals(folder_, std::string("alexnet --style ") + paper + "," + ours);
    EXPECT_EQ(both[0]["energy_nj"], both[1]["energy_nj"]) << paper;
  }
  const program_result r =
      run_program(folder_, CUGAMMA_PROGRAM, "evaluate --model vgg16 --style dla,kcpws");
  EXPECT_NE(r.err.find("unknown constraint \"kcpws\", did you mean kcp_ws?"), std::string::npos)
      << r.err;
}

/// Each reason stands once, with the searches that it is of.
TEST_F(SeveralCli, LayersWithoutAMappingAreNamedWithTheReason) {
  const program_result run = run_cugamma(
      "sweep --model alexnet --layer 1,3 --accelerator edge --num-pes 64,128 --evaluations 300");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.err.find("64, "), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("128: layer conv1: no feasible mapping among 300: 300 that exceed L1; one "
                         "needs an L1 of 486 elements, with --parallel-rs "),
            std::string::npos)
      << run.err;
  EXPECT_EQ(run.err.find("conv3"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace cugamma
