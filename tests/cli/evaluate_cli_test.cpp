#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/evaluate/evaluation.hpp"
#include "cli/evaluate/evaluation_writer.hpp"
#include "cli/program.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "models/maestro/golden_cases.hpp"
#include "models/maestro/maestro_columns.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

std::string machine_flags(const json& hw) {
  std::string flags;
  for (const char* name :
       {"num_pes", "noc_bw", "noc_hops", "noc_hop_latency", "offchip_bw", "simd_lanes"}) {
    std::string flag = name;
    for (char& c : flag) c = c == '_' ? '-' : c;
    flags += " --" + flag + " " + hw.at(name).dump();
  }
  return flags;
}

bool matches(const json& expected, const json& got) {
  if (expected.is_number_integer()) return expected == got && got.is_number_integer();
  return std::abs(expected.get<double>() - got.get<double>()) <=
         1e-9 * std::abs(expected.get<double>());
}

class EvaluateCli : public testing::Test {
 protected:
  program_result evaluate(const std::string& arguments) const {
    return run_program(folder_, CUGAMMA_PROGRAM, "evaluate " + arguments);
  }
  scratch_folder folder_;
};

constexpr const char* two_layers =
    "Network net {\nLayer GOOD { Type: CONV Dimensions { K 4 C 3 Y 8 X 8 R 3 S 3 } Dataflow { "
    "SpatialMap(1,1) K; TemporalMap(1,1) C; TemporalMap(1,1) Y'; TemporalMap(1,1) X'; "
    "TemporalMap(3,3) R; TemporalMap(3,3) S; } }\n"
    "Layer BAD { Type: CONV Dimensions { K 4 C 3 Y 8 X 8 R 3 S 3 } Dataflow { SpatialMap(5,6) K; } "
    "}\n}\n";

constexpr const char* good_layer =
    "Network net { Layer GOOD { Type: CONV Stride { X 1 Y 1 } Dimensions { K 4 C 3 Y 8 X 8 R 3 S 3 "
    "} Dataflow { "
    "SpatialMap(1,1) K; TemporalMap(1,1) C; TemporalMap(1,1) Y'; TemporalMap(1,1) X'; "
    "TemporalMap(3,3) R; TemporalMap(3,3) S; } } }";

TEST_F(EvaluateCli, PrintsMaestrosFiguresAsJson) {
  json names = json::parse(text_of(golden_folder + "columns.json")).at("columns");
  for (const golden_table& table : golden_legal_tables) {
    for (const golden_case& golden : read_golden(table, 60)) {
      SCOPED_TRACE(golden.id);
      folder_.write("x.m", golden.mapping_text);
      const program_result run = evaluate("x.m --format json" + machine_flags(golden.hardware));
      ASSERT_EQ(run.exit_code, 0) << run.err;
      const json result = json::parse(run.out).at("layers").at(0);
      EXPECT_EQ(result.at("status"), "ok");
      EXPECT_EQ(result.at("reasons"), json::array());
      EXPECT_EQ(result.at("layer_macs"), golden.layer_macs);
      ASSERT_EQ(result.at("metrics").size(), names.size() + 1);
      for (std::size_t i = 0; i < names.size(); ++i) {
        const json& got = result.at("metrics").at(names[i].get<std::string>());
        EXPECT_TRUE(matches(golden.columns.at(i), got))
            << names[i] << ": got " << got << ", MAESTRO has " << golden.columns.at(i);
      }
    }
  }
}

TEST_F(EvaluateCli, NamesTheRulesThatAnIllegalMappingBreaks) {
  for (const golden_case& golden : read_golden(golden_illegal_table, 60)) {
    SCOPED_TRACE(golden.id);
    folder_.write("x.m", golden.mapping_text);
    const program_result run = evaluate("x.m --format json" + machine_flags(golden.hardware));
    const json result = json::parse(run.out).at("layers").at(0);
    const auto is_named = [&](const char* where, const std::string& what) {
      return std::ranges::any_of(result.at(where), [&](const json& text) {
        return text.get<std::string>().find(what) != std::string::npos;
      });
    };
    bool is_illegal = false;
    for (const json& reason : golden.reasons) {
      if (reason == "tile exceeds dim") {
        EXPECT_TRUE(is_named("warnings", "and is cut to it")) << result.at("warnings");
        continue;
      }
      is_illegal = true;
      EXPECT_TRUE(is_named("reasons", reason.get<std::string>() + ": line "))
          << reason << " in " << result.at("reasons");
    }
    EXPECT_EQ(result.at("status"), is_illegal ? "illegal" : "ok");
    EXPECT_EQ(result.at("metrics").empty(), is_illegal);
    EXPECT_EQ(run.exit_code, is_illegal ? 3 : 0) << run.err;
  }
}

