#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cugamma/models/cost_model.hpp"
#include "models/maestro/golden_cases.hpp"
#include "models/maestro/maestro_columns.hpp"
#include "models/maestro/reference/reference_model.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

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

class GoldenLegal : public testing::TestWithParam<golden_table> {};

TEST_P(GoldenLegal, EveryColumnOfEveryCaseIsMaestros) {
  for (const golden_case& golden : read_golden(GetParam())) {
    SCOPED_TRACE(golden.id);
    const named_mapping layer = golden_layer(golden);
    EXPECT_EQ(layer_macs(layer.l), golden.layer_macs);
    const maestro_report r = evaluate_reference(layer.l, golden.machine, *layer.m);
    ASSERT_TRUE(is_legal(r.figures.status)) << testing::PrintToString(reasons(r.figures.status));

    const json& expected = golden.columns;
    ASSERT_EQ(expected.size(), static_cast<std::size_t>(maestro_column_count));
    for (int i = 0; i < maestro_column_count; ++i) {
      EXPECT_TRUE(matches(expected[i], maestro_columns[i].value(r)))
          << maestro_columns[i].column.name << ": got " << maestro_columns[i].value(r)
          << ", MAESTRO has " << expected[i];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, GoldenLegal, testing::ValuesIn(golden_legal_tables), table_name);

TEST(Golden, EveryIllegalCaseIsRejectedForExactlyItsReasons) {
  for (const golden_case& golden : read_golden(golden_illegal_table)) {
    SCOPED_TRACE(golden.id);
    const named_mapping layer = golden_layer(golden);
    const maestro_report r = evaluate_reference(layer.l, golden.machine, *layer.m);
    std::vector<std::string> got = reasons(r.figures.status);
    std::vector<std::string> expected = golden.reasons;
    std::ranges::sort(got);
    std::ranges::sort(expected);
    EXPECT_EQ(got, expected);
    EXPECT_EQ(r.figures.runtime_cycles, 0);
  }
}

TEST(Golden, ColumnsAreNamedAndOrderedAsMaestros) {
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
