#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "certify/proof_keys.hpp"
#include "cli/program.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

constexpr const char* machine = " --accelerator gamma --cost-model maestro --log-level 0 ";

program_result certify(const std::string& arguments) {
  return run_cugamma("certify" + std::string(machine) + arguments);
}

json layers_of(const program_result& run) { return json::parse(run.out)["layers"]; }

TEST(CertifyCli, TellsTheOptimumInJson) {
  const program_result run = certify("--model vgg16 --layer 8 --objective EDP --format json");
  ASSERT_EQ(run.exit_code, 0) << run.output();
  const json all = json::parse(run.out);
  ASSERT_EQ(all.size(), 1u);
  ASSERT_EQ(all["layers"].size(), 1u);
  const json& l = all["layers"][0];
  EXPECT_EQ(keys_of(l), proof_keys);
  EXPECT_EQ(l["layer"], "conv4_1");
  EXPECT_EQ(l["objective"], "EDP");
  EXPECT_EQ(l["optimum"], l["lower_bound"]);
  EXPECT_EQ(l["optimum"], l["upper_bound"]);
  EXPECT_EQ(l["gap"], 0);
  EXPECT_EQ(l["proven"], true);
  EXPECT_GT(l["subtrees"], l["opened"]);
}

/// The value that is proved is the one that `evaluate` computes.
TEST(CertifyCli, TheMappingHasTheOptimum) {
  const scratch_folder folder;
  const program_result run =
      run_program(folder,
                  CUGAMMA_PROGRAM,
                  "certify" + std::string(machine) +
                      "--model resnet18 --layer 8 --objective latency --out out");
  ASSERT_EQ(run.exit_code, 0) << run.output();
  const json l = json::parse(text_of(folder / "out/certify.json"))["layers"][0];
  const program_result again = run_program(folder,
                                           CUGAMMA_PROGRAM,
                                           "evaluate out/best.m --accelerator gamma --format json "
                                           "--cost-model maestro");
  ASSERT_EQ(again.exit_code, 0) << again.output();
  EXPECT_NE(again.out.find(std::to_string(l["optimum"].get<std::int64_t>())), std::string::npos)
      << again.out;
  EXPECT_EQ(l["mapping"], text_of(folder / "out/best.m"));
  EXPECT_NE(text_of(folder / "out/certificate.jsonl").find("\"crc\""), std::string::npos);
}

TEST(CertifyCli, ProvesEqualLayersOnce) {
  const program_result run =
      certify("--model vgg16 --layer 8,9,10 --objective latency --format json");
  ASSERT_EQ(run.exit_code, 0) << run.output();
  const json layers = layers_of(run);
  ASSERT_EQ(layers.size(), 3u);
  EXPECT_EQ(layers[1]["layer"], "conv4_2");
  EXPECT_EQ(layers[2]["layer"], "conv4_3");
  EXPECT_EQ(layers[1]["seconds"], layers[2]["seconds"]);
  EXPECT_NE(layers[0]["optimum"], layers[1]["optimum"]);
}

TEST(CertifyCli, SumsANetwork) {
  const program_result run = certify("--model vgg16 --layer 8,9,10 --objective latency");
  ASSERT_EQ(run.exit_code, 0) << run.output();
  EXPECT_NE(run.out.find("network: latency optimum in ["), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("cost model maestro (strict"), std::string::npos) << run.out;
}

TEST(CertifyCli, TellsTheGapWhereTimeEnds) {
  const program_result run = certify(
      "--model vgg16 --layer 8 --objective energy --evaluations 100 --time-limit 0 --format json");
  EXPECT_EQ(run.exit_code, 4) << run.output();
  const json l = layers_of(run)[0];
  EXPECT_EQ(l["proven"], false);
  EXPECT_TRUE(l["optimum"].is_null());
  EXPECT_LT(l["lower_bound"], l["upper_bound"]);
  EXPECT_GT(l["gap"], 0);
  const program_result near =
      certify("--model vgg16 --layer 8 --objective energy --gap 0.5 --time-limit 0 --format json");
  EXPECT_EQ(near.exit_code, 0) << near.output();
  EXPECT_EQ(layers_of(near)[0]["proven"], true);
}

/// There the runtime has no closed form.
TEST(CertifyCli, ProvesOptimaOnANarrowNoc) {
  for (const std::string goal : {"latency", "EDP"}) {
    const program_result run =
        certify("--model resnet18 --layer 8 --noc-bw 64 --objective " + goal + " --format json");
    ASSERT_EQ(run.exit_code, 0) << run.output();
    const json l = layers_of(run)[0];
    EXPECT_EQ(l["proven"], true);
    EXPECT_EQ(l["optimum"], l["upper_bound"]);
    EXPECT_EQ(l["lower_bound"], l["upper_bound"]);
  }
}

