// The passes that rank on the device, run by the same templates on the host.
#include "rank_passes.hpp"

#include <gtest/gtest.h>
#include <thrust/execution_policy.h>

#include "evaluate/ranking_cases.hpp"

namespace cugamma {
namespace {

using enum objective;

std::vector<ranked_mapping> rank_by_passes(const ranking_case& c,
                                           const ranking_rule& rule,
                                           std::size_t count) {
  const std::uint32_t n = static_cast<std::uint32_t>(c.genomes.size());
  std::vector<std::uint64_t> keys(n);
  std::vector<std::uint32_t> order(n);
  std::vector<std::uint8_t> duplicate(n);
  const rank_input in{c.accelerators.data(), c.genomes.data(), c.costs.data(), n, rule};
  const rank_scratch at{keys.data(), order.data(), duplicate.data()};
  rank_population(thrust::host, in, at);
  const std::uint32_t most = static_cast<std::uint32_t>(std::min<std::size_t>(count, n));
  std::vector<std::uint32_t> indices(most);
  std::vector<cost> costs(most);
  take_best(thrust::host, in, at, most, indices.data(), costs.data());
  return ranked_mappings(indices, costs);
}

TEST(RankPasses, EqualTheHostRanking) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    const ranking_case c = make_ranking_case(1 + seed * 97, seed);
    for (const auto& objectives :
         std::vector<std::vector<objective>>{{latency},
                                             {throughput, l2_size},
                                             {pe, energy, l1_size, latency}}) {
      const ranking_rule rule = make_ranking_rule(objectives);
      for (const std::size_t count : {1ul, 10ul, c.genomes.size()}) {
        EXPECT_EQ(rank_by_passes(c, rule, count), rank_best(c.as_batch(), c.costs, rule, count))
            << "seed " << seed << ", best " << count;
      }
    }
  }
}

TEST(RankPasses, DuplicatesAreFoundByComparingNotByHash) {
  ranking_case c = make_ranking_case(4, 1);
  for (genome& g : c.genomes) set_tile(g, 1, dimension::C, 5);
  c.genomes[2] = c.genomes[0];
  std::vector<std::uint64_t> keys(4, 42);  // every hash the same
  std::vector<std::uint32_t> order{0, 1, 2, 3};
  std::vector<std::uint8_t> duplicate(4);
  for (std::uint32_t i = 0; i < 4; ++i) set_tile(c.genomes[i], 0, dimension::X, i == 2 ? 1 : i + 1);
  const rank_input in{c.accelerators.data(), c.genomes.data(), c.costs.data(), 4, {}};
  const rank_scratch at{keys.data(), order.data(), duplicate.data()};
  for (std::uint32_t place = 0; place < 4; ++place) mark_duplicate{in, at}(place);
  EXPECT_EQ(duplicate, (std::vector<std::uint8_t>{0, 0, 1, 0}));
}

}  // namespace
}  // namespace cugamma