TEST_F(EvaluateCli, PrintsTheOtherLayersBesideARejectedOne) {
  folder_.write("x.m", two_layers);
  const program_result run = evaluate("x.m --format json");
  EXPECT_EQ(run.exit_code, 3);
  const json layers = json::parse(run.out).at("layers");
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].at("layer"), "GOOD");
  EXPECT_EQ(layers[0].at("status"), "ok");
  EXPECT_EQ(layers[0].at("metrics").at("num_macs"), 4 * 3 * 6 * 6 * 9);
  EXPECT_EQ(layers[1].at("layer"), "BAD");
  EXPECT_EQ(layers[1].at("reasons"),
            json{"offset > size: line 3, cluster level 0: SpatialMap(4,6) K has the offset 6, at "
                 "most its size 4"});
  EXPECT_EQ(
      layers[1].at("warnings"),
      json{"line 3, cluster level 0: SpatialMap(5,6) K is larger than K = 4 and is cut to it"});
}

TEST_F(EvaluateCli, TableShowsLayersReasonsAndTheFourTests) {
  folder_.write("x.m", two_layers);
  const program_result run = evaluate("x.m --num-pes 4");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.out.find("4 PEs x 1 MACs/cycle"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("GOOD   ok "), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("pass pass pass pass"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("BAD    illegal    offset > size: line 3, cluster level 0: "),
            std::string::npos)
      << run.out;
  for (const char* test : {"test 1: ", "test 2: ", "test 3: ", "test 4: "}) {
    EXPECT_NE(run.out.find(test), std::string::npos) << test;
  }
}

TEST_F(EvaluateCli, CsvHasARowALayerAndReadsBackExactly) {
  folder_.write("x.m", two_layers);
  const json reference = json::parse(evaluate("x.m --format json").out).at("layers").at(0);
  const program_result run = evaluate("x.m --format csv -o out.csv");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.out, "");
  std::istringstream lines(text_of(folder_ / "out.csv"));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1][0], "GOOD");
  EXPECT_EQ(rows[2][2], "\"offset > size: line 3") << "in quotes, since it has a comma";
  EXPECT_NE(run.err.find("warning: BAD: line 3, cluster level 0: SpatialMap(5,6) K is larger"),
            std::string::npos)
      << run.err;
  int compared = 0;
  for (std::size_t i = 0; i < rows[0].size(); ++i) {
    if (!reference.at("metrics").contains(rows[0][i])) continue;
    EXPECT_EQ(std::stod(rows[1].at(i)), reference.at("metrics").at(rows[0][i]).get<double>())
        << rows[0][i];
    ++compared;
  }
  EXPECT_EQ(compared, maestro_column_count + 1);
}

TEST_F(EvaluateCli, WritesJsonToAFile) {
  folder_.write("x.m", good_layer);
  EXPECT_EQ(evaluate("--format=json --output=out.json x.m").exit_code, 0);
  EXPECT_EQ(json::parse(text_of(folder_ / "out.json")).at("layers").size(), 1u);
}

TEST_F(EvaluateCli, ReadsAHardwareFileThatFlagsOverride) {
  folder_.write("x.m", good_layer);
  folder_.write("hw.m", "NumPEs: 168\nL1Size: 512\nL2Size: 108000\nNoC_BW: 4\n");
  const json result = json::parse(evaluate("x.m --hw hw.m --noc-bw 8 --format json").out);
  EXPECT_EQ(result.at("accelerator").at("num_pes"), 168);
  EXPECT_EQ(result.at("accelerator").at("noc_bw"), 8);
  EXPECT_EQ(result.at("accelerator").at("l1_size_elems"), 512);
  EXPECT_TRUE(result.at("accelerator").at("cluster_buffer_elems").is_null()) << "unlimited";
}