/// No PE can hold a tile of anything.
TEST(CertifyCli, ProvesThatNoMappingFits) {
  const program_result run = run_cugamma(
      "certify --model vgg16 --layer 8 --num-pes 16 --l1-size 20 --cost-model maestro "
      "--log-level 0 --format json");
  EXPECT_EQ(run.exit_code, 3) << run.output();
  const json l = layers_of(run)[0];
  EXPECT_EQ(l["proven"], true);
  EXPECT_TRUE(l["optimum"].is_null());
  EXPECT_TRUE(l["mapping"].is_null());
}

TEST(CertifyCli, LinesOnlyImprove) {
  const program_result run = run_cugamma(
      "certify --model vgg16 --layer 8 --accelerator gamma --l1-size -1 --l2-size -1 --objective "
      "EDP --evaluations 100 "
      "--cost-model maestro --log-level 2 --format json");
  ASSERT_EQ(run.exit_code, 0) << run.output();
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = run.err.find("optimum in [", at)) != std::string::npos; ++at) {
    ++lines;
  }
  EXPECT_GT(lines, 2u) << run.err;
  EXPECT_NE(run.err.rfind("gap 0 %"), std::string::npos) << run.err;
}

TEST(CertifyCli, RefusesWhatItCannotProve) {
  const auto refused = [](const std::string& arguments) {
    const program_result run = certify("--model vgg16 --layer 8 " + arguments);
    EXPECT_EQ(run.exit_code, 1) << arguments << run.output();
    EXPECT_EQ(run.out, "");
    return run.err;
  };
  const auto says = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  says(refused("--objective area"), "layer conv4_1: its optimum under maestro cannot be proved");
  says(refused("--objective latency,energy"), "expected one");
  says(refused("--believe plausible"), "--believe strict");
  says(refused("--limit power=5"), "--limit");
  says(refused("--pareto latency,energy"), "--pareto");
  says(refused("--gap -1"), "--gap");
}

/// Of spaces other than those of optima, floors are proved under MAESTRO's model.
TEST(CertifyCli, ProvesAGapOfOtherSpacesUnderMaestro) {
  for (const std::string space : {"--levels-min 3 --levels-max 3",
                                  "--levels-min 1 --levels-max 1",
                                  "--parallel-rs",
                                  "--simd-lanes 4",
                                  "--constraint eye"}) {
    const program_result run = certify(
        "--model vgg16 --layer 8 --objective latency --evaluations 2000 --time-limit 0 "
        "--format json " +
        space);
    ASSERT_TRUE(run.exit_code == 4 || run.exit_code == 0) << run.output();
    const json l = layers_of(run)[0];
    EXPECT_EQ(run.exit_code == 0, l["lower_bound"] == l["upper_bound"]);
    EXPECT_GE(l["lower_bound"], 5505024 / (space == "--simd-lanes 4" ? 4 : 1)) << space;
    EXPECT_LE(l["lower_bound"], l["upper_bound"]);
  }
}

/// Of three levels, and of R and S in parallel, floors are proved under the exact model.
TEST(CertifyCli, ProvesAGapOfOtherSpaces) {
  for (const std::string space : {"--levels-min 3 --levels-max 3", "--parallel-rs"}) {
    const scratch_folder folder;
    std::filesystem::create_directory(folder / "out");
    folder.write("out/certificate.jsonl", "of an earlier run\n");
    const auto certify_to = [&](const std::string& more) {
      return run_program(folder,
                         CUGAMMA_PROGRAM,
                         "certify --model vgg16 --layer 8 --accelerator gamma --cost-model exact "
                         "--objective latency --evaluations 5000 --log-level 0 --out out "
                         "--format json " +
                             space + more);
    };
    const program_result near = certify_to(" --gap 0.01");
    ASSERT_EQ(near.exit_code, 0) << near.output();
    const json l = layers_of(near)[0];
    EXPECT_GT(l["lower_bound"], 5505024) << "more than all PEs busy all the time";
    EXPECT_LE(l["lower_bound"], l["upper_bound"]);
    EXPECT_FALSE(std::filesystem::exists(folder / "out/certificate.jsonl"));
    const program_result far = certify_to(" --time-limit 0");
    EXPECT_EQ(far.exit_code, 4) << far.output();
    EXPECT_EQ(layers_of(far)[0]["lower_bound"], l["lower_bound"]);
  }
}

