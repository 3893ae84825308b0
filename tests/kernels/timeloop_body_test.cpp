// What a thread of the kernel for Timeloop's model does, run by a loop on the host; and the whole
// on a device, where there is one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/models/timeloop/device_scoring.hpp"
#include "models/timeloop/cases.hpp"
#include "timeloop/score_body.hpp"

namespace cugamma::timeloop {
namespace {

std::vector<genome> draw_population(const genome_shape& s, std::size_t count) {
  std::mt19937_64 random(count);
  std::vector<genome> genomes;
  for (std::size_t i = 0; i < count; ++i) genomes.push_back(draw_genome(random, s));
  return genomes;
}

std::vector<cost> costs_of(const scorer& s, const std::vector<genome>& genomes) {
  std::vector<cost> costs(genomes.size());
  s.score(genomes, costs);
  return costs;
}

TEST(TimeloopKernelBody, GivesTheScorersCostsOrLeavesThemOver) {
  const problem p = make_conv({3, 3, 28, 28, 24, 48, 1}, 1, 1);
  for (const architecture& a : {rows_machine(), wired_machine(), deep_machine()}) {
    const closed::tables t = closed::make_tables(a, p);
    const std::vector<genome> genomes = draw_population(t.shape, 3000);
    const std::vector<cost> expected = costs_of(scorer(a, p), genomes);
    std::vector<cost> costs(genomes.size());
    const score_input in{genomes.data(), costs.data(), &t, nullptr, 3000};
    std::size_t left = 0;
    for (std::uint32_t i = 0; i < in.count; ++i) {
      if (score_one(in, i)) {
        EXPECT_EQ(costs[i], expected[i]) << i;
      } else {
        EXPECT_EQ(costs[i], cost{}) << i;
        ++left;
      }
    }
    EXPECT_LT(left, genomes.size() / 10);
  }
}

bool has_device() {
  const auto all = available_evaluators();
  return std::ranges::find(all, "cuda") != all.end();
}

TEST(TimeloopDevice, RefusesWhereThereIsNone) {
  if (has_device()) GTEST_SKIP() << "there is a device";
  EXPECT_THROW(device_scorer(rows_machine(), make_gemm(8, 8, 8)), backend_error);
}

TEST(TimeloopDevice, HasTheBitsOfTheHost) {
  if (!has_device()) {
    const char* required = std::getenv("CUGAMMA_REQUIRE_GPU");
    if (required != nullptr && std::string(required) == "1") FAIL() << "no device";
    GTEST_SKIP() << "no device";
  }
  const problem problems[] = {make_conv({3, 3, 28, 28, 24, 48, 1}, 1, 1), make_gemm(64, 96, 128)};
  for (const problem& p : problems) {
    for (const architecture& a : {rows_machine(), wired_machine(), deep_machine()}) {
      device_scorer device(a, p);
      const scorer host(a, p);
      for (const std::size_t count : {0, 1, 31, 32, 33, 100000}) {
        const std::vector<genome> genomes = draw_population(host.shape(), count);
        std::vector<cost> costs(count);
        device.score(genomes, costs);
        EXPECT_EQ(costs, costs_of(host, genomes)) << count;
      }
    }
  }
}

}  // namespace
}  // namespace cugamma::timeloop
