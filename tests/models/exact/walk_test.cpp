#include "models/exact/walk.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "models/exact/golden_cases.hpp"
#include "models/exact/walk_json.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

void expect_figures(const exact_golden_case& golden) {
  const exact_walk w = walk(golden.l, golden.machine, golden.m);
  json counts = golden.figures;
  const double energy = counts.at("energy_nj");
  const double without_clusters = counts.at("energy_without_clusters_nj");
  counts.erase("energy_nj");
  counts.erase("energy_without_clusters_nj");

  EXPECT_EQ(counts_of(w), counts) << json::diff(counts, counts_of(w));
  EXPECT_NEAR(w.energy_nj, energy, 1e-12 * energy);
  EXPECT_NEAR(w.energy_without_clusters_nj, without_clusters, 1e-12 * without_clusters);
}

TEST(ExactWalk, EveryFigureOfThe720SmallGoldenCases) {
  for (const exact_golden_case& golden : read_exact_golden(exact_small_table)) {
    SCOPED_TRACE(golden.id);
    expect_figures(golden);
  }
}

bool has_macs(const exact_golden_case& golden, std::int64_t macs) {
  return layer_macs(golden.l) == macs;
}

TEST(ExactWalk, EveryFigureOfThe14RealGoldenCasesOf3MillionMacs) {
  int walked = 0;
  for (const exact_golden_case& golden : read_exact_golden(exact_real_table)) {
    if (!has_macs(golden, 3484800)) continue;
    SCOPED_TRACE(golden.id);
    expect_figures(golden);
    ++walked;
  }
  EXPECT_EQ(walked, 14);
}

// All 42 take a minute; these are the 14 of 26 million MACs, and of the 14 of 85 million one of
// each NoC.
TEST(ExactWalk, EveryFigureOf16LargerRealGoldenCases) {
  int walked = 0;
  std::set<std::int32_t> largest_walked;
  for (const exact_golden_case& golden : read_exact_golden(exact_real_table)) {
    if (has_macs(golden, 3484800)) continue;
    if (has_macs(golden, 85162752) && !largest_walked.insert(golden.machine.noc_bw).second)
      continue;
    SCOPED_TRACE(golden.id);
    expect_figures(golden);
    ++walked;
  }
  EXPECT_EQ(walked, 16);
}

TEST(ExactWalk, FiguresOfTheOptimaOf3MillionMacs) {
  int walked = 0;
  for (const exact_optimum& optimum : read_exact_optima()) {
    if (layer_macs(optimum.l) != 3484800) continue;
    SCOPED_TRACE(optimum.objective);
    const exact_walk w = walk(optimum.l, exact_optima_machine(), optimum.m);
    const json& expected = optimum.entry.at("walker");
    EXPECT_EQ(w.macs, expected.at("macs"));
    EXPECT_EQ(w.runtime_cycles, expected.at("cycles"));
    EXPECT_EQ(w.l1_size_elems, expected.at("l1"));
    EXPECT_EQ(w.l2_size_elems, expected.at("l2"));
    EXPECT_NEAR(w.energy_nj, expected.at("nj"), 1e-12 * w.energy_nj);
    EXPECT_NEAR(w.energy_without_clusters_nj, expected.at("nj0"), 1e-12 * w.energy_nj);
    ++walked;
  }
  EXPECT_EQ(walked, 4);
}

}  // namespace
}  // namespace cugamma
