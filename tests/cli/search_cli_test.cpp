#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <thread>
#include <utility>

#include "cli/program.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/models/cost_model.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

class SearchCli : public testing::Test {
 protected:
  program_result search(const std::string& arguments) const {
    return run_program(folder_, CUGAMMA_PROGRAM, "search " + arguments);
  }

  json search_json(const std::string& arguments) const {
    const program_result r = search(arguments + " --format json");
    EXPECT_EQ(r.exit_code, 0) << r.err;
    return json::parse(r.out);
  }

  scratch_folder folder_;
};

constexpr const char* machine = " --accelerator gamma ";

TEST_F(SearchCli, FlagsOfGammaWorkUnchanged) {
  const json r = search_json(
      "--fitness1 latency --fitness2 power --num_pe 168 --l1_size 512 --l2_size 108000 "
      "--NocBW 81920000 --epochs 10 --model vgg16 --singlelayer 1");
  ASSERT_EQ(r["layers"].size(), 1u);
  EXPECT_EQ(r["config"]["objectives"], json({"latency", "power"}));
  EXPECT_EQ(r["accelerator"]["num_pes"], 168);
  EXPECT_EQ(r["accelerator"]["noc_bw"], 81920000);
  const json& layer = r["layers"][0];
  const int population = r["config"]["population"];
  EXPECT_EQ(layer["evaluations"], 11 * population) << "the first population and ten generations";
  EXPECT_LE(layer["history"].size(), 11u) << "generations that found something better";
  EXPECT_GE(layer["best"]["objectives"][0], layer["bound_cycles"]);
}

TEST_F(SearchCli, AllAliasesOfGamma) {
  const json r = search_json(
      "--model vgg16 --layer conv5_3 --num_pop 10 --epochs 2 --num_pe 64 --l1_size -1 --l2_size -1 "
      "--NocBW -1 --offchipBW -1 --slevel_min 1 --slevel_max 3 --fixedCluster 4 --parRS "
      "--use_factor --log_level 0");
  EXPECT_EQ(r["config"]["levels_min"], 1);
  EXPECT_EQ(r["config"]["levels_max"], 3);
  EXPECT_EQ(r["config"]["cluster_size"], 4);
  EXPECT_EQ(r["config"]["parallel_rs"], true);
  EXPECT_EQ(r["config"]["factors_only"], true);
  EXPECT_TRUE(r["accelerator"]["l1_size_elems"].is_null()) << "unlimited";
  EXPECT_EQ(r["layers"][0]["name"], "conv5_3");
}

TEST_F(SearchCli, FilesHoldWhatWasPrinted) {
  const std::filesystem::path out = folder_ / "results";
  const json printed =
      search_json(fmt::format("--model vgg16 --layer 8 --evaluations 300 --seed 7 --out '{}' {}",
                              out.string(),
                              machine));
  const json written = json::parse(text_of(out / "result.json"));
  EXPECT_EQ(written, printed);
  EXPECT_EQ(printed["seed"], 7);
  const json& layer = printed["layers"][0];
  EXPECT_EQ(layer["best"]["mapping"], text_of(out / "best.m"));
  const std::string history = text_of(out / "history.csv");
  EXPECT_EQ(history.substr(0, history.find('\n')), "layer,generation,evaluations,latency,energy");
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(history, '\n')),
            1 + layer["history"].size());
  EXPECT_EQ(layer["history"].back()["best"], layer["best"]["objectives"]);
  EXPECT_LE(layer["history"].back()["evaluations"], 300);
}

TEST_F(SearchCli, BestMappingReadsBackToItsFigures) {
  const json r =
      search_json(fmt::format("--model resnet18 --layer 1 --evaluations 200 {}", machine));
  const json& best = r["layers"][0]["best"];
  EXPECT_EQ(r["layers"][0]["unit_stride_form"], false);
  const mapping_file file = parse_mapping_file(best["mapping"].get<std::string>(), "best.m");
  ASSERT_EQ(file.layers.size(), 1u);
  accelerator a;
  a.num_pes = 168;
  EXPECT_EQ(file.layers[0].l.stride_y, 2);
  const auto price = [&](const char* model) {
    return find_cost_model(model).price(file.layers[0].l, a, file.layers[0].m.value());
  };
  const cost figures = price("exact"), maestros = price("maestro");
  EXPECT_EQ(best["metrics"]["runtime_cycles"], figures.runtime_cycles);
  EXPECT_EQ(best["metrics"]["macs"], layer_macs(file.layers[0].l));
  EXPECT_EQ(best["metrics"]["energy_nj"].get<double>(), figures.energy_nj);
  EXPECT_EQ(best["other_models"]["maestro"]["runtime_cycles"], maestros.runtime_cycles);
  EXPECT_EQ(best["other_models"]["maestro"]["energy_nj"].get<double>(), maestros.energy_nj);
  EXPECT_EQ(best["objectives"][0].get<double>(), best["metrics"]["runtime_cycles"].get<double>());
}