TEST_F(EvaluateCli, WarnsOfLimitsAndStrides) {
  folder_.write("x.m", good_layer);
  const program_result limits = evaluate("x.m --l1-size 1 --l2-size 2");
  EXPECT_EQ(limits.exit_code, 0);
  EXPECT_NE(limits.out.find("elements of L1, a PE has 1"), std::string::npos) << limits.out;
  EXPECT_NE(limits.out.find("elements of L2, the accelerator has 2"), std::string::npos)
      << limits.out;

  std::string strided = good_layer;
  strided.replace(strided.find("X 1 Y 1"), 7, "X 2 Y 2");
  folder_.write("s.m", strided);
  const program_result stride = evaluate("s.m");
  EXPECT_NE(stride.out.find("plausibility test 1 (macs) is off"), std::string::npos) << stride.out;
  EXPECT_NE(stride.out.find(" off  "), std::string::npos) << stride.out;
  EXPECT_EQ(json::parse(evaluate("s.m --format json").out)["layers"][0]["plausibility"]["macs"],
            "off");
}

TEST_F(EvaluateCli, CpuGivesTheSameFitnessFigures) {
  for (const golden_table& table : golden_genome_tables) {
    for (const golden_case& golden : read_golden(table, 100)) {
      SCOPED_TRACE(golden.id);
      folder_.write("x.m", golden.mapping_text);
      const std::string flags = "x.m --format json" + machine_flags(golden.hardware);
      const json reference = json::parse(evaluate(flags).out).at("layers").at(0);
      const program_result run = evaluate(flags + " --backend cpu");
      ASSERT_EQ(run.exit_code, 0) << run.err;
      const json cpu = json::parse(run.out).at("layers").at(0);
      EXPECT_GE(cpu.at("metrics").size(), 30u);
      for (const auto& [name, value] : cpu.at("metrics").items()) {
        EXPECT_EQ(value, reference.at("metrics").at(name)) << name;
      }
      EXPECT_EQ(cpu.at("plausibility"), reference.at("plausibility"));
    }
  }
}

TEST_F(EvaluateCli, CpuSaysWhichMappingsItCannotScore) {
  std::string offset = good_layer;
  offset.replace(offset.find("Map(1,1) Y'"), 11, "Map(2,1) Y'");
  folder_.write("x.m", offset);
  EXPECT_EQ(evaluate("x.m").exit_code, 0);
  const program_result run = evaluate("x.m --backend cpu --format json");
  EXPECT_EQ(run.exit_code, 3) << run.err;
  const json layer = json::parse(run.out).at("layers").at(0);
  EXPECT_EQ(layer.at("status"), "unsupported");
  EXPECT_EQ(layer.at("reasons"), json{"cluster level 0: offset of Y' differs from its size"});
}

TEST_F(EvaluateCli, AutoGivesEveryFigureOfTheReference) {
  folder_.write("x.m", two_layers);
  const program_result run = evaluate("x.m --format json --backend auto");
  EXPECT_EQ(run.exit_code, 3) << run.err;
  const json got = json::parse(run.out);
  const json expected = json::parse(evaluate("x.m --format json").out);
  EXPECT_EQ(got.at("layers"), expected.at("layers"));
  EXPECT_EQ(got.at("backend"), available_evaluators().back());
}

TEST_F(EvaluateCli, CudaGivesEveryFigureOrTheCauseWhyNot) {
  folder_.write("x.m", good_layer);
  const program_result run = evaluate("x.m --format json --backend cuda");
  if (const auto obstacle = evaluator_obstacle("cuda")) {
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err, "cugamma: back end 'cuda' cannot run: " + *obstacle + "\n");
    return;
  }
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(json::parse(run.out).at("layers"),
            json::parse(evaluate("x.m --format json").out).at("layers"));
}

struct bad_input {
  std::string arguments;
  std::string message;
};

