#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/maestro/maestro_csv.hpp"
#include "cli/program.hpp"
#include "models/maestro/golden_cases.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  return cells;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string flags_of(const json& hw) {
  const auto number = [&](const char* name) { return hw.at(name).dump(); };
  return " --num_pes=" + number("num_pes") + " --noc_bw_cstr=" + number("noc_bw") +
         " --noc_hops=" + number("noc_hops") + " --noc_hop_latency=" + number("noc_hop_latency") +
         " --offchip_bw_cstr=" + number("offchip_bw") + " --num_simd_lanes=" + number("simd_lanes");
}

/// As a C++ stream prints it by default.
std::string six_digits(const json& value) {
  if (value.is_number_integer()) return value.dump();
  char text[64];
  std::snprintf(text, sizeof text, "%.6g", value.get<double>());
  return text;
}

const std::string quiet = " --print_res=false --print_res_csv_file=true --print_log_file=false";

constexpr const char* mapping =
    "Network a net {\nLayer Conv2d-1 { Type: FC Dimensions { K 4 C 3 } Dataflow { SpatialMap(1,1) "
    "K; } }\n"
    "Layer two { Type: FC Dimensions { K 4 C 3 } Dataflow { SpatialMap(5,5) K; } } }\n";
constexpr const char* illegal_mapping =
    "Network net { Layer two { Type: FC Dimensions { K 4 C 3 } Dataflow { SpatialMap(5,5) K; } } "
    "}\n";

class MaestroCli : public testing::Test {
 protected:
  program_result run(const std::string& arguments) const {
    return run_program(folder_, CUGAMMA_MAESTRO_PROGRAM, arguments);
  }
  std::string csv() const { return text_of(folder_ / "x.csv"); }
  scratch_folder folder_;
};

TEST_F(MaestroCli, WritesTheGoldenFiguresWithSixDigits) {
  for (const golden_table& table : golden_legal_tables) {
    for (const golden_case& golden : read_golden(table, 60)) {
      SCOPED_TRACE(golden.id);
      folder_.write("x.m", golden.mapping_text);
      std::filesystem::remove(folder_ / "x.csv");
      const program_result result = run("--Mapping_file=x.m" + quiet + flags_of(golden.hardware));
      ASSERT_EQ(result.exit_code, 0) << result.err;
      EXPECT_EQ(result.out, "");
      const auto lines = lines_of(csv());
      ASSERT_EQ(lines.size(), 2u);
      const auto cells = cells_of(lines[1]);
      ASSERT_EQ(cells.size(), 3 + golden.columns.size());
      EXPECT_EQ(cells[2], golden.hardware.at("num_pes").dump());
      for (std::size_t c = 0; c < golden.columns.size(); ++c) {
        const std::string blank = c < 24 ? "" : " ";
        EXPECT_EQ(cells[3 + c], blank + six_digits(golden.columns[c])) << "column " << c;
      }
    }
  }
}

/// The names under which scripts made for MAESTRO look columns up, blanks included.
TEST_F(MaestroCli, HeaderHasTheColumnsThatScriptsRead) {
  const auto columns = cells_of(cli::maestro_csv_header());
  EXPECT_EQ(columns.size(), 52u);
  for (const char* name : {"Neural Network Name",
                           " Layer Number",
                           " NumPEs",
                           " Runtime (Cycles)",
                           " Throughput (MACs/Cycle)",
                           " Activity count-based Energy (nJ)",
                           " Area",
                           " Power",
                           " L1 SRAM Size Req (Bytes)",
                           "  L2 SRAM Size Req (Bytes)",
                           " input l1 read",
                           " input l1 write",
                           "filter l1 read",
                           " filter l1 write",
                           "output l1 read",
                           " output l1 write",
                           " input l2 read",
                           " input l2 write",
                           " filter l2 read",
                           " filter l2 write",
                           " output l2 read",
                           " output l2 write",
                           " Num MACs",
                           "Ingress Delay (Min)",
                           "Avg number of utilized PEs",
                           " Arithmetic Intensity"}) {
    EXPECT_EQ(std::ranges::count(columns, name), 1) << name;
  }
}

