// The exact model against its judge: the golden tables and the walk of the loop nest.
#include "models/exact/exact_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "models/exact/closed_genomes.hpp"
#include "models/exact/cpu/exact_scoring.hpp"
#include "models/exact/golden_cases.hpp"
#include "models/exact/random_cases.hpp"
#include "models/exact/walk.hpp"
#include "models/exact/walk_json.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

/// Compares every figure of a table with the model's column of that name, nested names joined by _.
void expect_figures(const report& r, const json& figures, const std::string& prefix = "") {
  for (const auto& [key, value] : figures.items()) {
    const std::string name = prefix.empty() ? key : prefix + "_" + key;
    if (value.is_structured()) {
      expect_figures(r, value, name);
      continue;
    }
    const auto got = find_value(exact_model, r, name);
    ASSERT_TRUE(got) << "no column " << name;
    const double expected = value;
    if (value.is_number_integer()) {
      EXPECT_EQ(*got, expected) << name;
    } else {
      EXPECT_NEAR(*got, expected, 1e-12 * std::abs(expected)) << name;
    }
  }
}

class ExactGolden : public testing::TestWithParam<golden_table> {};

TEST_P(ExactGolden, EveryFigureOfEveryCaseIsTheWalks) {
  for (const exact_golden_case& golden : read_exact_golden(GetParam())) {
    SCOPED_TRACE(golden.id);
    const report r = exact_model.explain(golden.l, golden.machine, golden.m);
    ASSERT_EQ(r.figures.status, 0u);
    expect_figures(r, golden.figures);
  }
}

INSTANTIATE_TEST_SUITE_P(All,
                         ExactGolden,
                         testing::Values(exact_small_table, exact_real_table),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ExactOptima, FiguresAreThePublishedOnes) {
  for (const exact_optimum& best : read_exact_optima()) {
    SCOPED_TRACE(best.layer_name + ", " + best.objective);
    const report r = exact_model.explain(best.l, exact_optima_machine(), best.m);
    ASSERT_EQ(r.figures.status, 0u);
    const json& walked = best.entry.at("walker");
    const double energy = walked.at("nj"), without_clusters = walked.at("nj0");
    EXPECT_EQ(r.figures.runtime_cycles, walked.at("cycles"));
    EXPECT_NEAR(r.figures.energy_nj, energy, 1e-12 * energy);
    EXPECT_NEAR(r.figures.second_energy_nj, without_clusters, 1e-12 * without_clusters);
    EXPECT_EQ(r.figures.l1_size_elems, walked.at("l1"));
    EXPECT_EQ(r.figures.l2_size_elems, walked.at("l2"));
  }
}

/// Random cases of every kind against the walk; seeds of different tests differ.
void expect_walk(std::uint64_t seed, int count) {
  for (int i = 0; i < count; ++i) {
    const exact_case c = random_exact_case(seed, static_cast<std::uint64_t>(i));
    const report r = exact_model.explain(c.l, c.a, c.m);
    ASSERT_EQ(r.figures.status, 0u) << i << ": " << c;
    const exact_walk w = walk(c.l, c.a, c.m);
    expect_figures(r, counts_of(w));
    ASSERT_NEAR(r.figures.energy_nj, w.energy_nj, 1e-12 * w.energy_nj);
    ASSERT_FALSE(testing::Test::HasFailure()) << i << ": " << c;
  }
}

TEST(ExactModel, IsTheWalkOnRandomMappings) { expect_walk(1, 5000); }

TEST(ExactModel, IsTheWalkOnAHundredThousandRandomMappings) { expect_walk(2, 100000); }

/// A mapping of a row of outputs onto clusters: the outer level has tiles of `outer` columns, the
/// inner one of `inner`, both parallel in X.
mapping columns_in_clusters(std::int32_t outer, std::int32_t inner, std::int32_t cluster_size) {
  mapping m;
  m.level_count = 2;
  m.levels[1].cluster_size = cluster_size;
  for (const int level : {0, 1}) {
    const std::int32_t tile = level == 0 ? outer : inner;
    m.levels[level].directive_count = 1;
    m.levels[level].directives[0] = {tile, tile, dimension::X, directive_kind::spatial, true, 0};
  }
  return m;
}

// Sub-clusters that no tile is left for change nothing, however many there are.
TEST(ExactModel, ManyMorePesThanTilesCostWhatJustEnoughDo) {
  layer l;
  l.size = {1, 1, 1, 2098173, 1, 1023, 1, 1};  // 2,097,151 columns of output
  accelerator many, enough;
  many.num_pes = std::numeric_limits<std::int32_t>::max();
  for (const auto& [outer, inner] :
       {std::pair{209715, 37859}, std::pair{2097151, 65536}, std::pair{1500000, 699051}}) {
    const std::int32_t tiles = (2097151 + outer - 1) / outer,
                       inner_tiles = (outer + inner - 1) / inner;
    enough.num_pes = tiles * inner_tiles;
    const cost c = exact_model.price(l, enough, columns_in_clusters(outer, inner, inner_tiles));
    EXPECT_EQ(c.status, 0u);
    EXPECT_EQ(c.num_macs, layer_macs(l));
    EXPECT_GT(c.energy_nj, c.second_energy_nj);
    for (const std::int32_t cluster_size : {inner_tiles, inner_tiles + 1, 32767, 65535}) {
      if (many.num_pes / cluster_size < tiles) continue;
      EXPECT_EQ(exact_model.price(l, many, columns_in_clusters(outer, inner, cluster_size)), c)
          << outer << " " << inner << " " << cluster_size;
    }
  }
}

TEST(ExactModel, ClustersOfClustersThatExceedThePesAreToldSo) {
  layer l;
  l.size = {8, 8, 8, 8, 1, 1, 1, 1};
  accelerator a;
  a.num_pes = std::numeric_limits<std::int32_t>::max();
  mapping m = columns_in_clusters(2, 1, 65535);
  m.level_count = 3;
  m.levels[2] = m.levels[1];
  EXPECT_EQ(exact_model.price(l, a, m).status, clusters_exceed_pes);
  m.levels[2].cluster_size = 32768;  // 65535 x 32768 is 32769 less than there are
  EXPECT_EQ(exact_model.price(l, a, m).status, 0u);
  a.num_pes = 65535 * 16384;
  EXPECT_EQ(exact_model.price(l, a, m).status, clusters_exceed_pes);
}

TEST(ExactModel, ScoresStridedLayersInBulkAsTheReferenceDoes) {
  random_stream random(3, 0, 0);
  const auto scoring = exact::make_scoring();
  for (int i = 0; i < 300; ++i) {
    const layer l = random_cases::strided_layer(random,
                                                i % 4 == 0 ? layer_type::dsconv : layer_type::conv,
                                                {i % 4 == 0 ? 1 : random.between(1, 20),
                                                 random.between(1, 20),
                                                 random.between(1, 20),
                                                 random.between(1, 20),
                                                 random.between(1, 4),
                                                 random.between(1, 4)});
    accelerator a = random_cases::draw_accelerator(random, 60);
    a.l1_size_elems = random.between(10, 400);
    a.l2_size_elems = random.between(100, 4000);
    std::vector<genome> genomes(64);
    for (genome& g : genomes) g = draw_closed(random, l, a);
    std::vector<cost> costs(genomes.size());
    scoring->prepare({&l, 1}, {&a, 1});
    scoring->score(genomes, costs);
    for (std::size_t g = 0; g < genomes.size(); ++g) {
      ASSERT_EQ(costs[g], exact_model.price(l, a, to_mapping(genomes[g], l)));
    }
  }
}

}  // namespace
}  // namespace cugamma
