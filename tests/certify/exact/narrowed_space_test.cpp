// Optima of spaces that rules on tiles and loop orders narrow, under the exact cost model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "certify/exact/problems.hpp"

namespace cugamma {
namespace {

const std::vector<objective> goals = {objective::latency, objective::energy, objective::edp};

/// A space with some rules: fixed tiles, ranges, the tile above, that of R above, begun orders, few
/// cluster sizes and parallel dimensions.
search_space narrowed(search_space s, random_stream& random) {
  for (int level = 0; level < 2; ++level) {
    level_rule& rule = s.levels[static_cast<std::size_t>(level)];
    for (int d = 0; d < 4; ++d) {
      tile_rule& tile = rule.tiles[static_cast<std::size_t>(d)];
      const std::int32_t low = random.between(1, s.bound[static_cast<std::size_t>(d)]);
      switch (random.below(6)) {
        case 0:
          tile = {low, low};
          break;
        case 1:
          tile.low = low;
          break;
        case 2:
          tile.high = low;
          break;
        case 3:
          if (random.below(2) == 0) tile.same_as_above = level == 0 ? random.below(6) : d;
          break;
        case 4:
          if (random.below(2) == 0) tile.at_most_tile_of = random.between(4, 5);
          break;
        default:
          break;
      }
    }
    std::vector<int> order{0, 1, 2, 3, 4, 5};
    for (int i = 5; i > 0; --i)
      std::swap(order[static_cast<std::size_t>(i)],
                order[static_cast<std::size_t>(random.below(i + 1))]);
    rule.fixed_positions = static_cast<std::uint8_t>(random.below(3) == 0 ? 0 : random.below(7));
    for (std::size_t i = 0; i < rule.fixed_positions; ++i) {
      rule.order_prefix[i] = static_cast<dimension>(order[i]);
    }
  }
  if (random.below(3) == 0) s.levels[1].cluster.low = random.between(1, s.pes_max);
  if (random.below(3) == 0) s.levels[1].cluster.high = random.between(1, s.pes_max);
  s.levels[1].cluster.high = std::max(s.levels[1].cluster.high, s.levels[1].cluster.low);
  return s;
}

/// As search_space.hpp defines the rules.
bool obeys_tiles(const search_space& s, const genome& g, int level, int d) {
  const tile_rule& rule =
      s.levels[static_cast<std::size_t>(level)].tiles[static_cast<std::size_t>(d)];
  const auto above_of = [&](int of) {
    return level == 0 ? s.bound[static_cast<std::size_t>(of)]
                      : tile(g, 0, static_cast<dimension>(of));
  };
  const std::int32_t t = tile(g, level, static_cast<dimension>(d));
  const std::int32_t above = above_of(d);
  if (rule.same_as_above != no_dimension) return t == std::min(above, above_of(rule.same_as_above));
  std::int32_t high = std::min(rule.high, above);
  if (rule.at_most_tile_of != no_dimension) high = std::min(high, above_of(rule.at_most_tile_of));
  return t >= std::min(rule.low, high) && t <= high;
}

/// Loops of dimensions of one index may stand anywhere.
bool obeys_order(const search_space& s, const genome& g, int level) {
  const level_rule& rule = s.levels[static_cast<std::size_t>(level)];
  const auto counts = [&](dimension d) {
    return index_of(d) < 4 && s.bound[static_cast<std::size_t>(index_of(d))] > 1;
  };
  std::vector<dimension> loops, begins;
  for (int i = 0; i < gene_dimension_count; ++i) {
    if (counts(order(g, level, i))) loops.push_back(order(g, level, i));
  }
  for (std::size_t i = 0; i < rule.fixed_positions; ++i) {
    if (counts(rule.order_prefix[i])) begins.push_back(rule.order_prefix[i]);
  }
  return std::equal(begins.begin(), begins.end(), loops.begin());
}

bool obeys(const search_space& s, const genome& g) {
  for (int level = 0; level < 2; ++level) {
    if (!obeys_order(s, g, level)) return false;
    for (int d = 0; d < 4; ++d) {
      if (!obeys_tiles(s, g, level, d)) return false;
    }
  }
  const cluster_rule& clusters = s.levels[1].cluster;
  const std::int32_t cluster = cluster_size(g, 1);
  return cluster >= std::min(clusters.low, s.pes_max) && cluster <= clusters.high;
}

class ExactNarrowedSpaces : public testing::TestWithParam<int> {};

TEST_P(ExactNarrowedSpaces, AgreeWithPlainEnumeration) {
  int with_mappings = 0;
  for (int i = 0; i < 15; ++i) {
    const auto number = static_cast<std::uint64_t>(GetParam() * 15 + i);
    const small_problem small = random_small_problem(5, number, 1e6);
    SCOPED_TRACE(testing::Message() << number << ": " << small);
    random_stream random(9, 1, number);
    const search_space space = narrowed(make_search_space(small.l, small.a), random);
    const std::vector<double> least =
        enumerate_least(small, goals, [&](const genome& g) { return obeys(space, g); });
    if (std::isfinite(least[0])) ++with_mappings;
    for (std::size_t g = 0; g < goals.size(); ++g) {
      SCOPED_TRACE(name_of(goals[g]));
      certify_problem p = whole_problem(small.l, small.a, goals[g]);
      p.space.levels = space.levels;
      ASSERT_FALSE(exact_engine.obstacle(p));
      const proven found = prove_exactly(p);
      EXPECT_EQ(found.upper, least[g]);
      EXPECT_EQ(found.lower, found.upper);
      if (found.best) {
        EXPECT_TRUE(obeys(space, *found.best));
      }
    }
  }
  EXPECT_GE(with_mappings, 5);
}

INSTANTIATE_TEST_SUITE_P(SmallLayers, ExactNarrowedSpaces, testing::Range(0, 8));

}  // namespace
}  // namespace cugamma
