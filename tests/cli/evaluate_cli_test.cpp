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
#include "models/maestro/maestro_columns.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

const std::string golden_folder = CUGAMMA_SOURCE_DIR "/tests/models/maestro/golden/";

/// One golden case out of `step`.
std::vector<json> sample(const std::string& table, int step) {
  std::ifstream in(golden_folder + table + ".jsonl");
  std::vector<json> cases;
  int i = 0;
  for (std::string line; std::getline(in, line); ++i) {
    if (i % step == 0) cases.push_back(json::parse(line));
  }
  return cases;
}

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

class evaluate_cli : public testing::Test {
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

TEST_F(evaluate_cli, prints_maestros_figures_as_json) {
  json names = json::parse(text_of(golden_folder + "columns.json")).at("columns");
  for (const char* table :
       {"gamma1", "gamma2", "gamma3", "freers", "sp2", "dsconv", "gemm", "directives"}) {
    for (const json& golden : sample(table, 60)) {
      SCOPED_TRACE(golden.at("id").get<std::string>());
      folder_.write("x.m", golden.at("mapping"));
      const program_result run = evaluate("x.m --format json" + machine_flags(golden.at("hw")));
      ASSERT_EQ(run.exit_code, 0) << run.err;
      const json result = json::parse(run.out).at("layers").at(0);
      EXPECT_EQ(result.at("status"), "ok");
      EXPECT_EQ(result.at("reasons"), json::array());
      EXPECT_EQ(result.at("layer_macs"), golden.at("layer_macs"));
      ASSERT_EQ(result.at("metrics").size(), names.size() + 1);
      for (std::size_t i = 0; i < names.size(); ++i) {
        const json& got = result.at("metrics").at(names[i].get<std::string>());
        EXPECT_TRUE(matches(golden.at("expect").at(i), got))
            << names[i] << ": got " << got << ", MAESTRO has " << golden.at("expect").at(i);
      }
    }
  }
}

TEST_F(evaluate_cli, names_the_rules_that_an_illegal_mapping_breaks) {
  for (const json& golden : sample("illegal", 60)) {
    SCOPED_TRACE(golden.at("id").get<std::string>());
    folder_.write("x.m", golden.at("mapping"));
    const program_result run = evaluate("x.m --format json" + machine_flags(golden.at("hw")));
    EXPECT_EQ(run.exit_code, 3) << run.err;
    const json result = json::parse(run.out).at("layers").at(0);
    EXPECT_EQ(result.at("status"), "illegal");
    EXPECT_EQ(result.at("metrics"), json::object());
    for (const json& reason : golden.at("illegal")) {
      EXPECT_TRUE(std::ranges::count(result.at("reasons"), reason) == 1)
          << reason << " in " << result.at("reasons");
    }
  }
}

TEST_F(evaluate_cli, prints_the_other_layers_beside_a_rejected_one) {
  folder_.write("x.m", two_layers);
  const program_result run = evaluate("x.m --format json");
  EXPECT_EQ(run.exit_code, 3);
  const json layers = json::parse(run.out).at("layers");
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].at("layer"), "GOOD");
  EXPECT_EQ(layers[0].at("status"), "ok");
  EXPECT_EQ(layers[0].at("metrics").at("num_macs"), 4 * 3 * 6 * 6 * 9);
  EXPECT_EQ(layers[1].at("layer"), "BAD");
  EXPECT_EQ(layers[1].at("reasons"), (json{"tile exceeds dim", "offset > size"}));
}

