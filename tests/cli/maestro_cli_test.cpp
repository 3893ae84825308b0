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
    "Layer two { Type: FC Dimensions { K 4 C 3 } Dataflow { TemporalMap(1,1) K; } } }\n";
constexpr const char* illegal_mapping =
    "Network net { Layer two { Type: FC Dimensions { K 4 C 3 } Dataflow { TemporalMap(1,1) K; } } "
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
  EXPECT_EQ(result.err,
            "cugamma-maestro: layer two is illegal: bad structure: line 3, cluster level 0: no "
            "SpatialMap, expected 1 or 2\n");
  const auto lines = lines_of(csv());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], cli::maestro_csv_header());
  EXPECT_TRUE(lines[1].starts_with("net,1,7,")) << lines[1];
}

/// The figures that MAESTRO gives this file, and that the file gives with a tile of 3.
TEST_F(MaestroCli, ATileAboveItsDimensionIsCutWithAWarning) {
  folder_.write("x.m", R"(Network n {
  Layer first {
    Type: CONV
    Dimensions { K: 8, C: 3, R: 3, S: 3, Y: 18, X: 18 }
    Dataflow {
      SpatialMap(1,1) K;
      TemporalMap(8,8) C;
      TemporalMap(Sz(R),Sz(R)) R;
      TemporalMap(Sz(S),Sz(S)) S;
      TemporalMap(Sz(R),1) Y;
      TemporalMap(Sz(S),1) X;
      Cluster(8, P);
      SpatialMap(1,1) C;
    }
  }
})");
  folder_.write("hw.m",
                "num_pes: 256\nl1_size_cstr: 100\nl2_size_cstr: 3000\nnoc_bw_cstr: 1000\n"
                "offchip_bw_cstr: 50\n");
  const program_result result = run("--Mapping_file=x.m --HW_file=hw.m --print_res=false");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(
      result.err,
      "cugamma-maestro: warning: first: line 7, cluster level 0: TemporalMap(8,8) C is larger "
      "than C = 3 and is cut to it\n");
  const auto cells = cells_of(lines_of(csv()).at(1));
  EXPECT_EQ(cells.at(3), "2561");
  EXPECT_EQ(cells.at(4), "24.7744");
  EXPECT_EQ(cells.at(14), "500");
  EXPECT_EQ(cells.at(15), "54");
  EXPECT_EQ(cells.at(21), "55296");
  EXPECT_NE(run("--Mapping_file=x.m --HW_file=hw.m").out.find("first: line 7, cluster level 0: "),
            std::string::npos);
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
  EXPECT_EQ(result.err,
            "cugamma-maestro: layer two is illegal: bad structure: line 3, cluster level 0: no "
            "SpatialMap, expected 1 or 2\n");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x.csv"));
}

/// 36000 is what MAESTRO's CSV has, with the whole names and with names cut short.
constexpr const char* clustered_mapping = R"(
Network n {
  Layer a {
    Type: CONV
    Dimensions { N: 4, K: 8, C: 6, R: 3, S: 3, Y: 12, X: 12 }
    Dataflow {
      TemporalMap(2,2) N;
      SpatialMap(1,1) K;
      TemporalMap(3,3) C;
      TemporalMap(Sz(R),Sz(R)) R;
      TemporalMap(Sz(S),Sz(S)) S;
      TemporalMap(Sz(R),1) Y;
      TemporalMap(Sz(S),1) X;
      Cluster(3, P);
      SpatialMap(1,1) C;
    }
  }
})";

TEST_F(MaestroCli, TakesNamesCutShortAsMaestrosParserDoes) {
  folder_.write("x.m", clustered_mapping);
  for (const char* arguments :
       {"--Mapping_file=x.m --num_pes=64 --noc_hops=2 --noc_bw=7 --offchip_bw_cstr=3",
        "--Mapping_file x.m --num_p 64 --noc_hops 2 --noc_b 7 --off 3 --print_res_csv true",
        "--Map=x.m --num_pes=+64 --noc_hops=2 --noc_bw_cstr=7 --off=3 --l1_size=512 --l2=9"}) {
    SCOPED_TRACE(arguments);
    std::filesystem::remove(folder_ / "x.csv");
    const program_result result = run(std::string(arguments) + " --print_res=false");
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(cells_of(lines_of(csv()).at(1)).at(3), "36000");
  }
}

TEST_F(MaestroCli, ANameThatIsWholeIsNotAmbiguous) {
  folder_.write("x.m", clustered_mapping);
  EXPECT_EQ(run("--Mapping_file=x.m --print_res=false --print_res_csv=no").output(), "");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x.csv"));
  EXPECT_EQ(run("--Mapping_file=x.m --noc_hop=2").err,
            "cugamma-maestro: option --noc_hop is ambiguous, expected --noc_hops or "
            "--noc_hop_latency\n");
  EXPECT_EQ(run("--Mapping_file=x.m --print_r=1").err,
            "cugamma-maestro: option --print_r is ambiguous, expected --print_res or "
            "--print_res_csv_file\n");
}

TEST_F(MaestroCli, TakesEverySpellingOfABoolean) {
  folder_.write("x.m", mapping);
  const std::string options = "--Mapping_file=x.m --print_res_csv_file=false --print_res";
  for (const char* yes : {"=true", "=True", "=TRUE", "=yes", "=Yes", "=on", "=ON", "=1", " ''"}) {
    EXPECT_NE(run(options + yes).out, "") << yes;
  }
  for (const char* no : {"=false", "=False", "=FALSE", "=no", "=No", "=off", "=OFF", "=0", " 0"}) {
    const program_result result = run(options + no);
    EXPECT_EQ(result.exit_code, 3) << no << result.err;
    EXPECT_EQ(result.out, "") << no;
  }
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
      {"--Mapping_file=x.m --do_dse=2", "--do_dse: found \"2\", expected true or false"},
      {"--Mapping_file=x.m --num_pes=7x", "--num_pes: found \"7x\", expected a whole number"},
      {"--Mapping_file=x.m --num_pes=1e3", "--num_pes: found \"1e3\", expected a whole number"},
      {"--Mapping_file=x.m --area_con=a", "--area_constraint: found \"a\", expected a number"},
      {"--Mapping_file=x.m --num_pes=", "option --num_pes lacks its value"},
      {"--Mapping_file=x.m --num_pes", "option --num_pes lacks its value"},
      {"--num_pes --Mapping_file=x.m", "option --num_pes lacks its value"},
      {"--Mapping_file=x.m --noc_bw=3 --noc_bw_cstr=4", "option --noc_bw_cstr is given twice"},
      {"x.m", "found \"x.m\", expected --NAME=VALUE"},
      {"-m x.m", "found \"-m\", expected --NAME=VALUE"},
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