TEST_F(EvaluateCli, BadInputExits1WithAMessage) {
  folder_.write("x.m", good_layer);
  folder_.write("broken.m", "Network {\n  Layr");
  const bad_input cases[] = {
      {"", "no mapping file given"},
      {"x.m x.m", "expected one mapping file"},
      {"none.m", "none.m: cannot be opened for reading"},
      {"broken.m",
       "broken.m:2:3: found \"Layr\", expected Layer, FPS, Probability, Dependency or \"}\""},
      {"x.m --format xml", "--format: found \"xml\", expected table, json or csv"},
      {"x.m --backend gpu9", "gpu9"},
      {"x.m --num-pes 0", "--num-pes: found 0, expected 1 or more"},
      {"x.m --num-pes many", "many"},
      {"x.m --noc-bw -2", "--noc-bw: found -2, expected 1 or more"},
      {"x.m --l1-size -2", "--l1-size: found -2, expected -1 or more"},
      {"x.m --hw none.hw", "none.hw: cannot be opened for reading"},
      {"x.m --wings", "wings"},
      {"x.m -o no/such/folder/file", "no/such/folder/file: cannot be written"},
  };
  for (const bad_input& c : cases) {
    SCOPED_TRACE(c.arguments);
    const program_result run = evaluate(c.arguments);
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(run.err.starts_with("cugamma: ")) << run.err;
    EXPECT_NE(run.err.find(c.message), std::string::npos) << run.err;
  }
}

TEST_F(EvaluateCli, ModelFileWithoutMappingsIsRejected) {
  folder_.write("model.m", "Network n { Layer A { Type: FC Dimensions { K 2 C 2 } } }");
  const program_result run = evaluate("model.m --format json");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(json::parse(run.out)["layers"][0]["reasons"], json{"no Dataflow"});
}

TEST(CugammaProgram, HasHelpAndVersion) {
  const scratch_folder folder;
  const program_result help = run_program(folder, CUGAMMA_PROGRAM, "--help");
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("evaluate"), std::string::npos);
  EXPECT_TRUE(run_program(folder, CUGAMMA_PROGRAM, "--version").out.starts_with("cugamma "));
  const program_result evaluate_help = run_program(folder, CUGAMMA_PROGRAM, "evaluate --help");
  EXPECT_EQ(evaluate_help.exit_code, 0);
  EXPECT_NE(evaluate_help.out.find("--offchip-bw"), std::string::npos);
  const program_result none = run_program(folder, CUGAMMA_PROGRAM, "");
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_EQ(none.out, help.out) << "alone it helps";
  const program_result unknown = run_program(folder, CUGAMMA_PROGRAM, "evalate x.m");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_EQ(unknown.err, "cugamma: unknown command \"evalate\", did you mean evaluate?\n");
  const program_result far = run_program(folder, CUGAMMA_PROGRAM, "frobnicate");
  EXPECT_TRUE(far.err.starts_with("cugamma: unknown command \"frobnicate\", expected one of: "))
      << far.err;
}

TEST(EvaluationWriter, WritesNullForFiguresThatAreNotFinite) {
  const cost_model& model = find_cost_model("maestro");
  cli::evaluation e{"net", {}, &model, "reference", {}, {}};
  cli::layer_result& r = e.layers.emplace_back();
  r.given.name = "L";
  r.figures.values.resize(model.columns.size());
  const auto set = [&](std::string_view name, double value) {
    const auto at = std::ranges::find(model.columns, name, &report_column::name);
    r.figures.values[static_cast<std::size_t>(at - model.columns.begin())] = value;
  };
  set("input_reuse", std::numeric_limits<double>::infinity());
  set("filter_reuse", std::copysign(std::nan(""), -1.0));
  set("output_reuse", std::nan(""));
  set("energy_nj", 0.1);
  const json metrics = json::parse(cli::as_json(e))["layers"][0]["metrics"];
  EXPECT_TRUE(metrics["input_reuse"].is_null()) << "infinite";
  EXPECT_TRUE(metrics["filter_reuse"].is_null());
  EXPECT_TRUE(metrics["output_reuse"].is_null()) << "0 of 0";
  EXPECT_EQ(metrics["energy_nj"], 0.1);
  EXPECT_NE(cli::as_csv(e).find("0.10000000000000001"), std::string::npos);
}

}  // namespace
}  // namespace cugamma
