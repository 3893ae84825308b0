// What a thread of the kernel for Timeloop's model does, run by a loop on the host; and the whole
// on a device, where there is one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>
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

/// Runs a kernel's threads one after the other: body(i) scores mapping i or leaves it over. Returns
/// how many are left.
template <class Body>
std::size_t run_threads(std::span<const cost> costs, std::span<const cost> expected, Body body) {
  std::size_t left = 0;
  for (std::uint32_t i = 0; i < costs.size(); ++i) {
    if (!body(i)) {
      ++left;
    } else {
      EXPECT_EQ(costs[i], expected[i]) << i;
    }
  }
  return left;
}

TEST(TimeloopKernelBody, GivesTheScorersCostsOrLeavesThemOver) {
  const problem p = make_conv({3, 3, 28, 28, 24, 48, 1}, 1, 1);
  for (const architecture& a : {rows_machine(), wired_machine(), deep_machine()}) {
    const closed::tables t = closed::make_tables(a, p);
    const std::vector<genome> genomes = draw_population(t.shape, 3000);
    const std::vector<cost> expected = costs_of(scorer(a, p), genomes);
    std::vector<cost> costs(genomes.size());
    const score_input in{genomes.data(), costs.data(), nullptr, nullptr, 3000};
    const std::size_t left =
        run_threads(costs, expected, [&](std::uint32_t i) { return score_closed(in, t, i); });
    EXPECT_LT(left, genomes.size() / 10);
    EXPECT_EQ(std::ranges::count(costs, cost{}), left);
  }
}

/// The rows of four threads lie side by side, as in the memory of a block.
template <int Tensors, class Factor>
void expect_scorers_costs_of_simple(const architecture& a,
                                    const problem& p,
                                    std::size_t most_left) {
  const closed::tables t = closed::make_tables(a, p);
  ASSERT_TRUE(t.may_be_simple);
  const std::vector<genome> genomes = draw_population(t.shape, 3000);
  const std::vector<cost> expected = costs_of(scorer(a, p), genomes);
  std::vector<cost> costs(genomes.size());
  const score_input in{genomes.data(), costs.data(), nullptr, nullptr, 3000};
  std::vector<std::max_align_t> memory(device_rows<Factor>::bytes(t.shape, 4));
  const std::size_t left = run_threads(costs, expected, [&](std::uint32_t i) {
    return score_simple<Tensors>(in,
                                 t,
                                 i,
                                 device_rows<Factor>(t.shape, memory.data(), 4, (i + 1) % 4));
  });
  EXPECT_LE(left, most_left);
}

TEST(TimeloopKernelBody, GivesTheScorersCostsOfSimpleMappings) {
  const problem conv = make_conv({3, 3, 28, 28, 24, 48, 1}, 2, 1), gemm = make_gemm(64, 96, 128);
  expect_scorers_costs_of_simple<3, std::uint16_t>(rows_machine(), conv, 1000);
  expect_scorers_costs_of_simple<3, std::int32_t>(rows_machine(), conv, 1000);
  expect_scorers_costs_of_simple<3, std::uint16_t>(rows_machine(), gemm, 0);
  expect_scorers_costs_of_simple<4, std::uint16_t>(rows_machine(), make_mttkrp(), 0);
  expect_scorers_costs_of_simple<4, std::int32_t>(deep_machine(), gemm, 2500);
  expect_scorers_costs_of_simple<3, std::int32_t>(rows_machine(), make_gemm(1 << 17, 96, 12), 0);
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
