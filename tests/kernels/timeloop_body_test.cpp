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

/// Compares simple mappings; the rows of four threads lie side by side, as in the memory of a
/// block. Returns how many there are.
template <int Tensors, class Factor>
std::size_t compare_simple(const architecture& a, const problem& p, std::uint32_t count) {
  const closed::tables t = closed::make_tables(a, p);
  if (!t.may_be_simple) return 0;
  const std::vector<genome> genomes = draw_population(t.shape, count);
  const std::vector<cost> expected = costs_of(scorer(a, p), genomes);
  std::vector<cost> costs(genomes.size());
  const score_input in{genomes.data(), costs.data(), nullptr, nullptr, count};
  std::vector<std::max_align_t> memory(simple::thread_rows<Factor>::bytes(t.shape, 4));
  return count - run_threads(costs, expected, [&](std::uint32_t i) {
           const simple::thread_rows<Factor> rows(t.shape, memory.data(), 4, (i + 1) % 4);
           return score_simple<Tensors>(in, t, i, rows);
         });
}

TEST(TimeloopKernelBody, GivesTheScorersCostsOfSimpleMappings) {
  const problem conv = make_conv({3, 3, 28, 28, 24, 48, 1}, 2, 1), gemm = make_gemm(64, 96, 128);
  const problem long_gemm = make_gemm(1 << 17, 96, 12);
  EXPECT_GT((compare_simple<3, std::uint16_t>(rows_machine(), conv, 3000)), 2000);
  EXPECT_GT((compare_simple<3, std::int32_t>(rows_machine(), conv, 3000)), 2000);
  EXPECT_EQ((compare_simple<3, std::uint16_t>(rows_machine(), gemm, 3000)), 3000);
  EXPECT_EQ((compare_simple<3, std::int32_t>(rows_machine(), long_gemm, 3000)), 3000);
  EXPECT_EQ((compare_simple<4, std::uint16_t>(rows_machine(), make_mttkrp(), 3000)), 3000);
  EXPECT_GT((compare_simple<4, std::int32_t>(deep_machine(), gemm, 3000)), 500);
}

TEST(TimeloopKernelBody, HasRoomForAWarpOnAnyDevice) {
  genome_shape s;
  s.num_dimensions = max_dimensions;
  s.num_tensors = max_tensors;
  s.num_levels = max_levels;
  s.num_places = max_places;
  EXPECT_LE(simple::thread_rows<std::int32_t>::bytes(s, 32), 48 * 1024);
}

TEST(TimeloopKernelBody, GivesTheScorersCostsOfSimpleMappingsOfAnyAccelerator) {
  const problem problems[] = {make_conv({3, 5, 8, 9, 4, 6, 2}, 1, 1),
                              make_conv({4, 3, 12, 6, 6, 4, 1}, 2, 2)};
  std::mt19937_64 random(29);
  std::size_t compared = 0;
  for (int i = 0; i < 200; ++i) {
    architecture a = draw_architecture(random);
    for (storage_level& l : a.levels) {
      l.router_pj = 0;
      l.energy_per_hop_pj = 0;
    }
    compared += compare_simple<3, std::uint16_t>(a, problems[i % 2], 20);
    compared += compare_simple<max_tensors, std::int32_t>(a, draw_problem(random), 20);
  }
  EXPECT_GT(compared, 1000);
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