TEST_F(evaluate_cli, table_shows_layers_reasons_and_the_four_tests) {
  folder_.write("x.m", two_layers);
  const program_result run = evaluate("x.m --num-pes 4");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.out.find("4 PEs x 1 MACs/cycle"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("GOOD   ok "), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("pass pass pass pass"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("BAD    illegal    tile exceeds dim, offset > size"), std::string::npos)
      << run.out;
  for (const char* test : {"test 1: ", "test 2: ", "test 3: ", "test 4: "}) {
    EXPECT_NE(run.out.find(test), std::string::npos) << test;
  }
}

TEST_F(evaluate_cli, csv_has_a_row_a_layer_and_reads_back_exactly) {
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
  EXPECT_EQ(rows[2][2], "tile exceeds dim; offset > size");
  int compared = 0;
  for (std::size_t i = 0; i < rows[0].size(); ++i) {
    if (!reference.at("metrics").contains(rows[0][i])) continue;
    EXPECT_EQ(std::stod(rows[1].at(i)), reference.at("metrics").at(rows[0][i]).get<double>())
        << rows[0][i];
    ++compared;
  }
  EXPECT_EQ(compared, maestro_column_count + 1);
}

TEST_F(evaluate_cli, writes_json_to_a_file) {
  folder_.write("x.m", good_layer);
  EXPECT_EQ(evaluate("--format=json --output=out.json x.m").exit_code, 0);
  EXPECT_EQ(json::parse(text_of(folder_ / "out.json")).at("layers").size(), 1u);
}

TEST_F(evaluate_cli, reads_a_hardware_file_that_flags_override) {
  folder_.write("x.m", good_layer);
  folder_.write("hw.m", "NumPEs: 168\nL1Size: 512\nL2Size: 108000\nNoC_BW: 4\n");
  const json result = json::parse(evaluate("x.m --hw hw.m --noc-bw 8 --format json").out);
  EXPECT_EQ(result.at("accelerator").at("num_pes"), 168);
  EXPECT_EQ(result.at("accelerator").at("noc_bw"), 8);
  EXPECT_EQ(result.at("accelerator").at("l1_size_elems"), 512);
}

TEST_F(evaluate_cli, warns_of_limits_and_strides) {
  folder_.write("x.m", good_layer);
  const program_result limits = evaluate("x.m --l1-size 1 --l2-size 2");
  EXPECT_EQ(limits.exit_code, 0);
  EXPECT_NE(limits.out.find("elements of L1, a PE has 1"), std::string::npos) << limits.out;
  EXPECT_NE(limits.out.find("elements of L2, the machine has 2"), std::string::npos) << limits.out;

  std::string strided = good_layer;
  strided.replace(strided.find("X 1 Y 1"), 7, "X 2 Y 2");
  folder_.write("s.m", strided);
  const program_result stride = evaluate("s.m");
  EXPECT_NE(stride.out.find("plausibility test 1 (macs) is off"), std::string::npos) << stride.out;
  EXPECT_NE(stride.out.find(" off  "), std::string::npos) << stride.out;
  EXPECT_EQ(json::parse(evaluate("s.m --format json").out)["layers"][0]["plausibility"]["macs"],
            "off");
}

TEST_F(evaluate_cli, cpu_gives_the_same_fitness_figures) {
  for (const char* table : {"gamma2", "gamma3", "sp2", "dsconv", "gemm"}) {
    for (const json& golden : sample(table, 80)) {
      SCOPED_TRACE(golden.at("id").get<std::string>());
      folder_.write("x.m", golden.at("mapping"));
      const std::string flags = "x.m --format json" + machine_flags(golden.at("hw"));
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

TEST_F(evaluate_cli, cpu_says_which_mappings_it_cannot_score) {
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

TEST_F(evaluate_cli, auto_gives_every_figure_of_the_reference) {
  folder_.write("x.m", two_layers);
  const program_result run = evaluate("x.m --format json --backend auto");
  EXPECT_EQ(run.exit_code, 3) << run.err;
  const json got = json::parse(run.out);
  const json expected = json::parse(evaluate("x.m --format json").out);
  EXPECT_EQ(got.at("layers"), expected.at("layers"));
  EXPECT_EQ(got.at("backend"), available_evaluators().back());
}

TEST_F(evaluate_cli, cuda_gives_every_figure_or_the_cause_why_not) {
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

TEST_F(evaluate_cli, bad_input_exits_1_with_a_message) {
  folder_.write("x.m", good_layer);
  folder_.write("broken.m", "Network {\n  Layr");
  const bad_input cases[] = {
      {"", "no mapping file given"},
      {"x.m x.m", "expected one mapping file"},
      {"none.m", "none.m: cannot be opened for reading"},
      {"broken.m", "broken.m:2:3: found \"Layr\", expected Layer or \"}\""},
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

TEST_F(evaluate_cli, model_file_without_mappings_is_rejected) {
  folder_.write("model.m", "Network n { Layer A { Type: FC Dimensions { K 2 C 2 } } }");
  const program_result run = evaluate("model.m --format json");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(json::parse(run.out)["layers"][0]["reasons"], json{"no Dataflow"});
}

TEST(cugamma_program, has_help_and_version) {
  const scratch_folder folder;
  const program_result help = run_program(folder, CUGAMMA_PROGRAM, "--help");
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("evaluate"), std::string::npos);
  EXPECT_TRUE(run_program(folder, CUGAMMA_PROGRAM, "--version").out.starts_with("cugamma "));
  const program_result evaluate_help = run_program(folder, CUGAMMA_PROGRAM, "evaluate --help");
  EXPECT_EQ(evaluate_help.exit_code, 0);
  EXPECT_NE(evaluate_help.out.find("--offchip-bw"), std::string::npos);
  const program_result none = run_program(folder, CUGAMMA_PROGRAM, "");
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_TRUE(none.err.starts_with("cugamma: no command given, expected one of: evaluate"))
      << none.err;
  const program_result unknown = run_program(folder, CUGAMMA_PROGRAM, "evalate x.m");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_TRUE(unknown.err.starts_with("cugamma: unknown command \"evalate\", expected one of: "))
      << unknown.err;
}

TEST(evaluation_writer, writes_non_finite_figures_as_strings) {
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
  EXPECT_EQ(metrics["input_reuse"], "inf");
  EXPECT_EQ(metrics["filter_reuse"], "-nan");
  EXPECT_EQ(metrics["output_reuse"], "nan");
  EXPECT_EQ(metrics["energy_nj"], 0.1);
  EXPECT_NE(cli::as_csv(e).find("0.10000000000000001"), std::string::npos);
}

}  // namespace
}  // namespace cugamma
