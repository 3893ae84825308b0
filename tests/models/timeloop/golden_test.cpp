#include <gtest/gtest.h>

#include <cmath>

#include "cugamma/models/timeloop/explain.hpp"
#include "formats/timeloop/output/figures_json.hpp"
#include "models/timeloop/golden_cases.hpp"

namespace cugamma::timeloop {
namespace {

using nlohmann::json;

/// Counts, cycles, words and truths are equal, energies, hops and accesses, which may be fractions,
/// to 1e-12.
bool is_same_number(const json& expected, const json& got) {
  if (expected == got) return true;
  if (!expected.is_number() || !got.is_number_float()) return false;
  const auto value = expected.get<double>();
  return std::abs(got.get<double>() - value) <= 1e-12 * std::abs(value);
}

/// The places where two trees of figures differ.
void find_differences(const json& expected,
                      const json& got,
                      const std::string& path,
                      std::string& differences) {
  if (expected.is_structured() && expected.type() == got.type() && expected.size() == got.size()) {
    for (const auto& [key, value] : expected.items()) {
      const json inner = got.is_array()      ? got.at(std::stoul(key))
                         : got.contains(key) ? got.at(key)
                                             : json();
      find_differences(value, inner, path + "/" + key, differences);
    }
    return;
  }
  if (is_same_number(expected, got)) return;
  differences += path + ": expected " + expected.dump() + ", got " + got.dump() + "\n";
}

figures figures_of(const golden_case& golden) {
  if (golden.mapped.why == rejection::none) {
    return explain(golden.machine, golden.layer, golden.mapped.loops);
  }
  figures f;
  f.why = golden.mapped.why;
  return f;
}

class TimeloopGolden : public testing::TestWithParam<golden_table> {};

TEST_P(TimeloopGolden, EveryFigureIsTimeloops) {
  for (const golden_case& golden : read_golden(GetParam())) {
    std::string differences;
    const json got = figures_json(golden.machine, golden.layer, figures_of(golden));
    find_differences(golden.figures, got, "", differences);
    EXPECT_EQ(differences, "") << golden.id << " " << golden.mapped.reason;
  }
}

INSTANTIATE_TEST_SUITE_P(Tables, TimeloopGolden, testing::ValuesIn(golden_tables), table_name);

TEST(TimeloopGolden, RejectionsNameTheRuleAndTheLevel) {
  for (const golden_case& golden : read_golden(golden_invalid_table)) {
    json got = figures_json(golden.machine, golden.layer, figures_of(golden));
    json expected = golden.figures;
    expected.erase("text");
    EXPECT_EQ(got, expected) << golden.id << " " << golden.mapped.reason;
  }
}

}  // namespace
}  // namespace cugamma::timeloop
