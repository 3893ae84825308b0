#include "mapping/operators/breeding.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/models/cost_model.hpp"
#include "mapping/operators/child.hpp"
#include "mapping/operators/seeding.hpp"
#include "models/maestro/legality.hpp"
#include "small_problems.hpp"

namespace cugamma {
namespace {

const std::vector<layer>& layers() {
  using enum layer_type;
  static const std::vector<layer> all{make_layer(conv, 64, 3, 224, 224, 3, 3),
                                      make_layer(conv, 17, 13, 19, 23, 3, 5),
                                      make_layer(conv, 96, 3, 227, 227, 11, 11),
                                      make_layer(conv, 5, 7, 3, 3, 3, 3),
                                      make_layer(conv, 4096, 25088, 1, 1, 1, 1),
                                      make_layer(conv, 1, 1, 1, 1, 1, 1),
                                      make_layer(dsconv, 1, 32, 112, 112, 3, 3),
                                      make_layer(gemm, 768, 768, 512, 1, 1, 1),
                                      make_layer(gemm, 1, 4096, 1, 1, 1, 1)};
  return all;
}

std::vector<space_options> option_sets() {
  return {{},
          {.levels_min = 1, .levels_max = 3},
          {.levels_min = 3, .levels_max = 3, .parallel_rs = true},
          {.levels_min = 1, .levels_max = 2, .parallel_rs = true, .factors_only = true},
          {.cluster_size = 12}};
}

void expect_order(const genome& g, int level) {
  std::set<dimension> seen;
  for (int p = 0; p < gene_dimension_count; ++p) seen.insert(order(g, level, p));
  EXPECT_EQ(seen.size(), std::size_t{gene_dimension_count});
}

void expect_level(const genome& g, const search_space& space, int level) {
  const level_rule& rule = space.levels[level];
  expect_order(g, level);
  EXPECT_TRUE(contains(rule.parallel, index_of(parallel(g, level))));
  EXPECT_TRUE(contains(rule.second_parallel, second_parallel(g, level)));
  for (int p = 0; p < rule.fixed_positions; ++p) {
    EXPECT_EQ(order(g, level, p), rule.order_prefix[p]);
  }
  for (int i = 0; i < gene_dimension_count; ++i) {
    const auto d = static_cast<dimension>(i);
    const int_range range = allowed_tiles(g, space, level, d);
    EXPECT_LE(tile(g, level, d), range.high);
    EXPECT_GE(tile(g, level, d), space.factors_only ? 1 : range.low);
    EXPECT_EQ(space.factors_only ? tile_above(g, space, level, d) % tile(g, level, d) : 0, 0);
  }
  if (level == 0) return;
  EXPECT_GE(cluster_size(g, level), rule.cluster.low);
  EXPECT_LE(cluster_size(g, level), rule.cluster.high);
}

/// Every promise that repair makes about a genome.
void expect_member(const genome& g, const search_space& space, const accelerator& a) {
  accelerator machine = a;
  machine.num_pes = pes_of(g, machine);
  EXPECT_EQ(check_legality(space.target, machine, to_mapping(g, space.target)), 0u);
  EXPECT_GE(level_count(g), space.levels_min);
  EXPECT_LE(level_count(g), space.levels_max);
  for (int level = 0; level < level_count(g); ++level) expect_level(g, space, level);
  genome cleared = g;
  clear_unused_levels(cleared);
  EXPECT_EQ(cleared, g);
}

std::vector<genome> first_population(const search_space& space, int size) {
  std::vector<genome> out;
  for (int i = 0; i < size; ++i) {
    random_stream random(1, 0, static_cast<std::uint64_t>(i));
    out.push_back(i % 2 == 0 ? draw_fitting(space, {}, random) : draw_guided(space, {}, random));
  }
  return out;
}

/// Breeds 60 generations of 40 without selection, checking every individual.
void expect_all_bred_are_members(const search_space& space, const accelerator& a) {
  const breeding_plan plan = make_breeding_plan(space, {});
  std::vector<genome> population = first_population(space, 40);
  for (std::uint32_t generation = 1; generation <= 60; ++generation) {
    std::vector<genome> children;
    for (std::uint64_t i = 0; i < population.size(); ++i) {
      random_stream random(1, generation, i);
      children.push_back(breed(population, plan, random));
    }
    population = children;
    for (const genome& g : population) expect_member(g, space, a);
    ASSERT_FALSE(testing::Test::HasFailure()) << "generation " << generation;
  }
}

// 9 layers x 5 option sets x 61 generations x 40 individuals: 109,800 genomes.
TEST(Breeding, EveryIndividualIsLegalAndInTheSpace) {
  for (std::size_t l = 0; l < layers().size(); ++l) {
    for (std::size_t o = 0; o < option_sets().size(); ++o) {
      SCOPED_TRACE("layer " + std::to_string(l) + ", options " + std::to_string(o));
      const accelerator a = small_machine();
      const search_space space = make_search_space(layers()[l], a, option_sets()[o]);
      for (const genome& g : first_population(space, 40)) expect_member(g, space, a);
      expect_all_bred_are_members(space, a);
    }
  }
}

TEST(Breeding, ConstrainedSpacesHold) {
  using enum dimension;
  const accelerator a = small_machine();
  search_space space = make_search_space(layers()[1], a, {.levels_min = 1, .levels_max = 3});
  space.levels[0].parallel = mask_of(K);
  space.levels[0].second_parallel = mask_of(Y) | mask_of(X);
  space.levels[1].parallel = mask_of(C);
  space.levels[1].cluster = {1, 64, index_of(C)};
  space.levels[1].fixed_positions = 3;
  space.levels[1].order_prefix = {C, Y, X};
  space.levels[1].tiles[index_of(C)] = {1, 1};
  space.levels[1].tiles[index_of(K)].same_as_above = index_of(K);
  space.levels[1].tiles[index_of(Y)].same_as_above = index_of(R);
  space.levels[2].tiles[index_of(X)] = {2, 5};
  check(space);
  expect_all_bred_are_members(space, a);
}

TEST(Breeding, SearchedPesStayInTheirRange) {
  const accelerator a = small_machine();
  search_space space = make_search_space(layers()[0], a, {.levels_min = 1, .levels_max = 3});
  space.search_pes = true;
  space.pes_min = 1;
  space.pes_max = 1024;
  std::set<std::int32_t> seen;
  for (const genome& g : first_population(space, 40)) {
    expect_member(g, space, a);
    EXPECT_GE(own_pes(g), 1);
    EXPECT_LE(own_pes(g), 1024);
    seen.insert(own_pes(g));
  }
  EXPECT_GT(seen.size(), 20u);
  expect_all_bred_are_members(space, a);
}

TEST(Breeding, FittedChildrenKeepToTheBuffers) {
  const accelerator a = small_machine();
  const search_space space = make_search_space(layers()[0], a);
  for (const genome& g : first_population(space, 500)) {
    EXPECT_LE(l1_need(g, space), a.l1_size_elems);
    EXPECT_LE(l2_need(g, space), a.l2_size_elems);
  }
}

TEST(Breeding, FittedChildrenKeepToTheClusterBuffers) {
  accelerator a = small_machine();
  for (const std::int64_t limit : {64, 400, 3000}) {
    a.cluster_buffer_elems = limit;
    for (const space_options& options : {space_options{}, {.levels_min = 3, .levels_max = 3}}) {
      search_space space = make_search_space(layers()[1], a, options);
      space.counts_exact_sizes = true;
      for (const genome& g : first_population(space, 300)) {
        const cost c = find_cost_model("exact").price(space.target, a, to_mapping(g, space.target));
        EXPECT_LE(c.cluster_buffer_elems, limit);
        EXPECT_EQ(c.status & exceeds_cluster_buffer, 0u);
      }
    }
  }
}

TEST(Breeding, AChildIsAFunctionOfItsCoordinates) {
  const search_space space = make_search_space(layers()[0], small_machine());
  const breeding_plan plan = make_breeding_plan(space, {});
  const std::vector<genome> parents = first_population(space, 8);
  for (std::uint64_t i = 0; i < 100; ++i) {
    random_stream a(5, 9, i);
    random_stream b(5, 9, i);
    EXPECT_EQ(breed(parents, plan, a), breed(parents, plan, b));
  }
}

using word = std::uint32_t;

/// The genome with the loops that take a single step moved innermost, in the order of their
/// dimensions.
genome canonical(const genome& g, const search_space& space) {
  genome out = g;
  for (int level = 0; level < level_count(g); ++level) {
    const auto moves = [&](dimension d) {
      return tile(g, level, d) < tile_above(g, space, level, d);
    };
    int place = 0;
    for (int p = 0; p < gene_dimension_count; ++p) {
      if (moves(order(g, level, p))) set_order(out, level, place++, order(g, level, p));
    }
    for (int i = 0; i < gene_dimension_count; ++i) {
      const auto d = static_cast<dimension>(i);
      if (!moves(d)) set_order(out, level, place++, d);
    }
  }
  return out;
}

TEST(Operators, CrossoverTakesOneDimensionOnAllLevels) {
  genome a;
  genome b;
  set_level_count(a, 3);
  for (int level = 0; level < 3; ++level) {
    for (int d = 0; d < gene_dimension_count; ++d) {
      set_tile(a, level, static_cast<dimension>(d), 1 + level);
      set_tile(b, level, static_cast<dimension>(d), 100 + level);
    }
  }
  const auto other = std::bit_cast<operators::packed<word>>(b);
  for (word crossed = 0; crossed < gene_dimension_count; ++crossed) {
    auto words = std::bit_cast<operators::packed<word>>(a);
    const word at = operators::crossed_bytes(crossed) / sizeof(word);
    operators::cross(words, crossed, other[at], other[at + 1]);
    const auto child = std::bit_cast<genome>(words);
    for (int level = 0; level < 3; ++level) {
      for (int d = 0; d < gene_dimension_count; ++d) {
        EXPECT_EQ(tile(child, level, static_cast<dimension>(d)),
                  index_of(static_cast<dimension>(crossed)) == d ? 100 + level : 1 + level);
      }
    }
  }
}

TEST(Operators, PackingUndoesUnpacking) {
  const search_space space = make_search_space(layers()[0], small_machine(), option_sets()[2]);
  for (const genome& g : first_population(space, 100)) {
    const auto words = std::bit_cast<operators::packed<word>>(g);
    EXPECT_EQ(operators::pack(operators::unpack<operators::any_levels>(words), space), words);
  }
}

TEST(Operators, ExchangeTradesParallelDimensionsAndNothingElse) {
  using enum dimension;
  const search_space space = make_search_space(layers()[0], small_machine());
  random_stream random(1, 0, 0);
  genome before = draw_random(space, random);
  set_parallel(before, 0, K, index_of(Y));
  set_parallel(before, 1, C);
  auto genes =
      operators::unpack<operators::two_levels>(std::bit_cast<operators::packed<word>>(before));
  operators::exchange_parallel(genes, true, word{0});
  genome expected = before;
  set_parallel(expected, 0, C);
  set_parallel(expected, 1, K, index_of(Y));
  EXPECT_EQ(std::bit_cast<genome>(operators::pack(genes, space)), expected);
}

TEST(Operators, ExchangedOrdersDifferInTwoPlaces) {
  const word order = 0543210;
  EXPECT_EQ(operators::exchanged<word>(order, 0, 15), word{0043215});
  EXPECT_EQ(operators::exchanged<word>(order, 6, 6), order);
  level_rule rule;
  rule.fixed_positions = 2;
  rule.order_prefix = {dimension::S, dimension::C};
  EXPECT_EQ(operators::with_prefix(order, rule), word{0043215});
}

TEST(Operators, EveryDivisorIsDrawnAlikeAndNothingElse) {
  const breeding_plan plan = make_breeding_plan(make_search_space(layers()[0], {}), {});
  random_stream random(3, 0, 0);
  for (const word n : {1u, 2u, 7u, 12u, 168u, 4096u, 65535u}) {
    std::map<word, int> seen;
    for (int i = 0; i < 16000; ++i) {
      ++seen[operators::random_divisor(plan.cluster_divisors, n, random.next())];
    }
    for (const auto& [divisor, count] : seen) EXPECT_EQ(n % divisor, 0u) << n;
    if (n != 168) continue;
    EXPECT_EQ(seen.size(), 16u);
    for (const auto& [divisor, count] : seen) EXPECT_NEAR(count, 1000, 150) << divisor;
  }
}

TEST(Operators, GuidedSizesStayInTheirRange) {
  random_stream random(5, 0, 0);
  for (int i = 0; i < 100000; ++i) {
    const word n = 1 + random.word_below(i % 2 == 0 ? 40 : max_tile);
    const word low = 1 + random.word_below(n);
    const auto draw = operators::draw_size(random, chance_of(0.5));
    const word size = operators::random_size({low, n}, 1 + random.word_below(n), n, true, draw);
    ASSERT_GE(size, low);
    ASSERT_LE(size, n);
  }
}

TEST(Identity, SingleStepLoopsHaveNoPlace) {
  using enum dimension;
  const search_space space = make_search_space(layers()[0], small_machine());
  random_stream random(1, 0, 0);
  genome a = draw_random(space, random);
  while (tile(a, 0, K) == space.bound[0] || tile(a, 0, C) == space.bound[1]) {
    a = draw_random(space, random);
  }
  const auto swapped = [&](dimension one, dimension other) {
    genome b = a;
    for (int p = 0; p < gene_dimension_count; ++p) {
      const dimension d = order(a, 0, p);
      if (d == one || d == other) set_order(b, 0, p, d == one ? other : one);
    }
    EXPECT_NE(a, b);
    return identity_of(b, space);
  };
  EXPECT_EQ(identity_of(a, space), swapped(R, S));
  EXPECT_NE(identity_of(a, space), swapped(K, C));
  genome b = a;
  set_tile(b, 1, K, tile(a, 1, K) + 1);
  EXPECT_NE(identity_of(a, space), identity_of(b, space));
}

// Any two of 200,000 that differ in one tile, order, head or cluster size, or in all of them.
TEST(Identity, DifferentIndividualsDifferAlmostSurely) {
  for (const layer& l : {layers()[0], layers()[7]}) {
    const search_space space = make_search_space(l, small_machine());
    std::vector<genome> population = first_population(space, 2000);
    random_stream random(1, 1, 0);
    while (population.size() < 100000) {
      genome g = population[random.below(static_cast<std::int32_t>(population.size()))];
      const auto d = static_cast<dimension>(random.below(4));
      set_tile(g, random.below(2), d, random.between(1, space.bound[index_of(d)]));
      population.push_back(g);
    }
    std::set<std::array<word, 16>> different;
    std::set<std::uint64_t> identities;
    std::set<word> halves;
    for (const genome& g : population) {
      different.insert(std::bit_cast<std::array<word, 16>>(canonical(g, space)));
      identities.insert(identity_of(g, space));
      halves.insert(static_cast<word>(identity_of(g, space)));
    }
    EXPECT_EQ(identities.size(), different.size());
    EXPECT_NEAR(static_cast<double>(halves.size()), static_cast<double>(different.size()), 20);
  }
}

TEST(SearchSpace, RefusesContradictions) {
  const accelerator a = small_machine();
  EXPECT_THROW(make_search_space(layers()[0], a, {.levels_min = 0}), input_error);
  EXPECT_THROW(make_search_space(layers()[0], a, {.levels_min = 3, .levels_max = 2}), input_error);
  EXPECT_THROW(make_search_space(layers()[0], a, {.levels_max = 4}), input_error);
  EXPECT_THROW(make_search_space(layers()[0], a, {.cluster_size = 169}), input_error);
  EXPECT_THROW(
      make_search_space(layers()[0], a, {.levels_min = 3, .levels_max = 3, .cluster_size = 14}),
      input_error);
  layer grouped = layers()[0];
  grouped[dimension::G] = 2;
  EXPECT_THROW(make_search_space(grouped, a), input_error);
}

TEST(SearchSpace, OffersOnlyDimensionsThatCanBeSpread) {
  using enum dimension;
  const accelerator a = small_machine();
  EXPECT_EQ(make_search_space(layers()[4], a).levels[0].parallel, mask_of(K) | mask_of(C));
  EXPECT_EQ(make_search_space(layers()[6], a).levels[0].parallel,
            mask_of(C) | mask_of(Y) | mask_of(X));
  EXPECT_EQ(make_search_space(layers()[5], a).levels[0].parallel, 0x0f);
}

}  // namespace
}  // namespace cugamma
