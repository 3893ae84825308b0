#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "cli/program.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/models/cost_model.hpp"

namespace cugamma {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<std::vector<std::string>> read_table(const fs::path& path) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text_of(path));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

class FrontCli : public testing::Test {
 protected:
  program_result search(const std::string& arguments) const {
    return run_program(folder_, CUGAMMA_PROGRAM, "search --log-level 0 --seed 4 " + arguments);
  }

  json result(const std::string& arguments) const {
    const program_result run =
        search(fmt::format("{} --out '{}'", arguments, folder_.path().string()));
    EXPECT_EQ(run.exit_code, 0) << run.output();
    return json::parse(text_of(folder_ / "result.json"));
  }

  scratch_folder folder_;
};

constexpr const char* one_layer =
    "--model vgg16 --layer 8 --num-pes 168 --l1-size 512 --l2-size 108000 --evaluations 3000 ";

/// The files below a folder, by their paths from there, but for hidden ones.
std::set<std::string> files_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).string();
    if (!entry.is_directory() && !name.starts_with('.')) names.insert(name);
  }
  return names;
}

/// No front of an earlier run stands beside other results.
TEST_F(FrontCli, ASearchWithoutAFrontLeavesNoneBehind) {
  result(std::string(one_layer) + "--pareto latency,l2_size");
  EXPECT_TRUE(fs::exists(folder_ / "front.csv"));
  EXPECT_TRUE(fs::exists(folder_ / "front/0001.m"));
  folder_.write("front/0001.txt", "a note");
  result(std::string(one_layer) + "--objective latency");
  const std::set<std::string> left{"best.m",
                                   "front/0001.txt",
                                   "history.csv",
                                   "report.html",
                                   "result.json"};
  EXPECT_EQ(files_in(folder_.path()), left);
}

TEST_F(FrontCli, ASmallerFrontLeavesNothingOfALargerOne) {
  const json larger = result(std::string(one_layer) + "--pareto latency,l2_size");
  const json r = result(std::string(one_layer) + "--pareto latency,l2_size --evaluations 200");
  ASSERT_LT(r["layers"][0]["front"].size(), larger["layers"][0]["front"].size());
  const auto kept = std::distance(fs::directory_iterator(folder_ / "front"), {});
  EXPECT_EQ(static_cast<std::size_t>(kept), r["layers"][0]["front"].size());
}

/// The folders of layers that are not searched, or have no mapping now, hold none of an earlier
/// run.
TEST_F(FrontCli, OtherLayersLeaveNothingBehind) {
  const std::set<std::string> common{"front.csv",
                                     "history.csv",
                                     "network_front.csv",
                                     "report.html",
                                     "result.json"};
  const std::string two = "--model vgg16 --layer 2,fc8 --evaluations 300 --pareto latency,energy ";
  result(two);
  EXPECT_TRUE(fs::exists(folder_ / "conv1_2/best.m"));
  EXPECT_TRUE(fs::exists(folder_ / "fc8/front/0001.m"));
  search(two + "--l1-size 1 --out " + folder_.path().string());
  std::set<std::string> left = common;
  left.erase("network_front.csv");
  EXPECT_EQ(files_in(folder_.path()), left) << "no layer has a mapping";

  result(two);
  fs::remove_all(folder_ / "fc8");
  fs::create_directories(folder_ / "elsewhere/front");
  folder_.write("elsewhere/front/0001.m", "of the user");
  fs::create_directory_symlink(folder_ / "elsewhere", folder_ / "fc8");
  result("--model vgg16 --layer 3 --evaluations 300");
  EXPECT_EQ(text_of(folder_ / "elsewhere/front/0001.m"), "of the user");
  fs::remove_all(folder_ / "elsewhere");
  fs::remove(folder_ / "fc8");
  result(two);
  result("--model vgg16 --layer 3 --evaluations 300");
  const std::set<std::string> lone{"best.m", "history.csv", "report.html", "result.json"};
  EXPECT_EQ(files_in(folder_.path()), lone);
  EXPECT_FALSE(fs::exists(folder_ / "fc8"));

  result("--model vgg16 --layer 3,4 --evaluations 300");
  const std::set<std::string> several{"conv2_1/best.m",
                                      "conv2_2/best.m",
                                      "history.csv",
                                      "report.html",
                                      "result.json"};
  EXPECT_EQ(files_in(folder_.path()), several);
}

