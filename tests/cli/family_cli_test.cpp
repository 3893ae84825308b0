#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/program.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

json json_of(const std::string& arguments) {
  const program_result run = run_cugamma(arguments + " --format json --log-level 0");
  EXPECT_EQ(run.exit_code, 0) << run.output();
  return json::parse(run.out, nullptr, false);
}

TEST(FamilyCli, AConstrainedSearchStaysBehindAFreeOne) {
  const std::string common = "search --model resnet18 --layer 2 --evaluations 4000";
  const json fixed = json_of(common + " --constraint kcp_ws --flex none");
  const json free = json_of(common);
  const json& fixed_best = fixed["layers"][0]["best"]["objectives"][0];
  EXPECT_GE(fixed_best.get<double>(), free["layers"][0]["best"]["objectives"][0].get<double>());
  EXPECT_EQ(fixed["config"]["constraint"], "kcp_ws");
  EXPECT_EQ(fixed["config"]["flexibility"], "0000");
}

TEST(FamilyCli, EvaluateStyleIsWhatSearchComparesWith) {
  const json found = json_of("search --model resnet18 --layer 2 --evaluations 500");
  const program_result run =
      run_cugamma("evaluate --cost-model exact --style kcp_ws --model resnet18 --format json");
  EXPECT_EQ(run.exit_code, 0) << run.output();
  const json scored = json::parse(run.out, nullptr, false);
  const double style = scored["layers"][1]["metrics"]["runtime_cycles"].get<double>();
  const double best = found["layers"][0]["best"]["objectives"][0].get<double>();
  EXPECT_DOUBLE_EQ(found["layers"][0]["gain_over_styles"]["kcp_ws"].get<double>(), style / best);
}

TEST(FamilyCli, NetworkTotalsAreTheSumOfTheLayers) {
  const json found = json_of("search --model resnet18 --layer all --evaluations 300");
  double latency = 0;
  double energy = 0;
  for (const json& l : found["layers"]) {
    latency += l["count"].get<double>() * l["best"]["metrics"]["runtime_cycles"].get<double>();
    energy += l["count"].get<double>() * l["best"]["metrics"]["energy_nj"].get<double>();
  }
  EXPECT_DOUBLE_EQ(found["totals"]["latency_cycles"].get<double>(), latency);
  EXPECT_DOUBLE_EQ(found["totals"]["energy_nj"].get<double>(), energy);
  const auto shapes = found["totals"]["distinct_shapes"].get<std::int64_t>();
  EXPECT_LT(shapes, std::ssize(found["layers"]));
  EXPECT_LE(found["evaluations"].get<std::int64_t>(), 300 * shapes);
}

TEST(FamilyCli, EqualLayersGetWhatOneAloneWouldGet) {
  const json all = json_of("search --model resnet18 --layer all --evaluations 300");
  const json one = json_of("search --model resnet18 --layer 2 --evaluations 300");
  EXPECT_EQ(all["layers"][1]["best"], one["layers"][0]["best"]);
}

TEST(FamilyCli, CoDesignKeepsItsBudget) {
  const json one = json_of(
      "search --model resnet18 --layer 2 --num-pes search --area-budget 0.2 --evaluations 2000");
  EXPECT_LE(one["layers"][0]["machine"]["budget_area_um2"].get<double>(), 0.2e6);
  const json all = json_of(
      "search --model alexnet --layer all --num-pes search --area-budget 0.2 --evaluations 300");
  EXPECT_LE(all["budget_area_um2"].get<double>(), 0.2e6);
  EXPECT_GT(all["machines"].get<int>(), 10);
  const program_result open = run_cugamma("search --model alexnet --num-pes search");
  EXPECT_EQ(open.exit_code, 1);
  EXPECT_NE(open.output().find("--area-budget is missing"), std::string::npos) << open.output();
}

TEST(FamilyCli, FlexibilityTableHasSixteenClasses) {
  const json table =
      json_of("flexibility --model resnet18 --layer 2 --constraint dla --evaluations 1000");
  ASSERT_EQ(table["classes"].size(), 16u);
  const json& none = table["classes"][0];
  const json& all = table["classes"][15];
  EXPECT_EQ(none["class"], "0000");
  EXPECT_LE(all["best"].get<double>(), none["best"].get<double>());
  EXPECT_EQ(none["log10_tile"].get<double>(), 0);
  EXPECT_GT(all["log10_tile"].get<double>(), 3);
}

/// Every class with more free axes is at least as good, on whole networks and single layers.
TEST(FamilyCli, FlexibilityNeverHurts) {
  for (const char* style :
       {"dla", "eye --cost-model maestro --believe plausible", "tpu", "shidiannao"}) {
    for (const char* what : {"--model resnet18 --layer 2",
                             "--model mobilenet_v2 --layer 2",
                             "--model alexnet --objective EDP"}) {
      const json table =
          json_of(fmt::format("flexibility {} --constraint {} --evaluations 200", what, style));
      for (unsigned bits = 0; bits < 16; ++bits) {
        for (unsigned wider = bits; wider < 16; ++wider) {
          if ((wider & bits) != bits) continue;
          EXPECT_LE(table["classes"][wider]["best"].get<double>(),
                    table["classes"][bits]["best"].get<double>())
              << what << ' ' << style << ' ' << bits << " in " << wider;
        }
      }
    }
  }
}