TEST_F(SearchCli, SameSeedSameResultOnThreadsAndBackEnds) {
  const std::string common =
      fmt::format("--model mobilenet_v2 --layer 2 --evaluations 2000 --seed 3 {}", machine);
  json one = search_json(common + "--threads 1 --backend reference");
  json two = search_json(common + "--threads 2 --backend cpu");
  EXPECT_EQ(one["backend"], "reference");
  EXPECT_EQ(two["backend"], "cpu");
  for (json* r : {&one, &two}) (*r)["layers"][0].erase("seconds");
  EXPECT_EQ(one["layers"], two["layers"]);
  json other = search_json(common + "--seed 4");
  EXPECT_NE(one["layers"][0]["best"]["mapping"], other["layers"][0]["best"]["mapping"]);
}

TEST_F(SearchCli, ThePopulationIsChosenUnlessGiven) {
  const std::string common =
      fmt::format("--model vgg16 --layer 8 --backend cpu --generations 2 {}", machine);
  EXPECT_EQ(search_json(common)["config"]["population"], 64);
  EXPECT_EQ(search_json(common + "--population auto")["config"]["population"], 64);
  EXPECT_EQ(search_json(common + "--believe plausible")["config"]["population"], 32);
  EXPECT_EQ(search_json(common + "--num_pop 50")["config"]["population"], 50);
}

TEST_F(SearchCli, IslandsGiveOneResultOnAnyThreads) {
  const std::string common = fmt::format(
      "--model vgg16 --layer 8 --evaluations 3000 --population 60 --islands 3 "
      "--migration-interval 4 --seed 3 {}",
      machine);
  json one = search_json(common + "--threads 1");
  EXPECT_EQ(one["config"]["islands"], 3);
  EXPECT_EQ(one["layers"][0]["evaluations"], 3000);
  EXPECT_LE(one["layers"][0]["history"].size(), 50u) << "of all islands together";
  EXPECT_EQ(one["layers"][0]["history"][0]["evaluations"], 60);
  EXPECT_EQ(one["layers"][0]["history"].back()["best"], one["layers"][0]["best"]["objectives"]);
  one["layers"][0].erase("seconds");
  for (const char* threads : {"2", "8"}) {
    json other = search_json(common + "--threads " + threads);
    other["layers"][0].erase("seconds");
    EXPECT_EQ(one["layers"], other["layers"]) << threads;
  }
}

TEST_F(SearchCli, ALargePopulationIsSplitAndTimed) {
  const json r = search_json(
      fmt::format("--model vgg16 --layer 8 --population 20000 --generations 3 {}", machine));
  EXPECT_EQ(r["config"]["islands"], 2);
  const json& time = r["time"];
  const auto seconds = [&](const char* share) { return time[share].get<double>(); };
  const double host =
      seconds("breed") + seconds("select") + seconds("wait_device") + seconds("other");
  EXPECT_NEAR(host, r["seconds"].get<double>(), 0.01);
  EXPECT_NEAR(seconds("evaluate") + seconds("wait_host"), r["seconds"].get<double>(), 0.01);
  EXPECT_NEAR(r["individuals_per_second"].get<double>() * r["seconds"].get<double>(), 80000, 1);
}

TEST_F(SearchCli, WholeNetworkGivesEveryLayer) {
  const std::filesystem::path out = folder_ / "results";
  const json r = search_json(fmt::format("--model alexnet --evaluations 100 --out '{}' {}",
                                         out.string(),
                                         "--num-pes 168"));
  ASSERT_GT(r["layers"].size(), 5u);
  for (const json& layer : r["layers"]) {
    EXPECT_EQ(layer["evaluations"], 100) << layer["name"];
    EXPECT_TRUE(std::filesystem::exists(out / layer["name"].get<std::string>() / "best.m"));
  }
}