TEST_F(FrontCli, FrontCsvHoldsTheFrontAndItsMappings) {
  const json r = result(std::string(one_layer) + "--pareto latency,l2_size");
  const json& l = r["layers"][0];
  const auto rows = read_table(folder_ / "front.csv");
  const std::vector<std::string> header{"layer",
                                        "mapping",
                                        "latency",
                                        "l2_size",
                                        "runtime_cycles",
                                        "energy_nj",
                                        "energy_without_clusters_nj",
                                        "l1_size_elems",
                                        "l2_size_elems",
                                        "num_pes"};
  EXPECT_EQ(rows[0], header);
  ASSERT_EQ(rows.size(), l["front"].size() + 1);
  ASSERT_GT(rows.size(), 5u);
  const cost_model& exact = find_cost_model("exact");
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const json& member = l["front"][i - 1];
    EXPECT_EQ(std::stod(rows[i][2]), member["objectives"][0].get<double>());
    const mapping_file file = parse_mapping_file(text_of(folder_ / rows[i][1]), rows[i][1]);
    accelerator a = usual_accelerator();
    a.num_pes = 168;
    const cost figures = exact.price(file.layers[0].l, a, file.layers[0].m.value());
    EXPECT_EQ(std::stoll(rows[i][4]), figures.runtime_cycles);
    EXPECT_EQ(std::stod(rows[i][5]), figures.energy_nj);
    EXPECT_EQ(std::stod(rows[i][6]), figures.second_energy_nj);
    EXPECT_EQ(std::stoll(rows[i][7]), figures.l1_size_elems);
    EXPECT_EQ(std::stoll(rows[i][8]), figures.l2_size_elems);
    EXPECT_EQ(member["mapping_file"], rows[i][1]);
    if (i == 1) continue;
    EXPECT_GT(std::stod(rows[i][2]), std::stod(rows[i - 1][2]));
    EXPECT_LT(std::stod(rows[i][3]), std::stod(rows[i - 1][3]));
  }
  EXPECT_EQ(text_of(folder_ / "best.m"), text_of(folder_ / "front/0001.m"));
  EXPECT_NE(text_of(folder_ / "report.html").find("Pareto front of"), std::string::npos);
}

TEST_F(FrontCli, HistoryHasTheHypervolumeAndItNeverShrinks) {
  const json r = result(std::string(one_layer) + "--pareto throughput,l2_size,energy");
  const auto rows = read_table(folder_ / "history.csv");
  ASSERT_EQ(rows[0].size(), 8u);
  EXPECT_EQ(rows[0][6], "front_size");
  EXPECT_EQ(rows[0][7], "hypervolume");
  ASSERT_EQ(rows.size(), 3000u / 200 + 1) << "the default population of a front";
  for (std::size_t i = 2; i < rows.size(); ++i) {
    EXPECT_GE(std::stod(rows[i][7]), std::stod(rows[i - 1][7]));
  }
  const json& l = r["layers"][0];
  EXPECT_EQ(std::stod(rows.back()[7]), l["hypervolume"].get<double>());
  EXPECT_EQ(std::stoull(rows.back()[6]), l["front"].size());
  EXPECT_EQ(l["reference"].size(), 3u);
  for (const json& member : l["front"]) EXPECT_GT(member["objectives"][0], 0) << "throughput";
}