/// An accelerator that some classes do not fit has no figure for these, and says why.
TEST(FamilyCli, FlexibilityNamesInfeasibleClasses) {
  const program_result run = run_cugamma(
      "flexibility --model resnet18 --layer 2 --constraint dla --num-pes 32 --evaluations 100");
  EXPECT_EQ(run.exit_code, 0) << run.output();
  EXPECT_NE(run.output().find("infeasible"), std::string::npos) << run.output();
  EXPECT_NE(run.output().find("clashes with the 32 PEs"), std::string::npos) << run.output();
  const std::string small = "flexibility --model vgg16 --layer 2 --constraint dla --accelerator ";
  const json none = json::parse(run_cugamma(small + "nvdla --evaluations 100 --format json").out);
  for (const json& c : none["classes"])
    EXPECT_NE(c["why_infeasible"].get<std::string>().find("L1"), std::string::npos) << c;
}

/// Limits bound mappings, of which a network has many: where the network breaks one, that is said.
TEST(FamilyCli, ANetworkBeyondWhatItsLayersKeepIsSaid) {
  const std::string alexnet = "search --model alexnet --evaluations 300 --log-level 0 ";
  const program_result slow = run_cugamma(alexnet + "--limit latency=2e6,l1_size=500");
  EXPECT_EQ(slow.exit_code, 0) << slow.err;
  EXPECT_NE(slow.err.find("network: each layer keeps --limit latency 2000000, all together have"),
            std::string::npos)
      << slow.err;
  EXPECT_EQ(slow.err.find("l1_size"), std::string::npos) << slow.err;
  EXPECT_EQ(run_cugamma(alexnet + "--limit latency=1e9").err, "");
  EXPECT_EQ(run_cugamma(alexnet + "--layer 3 --limit latency=2e6").err, "");
  const program_result wide = run_cugamma(
      "search --model alexnet --layer 1,2,3 --evaluations 1000 --log-level 0 --num-pes 64 "
      "--objective energy --area-budget 0.045");
  EXPECT_NE(wide.err.find("network: each layer keeps --area-budget 0.045, all together have 0.048"),
            std::string::npos)
      << wide.err;
}

TEST(FamilyCli, NetworkGainIsOverTheStylesTotal) {
  const std::string wide = " --noc-bw 81920000 --offchip-bw 81920000";
  const json found =
      json_of("search --model resnet18 --evaluations 300 --objective latency" + wide);
  const program_result run =
      run_cugamma("evaluate --style kcp_ws --model resnet18 --format json" + wide);
  const json styled = json::parse(run.out, nullptr, false);
  double theirs = 0;
  for (std::size_t i = 0; i < found["layers"].size(); ++i) {
    theirs += found["layers"][i]["count"].get<double>() *
              styled["layers"][i]["metrics"]["runtime_cycles"].get<double>();
  }
  const json& totals = found["totals"];
  EXPECT_DOUBLE_EQ(totals["gain_over_styles"]["kcp_ws"].get<double>(),
                   theirs / totals["latency_cycles"].get<double>());
  EXPECT_DOUBLE_EQ(styled["totals"]["runtime_cycles"].get<double>(), theirs);
  EXPECT_EQ(styled["layers"][0]["count"], found["layers"][0]["count"]);
}

TEST(FamilyCli, CoDesignOfANetworkGoesOnFromItsCheckpoint) {
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("cugamma-co-design-{}", getpid());
  const std::string common =
      "search --model alexnet --num-pes search --area-budget 0.2 --evaluations 300";
  const json whole = json_of(common);
  json_of(fmt::format("{} --checkpoint {} --checkpoint-every 0", common, folder.string()));
  json again = json_of(fmt::format("search --resume {}", folder.string()));
  EXPECT_EQ(again["accelerator"], whole["accelerator"]);
  EXPECT_EQ(again["totals"], whole["totals"]);
  EXPECT_EQ(again["evaluations"], whole["evaluations"]);
  std::filesystem::remove_all(folder);
}

TEST(FamilyCli, CoDesignSaysWhichLimitNoMachineKeeps) {
  const program_result run = run_cugamma(
      "search --model alexnet --num-pes search --area-budget 0.2 --evaluations 100 "
      "--limit throughput=4000");
  EXPECT_EQ(run.exit_code, 3) << run.output();
  EXPECT_NE(run.output().find("no accelerator keeps the limit throughput=4000"), std::string::npos)
      << run.output();
}

