// The passes that the device runs over families, run by the same templates on the host.
#include "families/family_passes.hpp"

#include <gtest/gtest.h>
#include <thrust/execution_policy.h>

#include "evaluate/family_cases.hpp"
#include "evaluate/ranking_cases.hpp"

namespace cugamma {
namespace {

TEST(FamilyPasses, NumbersStandForTheMappingsOfAllFamilies) {
  const ranking_case c = make_ranking_case(300, 3);
  const order_table table = every_order();
  const std::vector<order_family> families = draw_families(c.genomes, 4);
  const std::vector<genome> expected = mappings_of(families, table);
  std::vector<std::uint64_t> first;
  std::uint64_t all = 0;
  for (const order_family& f : families) {
    first.push_back(all);
    all += size_of(f);
  }
  ASSERT_EQ(all, expected.size());
  const auto count = static_cast<std::uint32_t>(families.size());
  const family_input in{families.data(), first.data(), count, &table};
  std::vector<genome> made(100);
  for (std::uint64_t from = 0; from < all; from += made.size()) {
    const auto part = static_cast<std::uint32_t>(std::min<std::uint64_t>(all - from, made.size()));
    write_mappings(thrust::host, in, from, part, made.data());
    for (std::uint32_t i = 0; i < part; ++i) ASSERT_EQ(made[i], expected[from + i]) << from + i;
  }
}

TEST(FamilyPasses, TheBestOfPartsIsTheFirstOfTheBest) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    const ranking_case c = make_ranking_case(1 + seed * 31, seed);
    for (const objective by : {objective::latency, objective::edp, objective::l1_size}) {
      keyed_number best;
      for (std::size_t from = 0; from < c.genomes.size(); from += 50) {
        const auto part =
            static_cast<std::uint32_t>(std::min<std::size_t>(c.genomes.size() - from, 50));
        const key_of_scored key{by, c.accelerators.data(), &c.genomes[from], &c.costs[from], from};
        best = best_number(thrust::host, key, part, best);
      }
      const auto expected = first_best(c.genomes, c.costs, c.accelerators, by);
      ASSERT_EQ(best.key != keyed_number{}.key, expected.has_value());
      if (expected) {
        EXPECT_EQ(best.number, expected->number) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace cugamma