TEST_F(FrontCli, EveryLayerHasAFront) {
  const json r = result(
      "--model alexnet --layer all --evaluations 600 --constraint dla --pareto latency,energy");
  const auto rows = read_table(folder_ / "front.csv");
  std::size_t members = 0;
  for (const json& l : r["layers"]) {
    members += l["front"].size();
    EXPECT_GE(l["front"].size(), 1u);
    EXPECT_TRUE(fs::exists(folder_ / (l["name"].get<std::string>() + "/front/0001.m")));
  }
  EXPECT_EQ(rows.size(), members + 1);
}

TEST_F(FrontCli, PesAreTradedForTime) {
  const json r = result(
      "--model vgg16 --layer 8 --num-pes search --area-budget 2 --evaluations 3000 "
      "--pareto latency,budget-area,energy");
  const json& front = r["layers"][0]["front"];
  std::int64_t fewest = front[0]["num_pes"];
  std::int64_t most = fewest;
  for (const json& member : front) {
    fewest = std::min(fewest, member["num_pes"].get<std::int64_t>());
    most = std::max(most, member["num_pes"].get<std::int64_t>());
    EXPECT_LE(member["objectives"][1].get<double>(), 2e6);
  }
  EXPECT_GT(most, 2 * fewest);
}

/// Of a co-designed network each choice has one accelerator for all layers, and the choices'
/// figures are those of their members.
TEST_F(FrontCli, EachChoiceOfACoDesignHasOneAccelerator) {
  const json r = result(
      "--model alexnet --layer 2,3,6 --num-pes search --pe-limit 128 --evaluations 300 "
      "--area-budget "
      "0.5 --limit latency=1e8 --pareto latency,energy,budget-area");
  std::set<std::int64_t> pes;
  for (const json& choice : r["front"]) {
    double cycles = 0, energy = 0;
    std::int64_t l1 = 0, l2 = 0;
    for (std::size_t i = 0; i < r["layers"].size(); ++i) {
      const json& l = r["layers"][i];
      const json& member = l["front"][choice["members"][i].get<std::size_t>() - 1];
      EXPECT_EQ(member["num_pes"], choice["num_pes"]);
      cycles += l["count"].get<double>() * member["runtime_cycles"].get<double>();
      energy += l["count"].get<double>() * member["energy_nj"].get<double>();
      l1 = std::max(l1, member["l1_size_elems"].get<std::int64_t>());
      l2 = std::max(l2, member["l2_size_elems"].get<std::int64_t>());
    }
    const auto n = choice["num_pes"].get<std::int64_t>();
    pes.insert(n);
    const double area = 282.0 * static_cast<double>(n) + 0.688 * static_cast<double>(l1 * n + l2);
    EXPECT_EQ(choice["objectives"][0], cycles);
    EXPECT_DOUBLE_EQ(choice["objectives"][1].get<double>(), energy);
    EXPECT_NEAR(choice["objectives"][2].get<double>(), area, 1e-6 * area);
    EXPECT_LE(cycles, 1e8);
    EXPECT_LE(area, 0.5e6 * (1 + 1e-9));
  }
  EXPECT_GE(pes.size(), 4u);
  EXPECT_EQ(r["accelerator"]["num_pes"], r["front"][0]["num_pes"]);
  EXPECT_EQ(r["totals"]["latency_cycles"], r["front"][0]["objectives"][0]);
  EXPECT_EQ(r["totals"]["budget_area_um2"], r["budget_area_um2"]);
  EXPECT_EQ(read_table(folder_ / "network_front.csv").size(), r["front"].size() + 1);
}

/// No accelerator that the sweep tries with as many evaluations has much that the front lacks.
TEST_F(FrontCli, ACoDesignIsNotBehindASweep) {
  const json co_design = result(
      "--model alexnet --layer 3,5,7 --num-pes search --pe-limit 256 --evaluations 1000 "
      "--pareto latency,budget-area");
  const program_result run = run_cugamma(
      "sweep --model alexnet --layer 3,5,7 --num-pes 32,64,128,256 --evaluations 1000 --format "
      "json "
      "--pareto latency,budget-area");
  ASSERT_EQ(run.exit_code, 0) << run.output();
  for (const json& member : json::parse(run.out)["front"]) {
    const auto is_near = [&](const json& choice) {
      return choice["objectives"][0].get<double>() <= 1.1 * member["objectives"][0].get<double>() &&
             choice["objectives"][1].get<double>() <= 1.1 * member["objectives"][1].get<double>();
    };
    EXPECT_TRUE(std::ranges::any_of(co_design["front"], is_near)) << member;
  }
}

