#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/models/cost_model.hpp"
#include "models/maestro/maestro_columns.hpp"
#include "models/maestro/reference/reference_model.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

struct golden_file {
  const char* name;
  std::size_t case_count;
};

const std::string golden_folder = CUGAMMA_SOURCE_DIR "/tests/models/maestro/golden/";

std::vector<json> read_cases(const std::string& name) {
  std::ifstream in(golden_folder + name + ".jsonl");
  std::vector<json> cases;
  for (std::string line; std::getline(in, line);) cases.push_back(json::parse(line));
  return cases;
}

accelerator hardware_of(const json& hw) {
  accelerator a;
  a.num_pes = hw.at("num_pes");
  a.noc_bw = hw.at("noc_bw");
  a.noc_hops = hw.at("noc_hops");
  a.noc_hop_latency = hw.at("noc_hop_latency");
  a.offchip_bw = hw.at("offchip_bw");
  a.simd_lanes = hw.at("simd_lanes");
  return a;
}

named_mapping layer_of(const json& golden) {
  const mapping_file file = parse_mapping_file(golden.at("mapping").get<std::string>(), "golden.m");
  EXPECT_EQ(file.layers.size(), 1u);
  EXPECT_TRUE(file.layers[0].m.has_value());
  return file.layers[0];
}

/// Whole columns are equal, the others within 1e-9; "nan", "-nan" and "inf" are names of values.
bool matches(const json& expected, double got) {
  if (expected.is_string()) {
    const std::string name = expected;
    if (name.ends_with("nan")) return std::isnan(got);
    return std::isinf(got) && std::signbit(got) == name.starts_with('-');
  }
  if (expected.is_number_integer()) return static_cast<double>(expected.get<long long>()) == got;
  const double value = expected;
  return std::abs(got - value) <= 1e-9 * std::abs(value);
}

class golden_legal : public testing::TestWithParam<golden_file> {};

TEST_P(golden_legal, every_column_of_every_case_is_maestros) {
  const std::vector<json> cases = read_cases(GetParam().name);
  ASSERT_EQ(cases.size(), GetParam().case_count);
  for (const json& golden : cases) {
    SCOPED_TRACE(golden.at("id").get<std::string>());
    const named_mapping layer = layer_of(golden);
    ASSERT_TRUE(layer.m.has_value());
    EXPECT_EQ(layer_macs(layer.l), golden.at("layer_macs").get<std::int64_t>());
    const maestro_report r = evaluate_reference(layer.l, hardware_of(golden.at("hw")), *layer.m);
    ASSERT_TRUE(is_legal(r.figures.status)) << testing::PrintToString(reasons(r.figures.status));

    const json& expected = golden.at("expect");
    ASSERT_EQ(expected.size(), static_cast<std::size_t>(maestro_column_count));
    for (int i = 0; i < maestro_column_count; ++i) {
      EXPECT_TRUE(matches(expected[i], maestro_columns[i].value(r)))
          << maestro_columns[i].column.name << ": got " << maestro_columns[i].value(r)
          << ", MAESTRO has " << expected[i];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(all,
                         golden_legal,
                         testing::Values(golden_file{"gamma1", 197},
                                         golden_file{"gamma2", 799},
                                         golden_file{"gamma3", 287},
                                         golden_file{"freers", 165},
                                         golden_file{"sp2", 168},
                                         golden_file{"dsconv", 222},
                                         golden_file{"gemm", 303},
                                         golden_file{"directives", 608}),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(golden, every_illegal_case_is_rejected_for_exactly_its_reasons) {
  const std::vector<json> cases = read_cases("illegal");
  ASSERT_EQ(cases.size(), 933u);
  for (const json& golden : cases) {
    SCOPED_TRACE(golden.at("id").get<std::string>());
    const named_mapping layer = layer_of(golden);
    ASSERT_TRUE(layer.m.has_value());
    const maestro_report r = evaluate_reference(layer.l, hardware_of(golden.at("hw")), *layer.m);
    std::vector<std::string> got = reasons(r.figures.status);
    std::vector<std::string> expected = golden.at("illegal");
    std::ranges::sort(got);
    std::ranges::sort(expected);
    EXPECT_EQ(got, expected);
    EXPECT_EQ(r.figures.runtime_cycles, 0);
  }
}

TEST(golden, columns_are_named_and_ordered_as_maestros) {
  std::ifstream in(golden_folder + "columns.json");
  const json columns = json::parse(in).at("columns");
  ASSERT_EQ(columns.size(), static_cast<std::size_t>(maestro_column_count));
  for (int i = 0; i < maestro_column_count; ++i) {
    EXPECT_EQ(maestro_columns[i].column.name, columns[i].get<std::string>());
  }
  EXPECT_EQ(maestro_columns[maestro_column_count].column.name, "energy_nj");
}

}  // namespace
}  // namespace cugamma