TEST(FamilyCli, TheSmallestMachineThatKeepsALatencyIsSearched) {
  const json found = json_of(
      "search --model alexnet --num-pes search --objective budget-area --limit latency=8e6 "
      "--evaluations 200");
  EXPECT_LE(found["totals"]["latency_cycles"].get<double>(), 8e6);
  EXPECT_EQ(found["totals"]["objectives"]["budget-area"], found["budget_area_um2"]);
  EXPECT_EQ(found["totals"]["budget_area_um2"], found["budget_area_um2"]);
  EXPECT_GE(found["accelerator"]["num_pes"].get<int>(), 714188480 / 8e6);
  for (const json& layer : found["layers"]) {
    const json& best = layer["best"];
    EXPECT_EQ(best["objectives"][0], best["budget_area_um2"]) << layer["name"];
    EXPECT_LE(best["budget_area_um2"], found["budget_area_um2"]) << layer["name"];
  }
  // Where a limit cannot be kept, what it asks for is said.
  const program_result refused = run_cugamma(
      "search --model alexnet --num-pes search --objective budget-area --limit latency=8e6 "
      "--pe-limit 64");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.output().find("asks for 90 PEs or more, --pe-limit allows 64"),
            std::string::npos)
      << refused.output();
}

TEST(FamilyCli, SearchStartsFromAnEarlierResult) {
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("cugamma-init-{}", getpid());
  const std::string common = "search --model resnet18 --layer 2";
  const json first = json_of(common + " --evaluations 3000 --out " + folder.string());
  for (const char* file : {"result.json", "best.m"}) {
    const json again = json_of(
        fmt::format("{} --evaluations 20 --seed 5 --init {}", common, (folder / file).string()));
    EXPECT_LE(again["layers"][0]["best"]["objectives"][0].get<double>(),
              first["layers"][0]["best"]["objectives"][0].get<double>());
  }
  std::filesystem::remove_all(folder);
}

/// A whole network's result seeds each layer of another network by shape, and keeps a constraint.
TEST(FamilyCli, AWholeResultSeedsEveryLayer) {
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("cugamma-seeds-{}", getpid());
  const json first = json_of("search --model resnet18 --evaluations 2000 --out " + folder.string());
  const std::string init = " --init " + (folder / "result.json").string();
  const json again = json_of("search --model resnet18 --evaluations 20 --seed 7" + init);
  for (std::size_t i = 0; i < first["layers"].size(); ++i) {
    EXPECT_LE(again["layers"][i]["best"]["objectives"][0].get<double>(),
              first["layers"][i]["best"]["objectives"][0].get<double>())
        << first["layers"][i]["name"];
  }
  for (const char* kept : {"--constraint tpu",
                           "--constraint dla --flex none",
                           "--levels-min 3 --levels-max 3",
                           "--num-pes search --layer 3"}) {
    const json other =
        json_of(fmt::format("search --model resnet18 --evaluations 40 {}{}", kept, init));
    for (const json& l : other["layers"]) EXPECT_FALSE(l["best"].is_null()) << kept << l["name"];
  }
  std::filesystem::remove_all(folder);
}

TEST(FamilyCli, AHardwareSearchGoesOnFromItsResult) {
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("cugamma-pes-{}", getpid());
  const std::string common =
      "search --model resnet18 --layer 2 --num-pes search --area-budget 0.2 --evaluations ";
  const json first = json_of(common + "3000 --out " + folder.string());
  const json again = json_of(common + "20 --seed 5 --init " + (folder / "result.json").string());
  EXPECT_LE(again["layers"][0]["best"]["objectives"][0].get<double>(),
            first["layers"][0]["best"]["objectives"][0].get<double>());
  EXPECT_LE(again["layers"][0]["machine"]["budget_area_um2"].get<double>(), 0.2e6);
  std::filesystem::remove_all(folder);
}

TEST(FamilyCli, WhatCannotSeedIsRefused) {
  const auto file =
      std::filesystem::temp_directory_path() / fmt::format("cugamma-seed-{}.json", getpid());
  const std::string common = "search --model resnet18 --layer 2 --evaluations 20 --init ";
  for (const char* text : {"",
                           "{}",
                           "[1]",
                           R"({"layers":[3]})",
                           R"({"layers":[{"name":3,"best":{"mapping":5}}]})",
                           R"({"layers":[{"best":null}]})"}) {
    std::ofstream(file) << text;
    const program_result run = run_cugamma(common + file.string());
    EXPECT_EQ(run.exit_code, 1) << text;
    EXPECT_NE(run.output().find(file.string() + ": "), std::string::npos) << text << run.output();
  }
  const program_result missing = run_cugamma(common + "/no/such/result.json");
  EXPECT_NE(missing.output().find("cannot be opened"), std::string::npos) << missing.output();
  std::filesystem::remove(file);
}

TEST(FamilyCli, BadConstraintsAreNamed) {
  const program_result unknown =
      run_cugamma("search --model resnet18 --constraint nothing --evaluations 10");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.output().find("unknown constraint \"nothing\""), std::string::npos)
      << unknown.output();
  const program_result small =
      run_cugamma("search --model resnet18 --constraint dla --num-pes 16 --evaluations 10");
  EXPECT_EQ(small.exit_code, 1);
  EXPECT_NE(small.output().find("clashes with the 16 PEs"), std::string::npos) << small.output();
}

}  // namespace
}  // namespace cugamma
