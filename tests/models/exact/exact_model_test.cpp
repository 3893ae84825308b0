// The exact model against its judge: the golden tables and the walk of the loop nest.
#include "models/exact/exact_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
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
