#include "cugamma/evaluate/ranking.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "cugamma/error.hpp"
#include "evaluate/ranking_cases.hpp"

namespace cugamma {
namespace {

using enum objective;

// The definition, written without sorting: how many distinct mappings stand before each.
bool stands_before(const ranking_case& c, const ranking_rule& rule, std::size_t i, std::size_t k) {
  const auto where_i = rank_class_of(c.costs[i].status, rule);
  const auto where_k = rank_class_of(c.costs[k].status, rule);
  if (where_i != where_k) return where_i < where_k;
  for (int o = 0; where_i != rank_class::illegal && o < rule.objective_count; ++o) {
    const auto of = [&](std::size_t n) {
      const genome& g = c.genomes[n];
      const accelerator& a = c.accelerators[g.accelerator_index];
      const scored_mapping m{c.costs[n], a, pes_of(g, a)};
      return value(rule.objectives[o], m);
    };
    if (of(i) != of(k)) return of(i) < of(k);
  }
  return i < k;
}

bool is_duplicate(const ranking_case& c, std::size_t i) {
  const auto earlier = std::span(c.genomes).first(i);
  return std::ranges::find(earlier, c.genomes[i]) != earlier.end();
}

std::vector<ranked_mapping> rank_by_definition(const ranking_case& c, const ranking_rule& rule) {
  std::vector<ranked_mapping> out;
  std::vector<std::size_t> rank(c.genomes.size());
  for (std::size_t i = 0; i < c.genomes.size(); ++i) {
    if (is_duplicate(c, i)) continue;
    std::size_t place = 0;
    for (std::size_t k = 0; k < c.genomes.size(); ++k) {
      place += !is_duplicate(c, k) && stands_before(c, rule, k, i);
    }
    if (out.size() <= place) out.resize(place + 1);
    out[place] = {static_cast<std::uint32_t>(i), c.costs[i]};
  }
  return out;
}

TEST(Ranking, FollowsItsDefinition) {
  const std::vector<std::vector<objective>> lists{{latency},
                                                  {latency, energy},
                                                  {throughput, l1_size, l2_size},
                                                  {pe, latency, edp, area}};
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const ranking_case c = make_ranking_case(1 + seed * 7, seed);
    for (const auto& objectives : lists) {
      const ranking_rule rule = make_ranking_rule(objectives);
      const auto expected = rank_by_definition(c, rule);
      EXPECT_EQ(rank_best(c.as_batch(), c.costs, rule, c.genomes.size()), expected)
          << "seed " << seed;
    }
  }
}

TEST(Ranking, FewerAreAPrefixOfMore) {
  const ranking_case c = make_ranking_case(1000, 1);
  const ranking_rule rule = make_ranking_rule(std::array{latency, energy});
  const auto all = rank_best(c.as_batch(), c.costs, rule, 1000);
  EXPECT_LT(all.size(), 1000u);
  for (const std::size_t count : {0ul, 1ul, 7ul, 64ul, 200ul}) {
    const auto best = rank_best(c.as_batch(), c.costs, rule, count);
    ASSERT_EQ(best.size(), count);
    EXPECT_TRUE(std::equal(best.begin(), best.end(), all.begin()));
  }
}

TEST(Ranking, ObjectiveListsAreBounded) {
  EXPECT_THROW(make_ranking_rule({}), input_error);
  EXPECT_THROW(make_ranking_rule(std::vector(5, latency)), input_error);
}

TEST(Ranking, OrderedBitsOrderAsTheNumbers) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> rising{-infinity, -1e300, -1.5, -5e-324, 0, 5e-324, 1, 1.5, infinity};
  for (std::size_t i = 1; i < rising.size(); ++i) {
    EXPECT_LT(ordered_bits(rising[i - 1]), ordered_bits(rising[i]));
  }
  EXPECT_EQ(ordered_bits(-0.0), ordered_bits(0.0));
  EXPECT_GT(ordered_bits(std::numeric_limits<double>::quiet_NaN()), ordered_bits(infinity));
}

}  // namespace
}  // namespace cugamma