/// A constraint narrows the space.
TEST(CertifyCli, ProvesUnderAConstraint) {
  const auto optimum = [](const std::string& more) {
    const program_result run =
        certify("--model vgg16 --layer 8 --objective EDP --format json " + more);
    EXPECT_EQ(run.exit_code, 0) << run.output();
    return layers_of(run)[0]["optimum"].get<double>();
  };
  const double free = optimum("");
  EXPECT_GT(optimum("--constraint shidiannao"), free);
  EXPECT_GE(optimum("--cluster-size 8"), free);
}

/// What easy layers leave of the time goes to the hard one, although it comes first.
TEST(CertifyCli, TimeIsNotSplitEqually) {
  const program_result run = run_cugamma(
      "certify --model vgg16 --layer 8,1,2,3,4,5,6,7,11,13 --objective energy --accelerator gamma "
      "--l1-size 512 --l2-size 108000 --evaluations 200 --time-limit 4 --gap 0.0001 --log-level 0 "
      "--format json");
  double most = 0;
  for (const json& l : layers_of(run)) {
    most = std::max(most, l["proven"] == true ? 1e9 : l["seconds"].get<double>());
  }
  // A tenth of 4 s is 0.4 s.
  EXPECT_GT(most, 0.41) << run.output();
}

/// The smallest accelerator for a latency, and the fastest one that this accelerator's area pays
/// for.
TEST(CertifyCli, ProvesTheSmallestMachine) {
  const scratch_folder folder;
  const auto machine_of = [&](const std::string& more) {
    const program_result run = run_program(folder,
                                           CUGAMMA_PROGRAM,
                                           "certify --model resnet18 --layer 2,8,fc --accelerator "
                                           "gamma --l1-size -1 --l2-size -1 --num-pes search "
                                           "--pe-limit 200 --log-level 0 --out out --format json " +
                                               more);
    EXPECT_EQ(run.exit_code, 0) << run.output();
    EXPECT_EQ(json::parse(run.out), json::parse(text_of(folder / "out/machine.json")));
    return json::parse(run.out);
  };
  const json smallest = machine_of("--objective budget-area --limit latency=1500000");
  EXPECT_EQ(smallest["proven"], true);
  EXPECT_EQ(smallest["optimum"], smallest["lower_bound"]);
  EXPECT_LE(smallest["latency_cycles"], 1500000);
  EXPECT_EQ(smallest["layers"].size(), 3u);
  EXPECT_LT(smallest["opened"], smallest["sizes"]);
  EXPECT_NE(text_of(folder / "out/fc/best.m").find("Dataflow"), std::string::npos);
  // A little more than its area, for the budget is printed in mm^2.
  const double area = smallest["machine"]["budget_area_um2"].get<double>() * (1 + 1e-12);
  const json fastest = machine_of(fmt::format("--objective latency --area-budget {}", area / 1e6));
  EXPECT_LE(fastest["optimum"], smallest["latency_cycles"]);
  EXPECT_LE(fastest["machine"]["budget_area_um2"], area);
}

TEST(CertifyCli, ProvesThatNoMachineIsFastEnough) {
  const program_result run = run_cugamma(
      "certify --model resnet18 --layer 8 --noc-bw 81920000 --offchip-bw 81920000 "
      "--objective budget-area --limit latency=9 --log-level 0");
  EXPECT_EQ(run.exit_code, 3) << run.output();
  EXPECT_NE(run.out.find("no accelerator is large and fast enough: proved"), std::string::npos);
}

/// Its PEs hold tiles of one index; a constraint may ask for others.
TEST(CertifyCli, RefusesAMachineOfLargerTiles) {
  const scratch_folder folder;
  const std::filesystem::path file = folder / "pairs.yaml";
  std::ofstream(file) << "levels:\n  - sp: [K]\n  - sp: [C]\n    tiles: {K: [2, 8]}\n";
  const program_result run = run_cugamma(
      "certify --model resnet18 --layer 8 --accelerator gamma --objective budget-area "
      "--limit latency=9000000 --num-pes search --log-level 0 --constraint " +
      file.string());
  EXPECT_EQ(run.exit_code, 1) << run.output();
  EXPECT_NE(run.err.find("a constraint asks for larger tiles of PEs"), std::string::npos)
      << run.err;
}

TEST(CertifyCli, SearchProves) {
  const program_result run = run_cugamma("search --prove" + std::string(machine) +
                                         "--model vgg16 --layer 8 --objective EDP --format json");
  ASSERT_EQ(run.exit_code, 0) << run.output();
  const json found = json::parse(run.out);
  const json proved = found["proof"]["layers"][0];
  EXPECT_EQ(proved["proven"], true);
  EXPECT_LE(proved["optimum"], found["layers"][0]["best"]["objectives"][0]);
  const program_result refused = run_cugamma("search --model vgg16 --layer 8 --gap 0.1");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("--gap: needs --prove"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace cugamma