TEST_F(MaestroCli, AnIllegalLayerHasAMessageAndNoRow) {
  folder_.write("x.m", mapping);
  const program_result result = run("--Mapping_file=x.m" + quiet);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.err, "cugamma-maestro: layer two is illegal: tile exceeds dim\n");
  const auto lines = lines_of(csv());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], cli::maestro_csv_header());
  EXPECT_TRUE(lines[1].starts_with("net,1,7,")) << lines[1];
}

TEST_F(MaestroCli, AppendsToACsvAndMakesNoneWithoutARow) {
  folder_.write("x.m", illegal_mapping);
  EXPECT_EQ(run("--Mapping_file=x.m" + quiet).exit_code, 3);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x.csv"));
  folder_.write("x.m", mapping);
  run("--Mapping_file=x.m" + quiet);
  run("--Mapping_file x.m" + quiet);
  const auto lines = lines_of(csv());
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[1], lines[2]);
}

TEST_F(MaestroCli, AcceptsAllOfMaestrosOptions) {
  folder_.write("x.m", mapping);
  const program_result result = run(
      "--Mapping_file=x.m --print_res=false --print_res_csv_file=false --print_log_file=false "
      "--msg_print_lv=0 "
      "--dataflow_file=a --layer_file=b --noc_mc_support=true --top_bw_only=false --bw_sweep=false "
      "--do_implicit_reduction=true --do_fg_sync=false --do_reduction_op=true --full_buffer=false "
      "--do_dse=false "
      "--verbose=false --print_design_space=false --print_space=false --l1_size_cstr=512 "
      "--l2_size_cstr=108000 "
      "--min_num_PEs=1 --min_noc_bw=1 --max_num_PEs=2 --max_noc_bw=2 --pe_tick=1 --bw_tick=1 "
      "--area_constraint=1.5 --power_constraint=2.5 --optimization_target=runtime --noc_hops=1");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.err, "cugamma-maestro: layer two is illegal: tile exceeds dim\n");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x.csv"));
}

TEST_F(MaestroCli, AHardwareFileOverridesTheOptions) {
  folder_.write("x.m", mapping);
  folder_.write("hw.m", "num_pes: 3\nnoc_bw_cstr: 5\n");
  run("--Mapping_file=x.m --HW_file=hw.m --num_pes=9" + quiet);
  EXPECT_EQ(cells_of(lines_of(csv()).at(1)).at(2), "3");
}

TEST_F(MaestroCli, PrintsATableUnlessToldNotTo) {
  folder_.write("x.m", mapping);
  EXPECT_NE(run("--Mapping_file=x.m").out.find("Conv2d-1"), std::string::npos);
}

TEST_F(MaestroCli, BadInputExits1WithAMessage) {
  folder_.write("x.m", mapping);
  const std::pair<std::string, std::string> cases[] = {
      {"", "no mapping file given, expected --Mapping_file=FILE"},
      {"--Mapping_file=y.m", "y.m: cannot be opened for reading"},
      {"--Mapping_file=x.m --num_pes=0", "--num_pes: found 0, expected 1 or more"},
      {"--Mapping_file=x.m --print_res=maybe",
       "--print_res: found \"maybe\", expected true or false"},
      {"--Mapping_file=x.m --bw_sweep=true", "--bw_sweep=true is not supported"},
      {"--Mapping_file=x.m --wings=2", "wings"},
  };
  for (const auto& [arguments, message] : cases) {
    SCOPED_TRACE(arguments);
    const program_result result = run(arguments);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(result.err.starts_with("cugamma-maestro: ")) << result.err;
    EXPECT_NE(result.err.find(message), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "x.csv"));
  }
}

TEST(MaestroCsv, IsNamedAfterTheMappingFile) {
  EXPECT_EQ(cli::maestro_csv_name("x.m"), "x.csv");
  EXPECT_EQ(cli::maestro_csv_name("data/mapping/x.m"), "x.csv");
  EXPECT_EQ(cli::maestro_csv_name("../a.b/123.456.m"), "123.csv");
}

}  // namespace
}  // namespace cugamma