TEST_F(SearchCli, TableShowsWhatWasFound) {
  const program_result r =
      search(fmt::format("--model vgg16 --layer 8 --evaluations 200 --objective EDP,throughput {}",
                         machine));
  EXPECT_EQ(r.exit_code, 0);
  for (const char* text : {"parallel-for",
                           "PE:",
                           "EDP",
                           "beside it     maestro says",
                           "throughput",
                           "above the bound",
                           "bounds",
                           "evaluations   200",
                           "rejected",
                           "back end",
                           "mappings/s"}) {
    EXPECT_NE(r.out.find(text), std::string::npos) << text << "\n" << r.out;
  }
}

TEST_F(SearchCli, SeveralLayersAreALineAShape) {
  const std::string common =
      "--model resnet18 --evaluations 100 --objective EDP --accelerator gamma";
  const program_result brief = search(common);
  EXPECT_EQ(brief.exit_code, 0);
  EXPECT_NE(brief.out.find("layer1.0.conv1          x 4"), std::string::npos) << brief.out;
  EXPECT_EQ(brief.out.find("parallel-for"), std::string::npos) << brief.out;
  EXPECT_LT(std::ranges::count(brief.out, '\n'), 25);
  const program_result whole = search(common + " --verbose");
  EXPECT_NE(whole.out.find("layer layer1.1.conv2: "), std::string::npos);
  EXPECT_NE(whole.out.find("parallel-for"), std::string::npos);
}

TEST_F(SearchCli, HistoryIsImprovementsAlone) {
  for (const char* seed : {"1", "2", "3"}) {
    const json r = search_json(
        fmt::format("--model vgg16 --layer 8 --evaluations 3000 --seed {} {}", seed, machine));
    const json& history = r["layers"][0]["history"];
    ASSERT_FALSE(history.empty());
    for (std::size_t i = 1; i < history.size(); ++i) {
      EXPECT_LT(history[i]["best"], history[i - 1]["best"]) << seed;
    }
  }
}

TEST_F(SearchCli, AnUnknownNameBringsThoseNearIt) {
  const std::pair<const char*, const char*> calls[] = {
      {"--model restnet50", "unknown model \"restnet50\", did you mean resnet50?"},
      {"--model vgg16 --objective latncy",
       "objective 'latncy' is not known, did you mean latency?"},
      {"--model vgg16 --numpes 4", "option --numpes does not exist, did you mean num-pes"},
      {"--model vgg16 --evalutions 4",
       "option --evalutions does not exist, did you mean evaluations?"},
      {"--model vgg16 --layer conv11", "--layer: found \"conv11\", did you mean conv1_1"},
      {"--model vgg16 --constraint dlaa", "unknown constraint \"dlaa\", did you mean dla?"},
      {"--model vgg16 --accelerator nvdal", "unknown accelerator \"nvdal\", did you mean nvdla?"},
      {"--model vgg16 --backend cppu", "back end 'cppu' is not known, did you mean cpu?"},
      {"--model vgg16 --cost-model exakt", "cost model 'exakt' is not known, did you mean exact?"},
      {"--model vgg16 --algorithm gama", "algorithm: found \"gama\", did you mean gamma?"}};
  for (const auto& [arguments, message] : calls) {
    const program_result r = search(arguments);
    EXPECT_EQ(r.exit_code, 1) << arguments;
    EXPECT_NE(r.err.find(message), std::string::npos) << arguments << ": " << r.err;
  }
  const program_result r = run_program(folder_, CUGAMMA_PROGRAM, "serch");
  EXPECT_NE(r.err.find("unknown command \"serch\", did you mean search?"), std::string::npos);
}

TEST_F(SearchCli, SaysTheLeastBufferThatIsNeeded) {
  const auto needs = [&](const std::string& arguments, const std::string& buffer) {
    const program_result r = search("--model vgg16 --layer 2 --evaluations 200 " + arguments);
    EXPECT_EQ(r.exit_code, 3);
    const std::string text = "; one needs an " + buffer + " of ";
    const std::size_t at = r.err.find(text);
    EXPECT_NE(at, std::string::npos) << r.err;
    return at == std::string::npos ? 0 : std::stoll(r.err.substr(at + text.size()));
  };
  const auto l1 = needs("--l1-size 4", "L1");
  EXPECT_EQ(search(fmt::format("--model vgg16 --layer 2 --l1-size {}", l1)).exit_code, 0) << l1;
  const program_result short_search = search(
      "--model resnet50 --layer conv1 --accelerator edge --constraint dla --evaluations 200");
  EXPECT_NE(short_search.err.find("one needs an L1 of 198 elements, where there are 256: more "
                                  "--evaluations may find one"),
            std::string::npos)
      << short_search.err;
  const auto l2 = needs("--l2-size 10", "L2");
  EXPECT_EQ(search(fmt::format("--model vgg16 --layer 2 --l2-size {}", l2)).exit_code, 0) << l2;
}

