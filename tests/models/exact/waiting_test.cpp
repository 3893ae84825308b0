// The runtime of two levels whose steps wait for a NoC, as SIMD lanes work it out, against the walk
// over classes of steps that knows more levels.
#include <gtest/gtest.h>

#include "models/exact/chained/price.hpp"
#include "models/exact/closed_genomes.hpp"
#include "models/exact/cpu/exact_scoring.hpp"
#include "models/exact/waiting/waiting_runtime.hpp"
#include "models/host_scoring.hpp"
#include "models/two_level/decode.hpp"

namespace cugamma {
namespace {

/// A NoC and a bus so narrow that most steps wait for them.
accelerator draw_narrow(random_stream& random) {
  accelerator a = random_cases::draw_accelerator(random, 60);
  a.noc_bw = random.between(1, 12);
  a.offchip_bw = random.between(1, 24);
  return a;
}

/// Cycles of a mapping by the classes of any nest.
std::int64_t walked(const layer& l, const accelerator& a, const genome& g) {
  const auto layer_row = exact::chained::make_layer_row(l);
  const auto machine = exact::chained::make_accelerator_row(a);
  exact::chained::nest n;
  EXPECT_EQ(exact::chained::read_nest(g, layer_row.sizes, a.num_pes, n), 0u);
  return exact::chained::class_runtime(n, layer_row.rules, layer_row.grids, machine.speeds);
}

std::int64_t without_branches(const layer& l, const accelerator& a, const genome& g) {
  core::two_level_genes<double> genes;
  EXPECT_TRUE(core::decode(g, core::make_gene_context(l), a.num_pes, genes));
  return static_cast<std::int64_t>(
      exact::waiting::runtime_of(genes,
                                 exact::make_closed_layer<double>(l),
                                 exact::waiting::make_noc_speeds<double>(a)));
}

TEST(WaitingRuntime, IsThatOfTheClassesOfAnyNest) {
  int types[3] = {};
  for (std::uint64_t i = 0; i < 4000; ++i) {
    random_stream random(3, 0, i);
    const layer l = random_cases::draw_layer(random, i % 4 == 0 ? 500000 : 2000);
    const accelerator a = draw_narrow(random);
    ++types[static_cast<int>(l.type)];
    for (int j = 0; j < 10; ++j) {
      const genome g = draw_closed(random, l, a);
      ASSERT_EQ(without_branches(l, a, g), walked(l, a, g)) << exact_case{l, a, to_mapping(g, l)};
    }
  }
  for (const int count : types) EXPECT_GT(count, 300);
}

// Mappings of a register have other classes of steps than their neighbours.
TEST(WaitingRuntime, IsTheSameInRegistersOfDifferentMappings) {
  const auto scoring = exact::make_scoring();
  for (std::uint64_t i = 0; i < 200; ++i) {
    random_stream random(3, 1, i);
    const layer l = random_cases::draw_layer(random, 100000);
    const accelerator a = draw_narrow(random);
    std::vector<genome> genomes(host_scoring::most_at_once);
    for (genome& g : genomes) g = draw_closed(random, l, a);
    std::vector<cost> costs(genomes.size());
    scoring->prepare({&l, 1}, {&a, 1});
    scoring->score(genomes, costs);
    for (std::size_t g = 0; g < genomes.size(); ++g) {
      ASSERT_EQ(costs[g].runtime_cycles, walked(l, a, genomes[g]))
          << exact_case{l, a, to_mapping(genomes[g], l)};
    }
  }
}

// A start over a NoC of so many hops takes more cycles than a lane can count.
TEST(WaitingRuntime, IsExactWhereLanesAreNot) {
  const auto scoring = exact::make_scoring();
  random_stream random(3, 2, 0);
  const layer l = random_cases::draw_layer(random, 500);
  accelerator a = draw_narrow(random);
  std::vector<genome> genomes(50);
  for (genome& g : genomes) g = draw_closed(random, l, a);
  std::vector<cost> costs(genomes.size());
  for (const std::int32_t latency : {1 << 20, 1 << 25, 2147483647}) {
    a.noc_hops = 1 << 20;
    a.noc_hop_latency = latency;
    scoring->prepare({&l, 1}, {&a, 1});
    scoring->score(genomes, costs);
    for (std::size_t g = 0; g < genomes.size(); ++g) {
      ASSERT_EQ(costs[g].runtime_cycles, walked(l, a, genomes[g])) << latency;
    }
  }
}

}  // namespace
}  // namespace cugamma
