// The exact model of genomes of any levels, as back ends score what the two-level closed form
// leaves over, against the reference.
#include <gtest/gtest.h>

#include "cugamma/formats/mapping_file.hpp"
#include "models/exact/any_genomes.hpp"
#include "models/exact/chained/idle_held.hpp"
#include "models/exact/chained/price.hpp"
#include "models/exact/cpu/exact_scoring.hpp"
#include "models/exact/exact_model.hpp"
#include "models/exact/general_form.hpp"
#include "models/exact/scored_genomes.hpp"

namespace cugamma {
namespace {

/// How many mappings of legal nests were compared.
using legal_counts = std::array<int, max_genome_levels + 1>;

accelerator draw_machine(random_stream& random) {
  accelerator a = random_cases::draw_accelerator(random, 200);
  if (random.below(2) == 0) {
    const accelerator wide;
    a.noc_bw = wide.noc_bw;
    a.offchip_bw = wide.offchip_bw;
    a.noc_hops = a.noc_hop_latency = a.simd_lanes = 1;
  }
  a.l1_size_elems = random.between(10, 400);
  a.l2_size_elems = random.between(100, 4000);
  return a;
}

void expect_reference(const layer& l, const accelerator& a, const genome& g, legal_counts& n) {
  const auto layer_row = exact::chained::make_layer_row(l);
  const auto accelerator_row = exact::chained::make_accelerator_row(a);
  cost got;
  if (!exact::chained::score(g, layer_row, accelerator_row, got)) got = exact::price(g, l, a);
  const cost expected = exact_model.price(l, a, to_mapping(g, l));
  n[static_cast<std::size_t>(level_count(g))] += is_legal(expected.status) ? 1 : 0;
  ASSERT_EQ(got, expected) << exact_case{l, a, to_mapping(g, l)};
}

class RandomChains : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomChains, CostWhatTheReferenceSays) {
  legal_counts counts{};
  for (std::uint64_t i = 0; i < 1250; ++i) {
    random_stream random(GetParam(), 1, i);
    const layer l = random_cases::draw_layer(random, 3000);
    const accelerator a = draw_machine(random);
    for (int j = 0; j < 10; ++j) {
      const genome g = draw_any_levels(random, l, j % 5 == 0);
      expect_reference(l, a, g, counts);
      ASSERT_FALSE(HasFatalFailure()) << "layer " << i;
    }
  }
  for (int levels = 1; levels <= max_genome_levels; ++levels) {
    EXPECT_GT(counts[static_cast<std::size_t>(levels)], 1000) << levels;
  }
}

// In registers of lanes, whatever their levels; what lanes cannot express falls to the others.
TEST_P(RandomChains, CostTheSameInBulk) {
  const auto scoring = exact::make_scoring();
  for (std::uint64_t i = 0; i < 100; ++i) {
    random_stream random(GetParam(), 2, i);
    const layer l = random_cases::draw_layer(random, 20000);
    const accelerator a = draw_machine(random);
    std::vector<genome> genomes(static_cast<std::size_t>(random.between(1, 100)));
    for (genome& g : genomes) {
      g = draw_any_levels(random, l, random.below(8) == 0);
      if (random.below(4) == 0) set_own_pes(g, random.between(1, 50));
    }
    expect_costs_of_model(*scoring, l, a, genomes);
    ASSERT_FALSE(HasFatalFailure());
  }
}

/// What is known without a look at the sub-clusters is what such a look finds, and most of the
/// time it is known.
TEST(Chained, WhatIsHeldIsKnownAsAWalkCountsIt) {
  using namespace exact::chained;
  int known = 0, lacking = 0, held = 0, far = 0;
  for (std::uint64_t i = 0; i < 400'000; ++i) {
    random_stream random(7, 3, i);
    cut_numbers n{static_cast<extent>(random.between(1, 40)), {}, {}};
    for (int level = 0; level < most_levels; ++level) {
      n.tile[level] = static_cast<extent>(random.between(1, level == 0 ? 40 : 12));
      n.units[level] =
          random.below(2) == 0 ? 1 : static_cast<extent>(random.between(1, level == 0 ? 3 : 9));
    }
    const exact::row_grid<extent> g{static_cast<extent>(random.between(1, 2)),
                                    static_cast<extent>(random.between(0, 3))};
    const chain c = chain_of_cuts(n);
    if (is_far_after_move(c, g)) {
      const held_elements walked = held_after_move(c, g);
      ASSERT_EQ(walked.by_units, 0u) << i;
      ASSERT_EQ(walked.by_all, 0u) << i;
      ++far;
    }
    if (c.cuts[0][0].steps == 1 || is_far_after_restart(c, g)) continue;
    const known_held<extent> found = known_after_restart(c, g);
    ++(found.is_known ? known : lacking);
    if (!found.is_known) continue;
    const held_elements walked = held_after_restart(c, g);
    ASSERT_EQ(found.held.by_units, walked.by_units) << i;
    ASSERT_EQ(found.held.by_all, walked.by_all) << i;
    held += walked.by_units > 0 ? 1 : 0;
  }
  EXPECT_GT(held, 10'000);
  EXPECT_GT(far, 10'000);
  EXPECT_GT(known, lacking);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomChains, testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace cugamma