TEST_F(SearchCli, ProgressSaysHowFarASearchIs) {
  const auto said = [&](const std::string& arguments) {
    return run_program(folder_,
                       CUGAMMA_PROGRAM,
                       "search --model alexnet --log-level 2 " + arguments)
        .err;
  };
  const auto has = [](const std::string& text, const char* line) {
    return std::regex_search(text, std::regex(line));
  };
  const std::string lone = said("--layer 3 --evaluations 500");
  EXPECT_TRUE(has(lone, "best latency [0-9]+ cycles, [0-9]+ %, [0-9]+ s left")) << lone;
  const std::string several = said("--layer 3,4 --objective energy --evaluations 500");
  EXPECT_TRUE(has(several, "[0-9]+ of 2 layers done, best energy [0-9.]+ nJ")) << several;
  const std::string contest =
      said("--layer 3,4 --num-pes search --area-budget 0.5 --time-limit 300ms");
  EXPECT_TRUE(has(contest, "[0-9]+ accelerators left, [0-9]+ %, [0-9]+ s left")) << contest;
  EXPECT_FALSE(has(contest, "\\b1 accelerators")) << contest;
}

TEST_F(SearchCli, AnExhaustedSpaceIsSaid) {
  const program_result r =
      search("--model vgg16 --layer 2 --constraint kcp_ws --flex OP --evaluations 5000");
  EXPECT_NE(r.err.find("its space is exhausted"), std::string::npos) << r.err;
  const program_result open = search("--model vgg16 --layer 2 --evaluations 500");
  EXPECT_EQ(open.err.find("exhausted"), std::string::npos) << open.err;
}

TEST_F(SearchCli, DataflowsThatAreLeftOutHaveAReason) {
  const json r = search_json("--model vgg16 --layer 2 --evaluations 500 --accelerator gamma");
  const json& layer = r["layers"][0];
  EXPECT_FALSE(layer["styles_left_out"].empty());
  for (const auto& [style, reason] : layer["styles_left_out"].items()) {
    EXPECT_FALSE(layer["gain_over_styles"].contains(style));
    EXPECT_NE(reason, "") << style;
  }
  EXPECT_EQ(layer["styles_left_out"]["eye"],
            "cluster level 2 has two parallel dimensions, cost model exact prices one");
}

TEST_F(SearchCli, DataflowsThatANetworkLeavesOutHaveAReason) {
  const program_result r =
      search("--model alexnet --layer 2,3 --evaluations 300 --accelerator edge");
  EXPECT_NE(r.out.find("  not compared  eye, rs: cluster level 2 has two parallel dimensions, cost "
                       "model exact prices one\n"),
            std::string::npos)
      << r.out;
  EXPECT_NE(r.out.find("  not compared  dla: exceeds L1 in 1 of 2 layers, first conv2\n"),
            std::string::npos)
      << r.out;
}

TEST_F(SearchCli, DramTakesEnergyOfEachElementOnce) {
  folder_.write("without.yaml",
                "num_pes: 64\nl1_size: 512\nl2_size: 100000\nmac_energy_pj: 0.23\n");
  folder_.write("with.yaml",
                "num_pes: 64\nl1_size: 512\nl2_size: 100000\nmac_energy_pj: 0.23\n"
                "dram: {energy_pj: 160}\n");
  const std::string common =
      "--model vgg16 --layer 2 --evaluations 1000 --objective energy --accelerator ";
  const json one = search_json(common + "without.yaml"), other = search_json(common + "with.yaml");
  const json& before = one["layers"][0]["best"]["metrics"];
  const json& after = other["layers"][0]["best"]["metrics"];
  EXPECT_EQ(one["layers"][0]["best"]["mapping"], other["layers"][0]["best"]["mapping"]);
  const double elements = 226.0 * 226 * 64 + 224 * 224 * 64 + 64 * 64 * 9;
  EXPECT_EQ(after["dram_accesses"], elements);
  EXPECT_NEAR(after["energy_nj"].get<double>() - before["energy_nj"].get<double>(),
              elements * 0.160,
              1e-6 * elements);
}