TEST_F(FrontCli, ACoDesignedFrontGoesOnFromItsCheckpoint) {
  const std::string state = folder_ / "state";
  const std::string common =
      "--model alexnet --layer 3,5,7 --num-pes search --pe-limit 64 --pareto latency,budget-area "
      "--format json ";
  const auto told = [](const program_result& run) {
    EXPECT_EQ(run.exit_code, 0) << run.output();
    const json r = json::parse(run.out);
    return std::vector<json>{r["front"], r["accelerator"], r["totals"], r["evaluations"]};
  };
  const auto whole = told(search(common + "--evaluations 800"));
  told(search(common + "--evaluations 800 --checkpoint-every 0 --checkpoint " + state));
  EXPECT_EQ(told(search("--resume " + state)), whole);
}

TEST_F(FrontCli, AResumedSearchEndsAlike) {
  const std::string state = folder_ / "state";
  const std::string front = "--pareto latency,l2_size --format json ";
  const auto layers = [](const program_result& run) {
    EXPECT_EQ(run.exit_code, 0) << run.output();
    json l = json::parse(run.out)["layers"];
    l[0].erase("seconds");
    return l;
  };
  const json whole = layers(search(one_layer + front));
  layers(search(one_layer + front + "--generations 4 --checkpoint-every 0 --checkpoint " + state));
  const json resumed = layers(search("--generations 100 --resume " + state));
  EXPECT_EQ(resumed, whole);
}

TEST_F(FrontCli, OtherOptionsThatClashAreRefused) {
  const auto refused = [&](const std::string& arguments, const std::string& why) {
    const program_result run = search(one_layer + arguments);
    EXPECT_EQ(run.exit_code, 1) << arguments;
    EXPECT_NE(run.output().find(why), std::string::npos) << run.output();
  };
  refused("--pareto latency", "two or three");
  refused("--pareto latency,latency", "twice");
  refused("--pareto latency,speed", "'speed' is not known");
  refused("--pareto latency,energy --objective latency", "--pareto and --objective");
  refused("--pareto latency,energy --fitness1 latency", "--pareto and --fitness1");
  refused("--pareto latency,energy --selection tournament", "--pareto and --selection");
  refused("--pareto latency,energy --reference 3", "1 figures for 2 objectives");
  refused("--pareto latency,energy --reference 3,x", "--reference: found x");
  refused("--pareto latency,energy --reference 3,0", "above 0");
  refused("--pareto latency,energy --front-size 3", "found 3, expected 10 to 1000000");
  refused("--front-size 20", "needs --pareto");
  refused("--tournament-size 3", "needs --selection tournament");
  refused("--selection roulette", "truncation or tournament");
  refused("--pareto latency,energy --num-pes search --area-budget 1e-5 --layer all",
          "does not pay for a PE");
}

TEST_F(FrontCli, TournamentsRepeatForASeed) {
  const auto mapping = [&](const std::string& more) {
    const program_result run = search(one_layer + ("--format json --selection tournament " + more));
    EXPECT_EQ(run.exit_code, 0) << run.output();
    const json r = json::parse(run.out);
    EXPECT_EQ(r["config"]["selection"], "tournament");
    EXPECT_FALSE(r["layers"][0].contains("front"));
    return r["layers"][0]["best"]["mapping"];
  };
  EXPECT_EQ(mapping("--threads 1"), mapping("--threads 8"));
  EXPECT_NE(mapping(""), mapping("--tournament-size 6"));
}

}  // namespace
}  // namespace cugamma