TEST_F(SearchCli, NothingFeasibleIsExplained) {
  const std::filesystem::path out = folder_ / "results";
  const program_result r = search(
      fmt::format("--model vgg16 --layer 8 --evaluations 60 --l1-size 3 --format json --out '{}'",
                  out.string()));
  EXPECT_EQ(r.exit_code, 3);
  EXPECT_NE(r.err.find("layer conv4_1: no feasible mapping among 60: 60 that exceed L1"),
            std::string::npos)
      << r.err;
  const json result = json::parse(text_of(out / "result.json"));
  EXPECT_TRUE(result["layers"][0]["best"].is_null());
  EXPECT_EQ(result["layers"][0]["rejected"]["l1_size"], 60);
  EXPECT_FALSE(std::filesystem::exists(out / "best.m"));
}

TEST_F(SearchCli, TimeLimitEnds) {
  const json r = search_json(fmt::format("--model vgg16 --layer 8 --time-limit 0.3 {}", machine));
  EXPECT_GE(r["seconds"], 0.3);
  EXPECT_LT(r["seconds"], 100) << "a generation is short, also on a busy machine";
  EXPECT_EQ(r["interrupted"], false);
}

TEST_F(SearchCli, InterruptEndsWithResults) {
  const std::filesystem::path out = folder_ / "results";
  const std::filesystem::path state = folder_ / "state";
  started_program search(
      folder_,
      CUGAMMA_PROGRAM,
      fmt::format("search --model vgg16 --layer 8 --backend cpu --time-limit 36000 --format json "
                  "--out '{}' --checkpoint '{}' {}",
                  out.string(),
                  state.string(),
                  machine));
  // A checkpoint is written after the first generation.
  while (!std::filesystem::exists(state / "checkpoint.bin") && !search.has_ended()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  search.send(SIGINT);
  const program_result r = search.wait();
  EXPECT_EQ(r.exit_code, 0) << r.err;
  const json result = json::parse(text_of(out / "result.json"));
  EXPECT_EQ(result["interrupted"], true);
  EXPECT_TRUE(std::filesystem::exists(out / "best.m"));
}

struct bad_call {
  const char* arguments;
  const char* message;
};

TEST_F(SearchCli, BadInputIsRefusedByName) {
  const bad_call calls[] = {
      {"", "--model is missing"},
      {"--model no_such_net", "no_such_net"},
      {"--model vgg16 --layer 99", "--layer: found \"99\""},
      {"--model vgg16 --objective speed", "'speed'"},
      {"--model vgg16 --objective latency --fitness1 energy", "cannot be given together"},
      {"--model vgg16 --strict --maestro-compat", "exclude each other"},
      {"--model vgg16 --believe everything", "expected one of"},
      {"--model vgg16 --objective maestro-energy", "no such figure"},
      {"--model vgg16 --constraint eye --flex none", "two parallel dimensions"},
      {"--model vgg16 --population 1", "--population: found 1"},
      {"--model vgg16 --population many", "--population: found many, expected auto, or 2 or more"},
      {"--model vgg16 --population 20x", "--population: found 20x"},
      {"--model vgg16 --evaluations 0", "--evaluations: found 0"},
      {"--model vgg16 --algorithm magic", "\"magic\""},
      {"--model vgg16 --algorithm random --checkpoint x", "--checkpoint is for gamma alone"},
      {"--model vgg16 --algorithm random --num-pes search --area-budget 1", "several layers"},
      {"--model vgg16 --backend magic", "magic"},
      {"--model vgg16 --format xml", "\"xml\""},
      {"--model vgg16 --levels-max 4", "cluster levels"},
      {"--model vgg16 --cluster-size 1000 --num-pes 168", "168 PEs"},
      {"--model vgg16 --islands 0", "--islands: found 0"},
      {"--model vgg16 --population 32 --islands 17", "population 32 for 17 islands"},
      {"--model vgg16 --migration-interval -1", "--migration-interval: found -1"},
      {"--model vgg16 --backend cpu --devices all", "--devices: back end 'cpu' has none"},
      {"--model vgg16 --no-such-option", "no-such-option"},
      {"--model vgg16 stray", "\"stray\""}};
  for (const bad_call& call : calls) {
    const program_result r = search(call.arguments);
    EXPECT_EQ(r.exit_code, 1) << call.arguments;
    EXPECT_NE(r.err.find(call.message), std::string::npos) << call.arguments << ": " << r.err;
  }
}

}  // namespace
}  // namespace cugamma
