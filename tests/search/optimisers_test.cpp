#include "cugamma/search/optimisers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/search/search_run.hpp"
#include "mapping/operators/seeding.hpp"
#include "search/optimisers/encoding.hpp"
#include "search/optimisers/random_keys.hpp"
#include "small_problems.hpp"

namespace cugamma {
namespace {

layer mobilenet_v2_2() { return make_layer(layer_type::dsconv, 1, 32, 112, 112, 3, 3); }
layer resnet18_8() { return make_layer(layer_type::conv, 128, 64, 56, 56, 1, 1); }
layer bert_1() { return make_layer(layer_type::gemm, 768, 768, 512, 1, 1, 1); }

search_options strict_options(std::uint64_t seed) {
  search_options options;
  options.seed = seed;
  options.trust = belief::strict;
  options.rates = rates_for(belief::strict);
  return options;
}

/// Scores as the cpu back end does and keeps what it was asked.
class recording_evaluator final : public evaluator {
 public:
  std::string_view name() const override { return "recording"; }
  std::vector<genome> scored;
  std::size_t largest_batch = 0;

 private:
  void do_evaluate(const batch& b, std::span<cost> out) override {
    scored.insert(scored.end(), b.genomes.begin(), b.genomes.end());
    largest_batch = std::max(largest_batch, b.genomes.size());
    inner_->evaluate(b, out);
  }
  std::unique_ptr<evaluator> inner_ = make_evaluator("cpu");
};

struct finished_search {
  genetic_search search;
  run_summary run;
};

finished_search run(const std::string& algorithm,
                    const layer& l,
                    const search_options& options,
                    std::int64_t evaluations,
                    evaluator& score) {
  const accelerator a = small_machine();
  std::vector<genetic_search> searches;
  searches.push_back(make_search(algorithm, make_search_space(l, a), a, options));
  stop_rule stop;
  stop.evaluations = evaluations;
  run_summary summary = run_searches(searches, {&l, 1}, {&a, 1}, score, stop);
  return {std::move(searches[0]), std::move(summary)};
}

std::size_t distinct(const std::vector<genome>& mappings, const search_space& space) {
  std::set<std::uint64_t> ids;
  for (const genome& g : mappings) ids.insert(identity_of(g, space));
  return ids.size();
}

class Algorithms : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const auto obstacle = algorithm_obstacle(GetParam())) GTEST_SKIP() << *obstacle;
  }
};

TEST_P(Algorithms, CountWhatTheyEvaluate) {
  recording_evaluator score;
  const auto [search, summary] = run(GetParam(), vgg16_8(), strict_options(3), 1003, score);
  EXPECT_EQ(score.scored.size(), 1003u);
  EXPECT_EQ(search.evaluations(), 1003);
  EXPECT_EQ(summary.evaluations, 1003);
  EXPECT_EQ(summary.logs[0].history.back().evaluations, 1003);
  if (GetParam() == "portfolio") return;
  const search_space space = make_search_space(vgg16_8(), small_machine());
  EXPECT_EQ(distinct(score.scored, space), score.scored.size()) << "a mapping was scored twice";
}

TEST_P(Algorithms, ScoreInBatches) {
  recording_evaluator score;
  const auto [search, summary] = run(GetParam(), vgg16_8(), strict_options(1), 400, score);
  EXPECT_GE(score.largest_batch, 20u);
  EXPECT_LE(search.generation(), 100) << "fewer than four mappings a batch";
}

TEST_P(Algorithms, SameSeedSameSearch) {
  recording_evaluator one;
  recording_evaluator again;
  recording_evaluator other;
  run(GetParam(), mobilenet_v2_2(), strict_options(5), 500, one);
  run(GetParam(), mobilenet_v2_2(), strict_options(5), 500, again);
  run(GetParam(), mobilenet_v2_2(), strict_options(6), 500, other);
  EXPECT_EQ(one.scored, again.scored);
  EXPECT_NE(one.scored, other.scored);
}

TEST_P(Algorithms, EndWhereASpaceEnds) {
  layer l;
  l.size = {2, 1, 1, 1, 1, 1, 1, 1};
  recording_evaluator score;
  const auto [search, summary] = run(GetParam(), l, search_options{}, 100000, score);
  EXPECT_GT(search.evaluations(), 0);
  EXPECT_LT(search.evaluations(), 100000);
}

TEST_P(Algorithms, PutFeasibleMappingsFirst) {
  search_options options = strict_options(2);
  options.limits = parse_limits("energy=2.0e6,l2_size=60000");
  recording_evaluator score;
  const auto [search, summary] = run(GetParam(), vgg16_8(), options, 2000, score);
  ASSERT_TRUE(search.best());
  EXPECT_EQ(search.best()->rank.violation, 0);
  EXPECT_LE(search.best()->figures.l2_size_elems, 60000);
  EXPECT_GT(search.rejected().over_limit, 0);
}

INSTANTIATE_TEST_SUITE_P(All, Algorithms, testing::ValuesIn(known_algorithms()), [](const auto& p) {
  std::string name = p.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

double median_latency(const std::string& algorithm, const layer& l, std::int64_t evaluations) {
  constexpr int seeds = 11;
  const accelerator a = small_machine();
  std::vector<genetic_search> searches;
  for (int seed = 1; seed <= seeds; ++seed) {
    searches.push_back(make_search(algorithm, make_search_space(l, a), a, strict_options(seed)));
  }
  stop_rule stop;
  stop.evaluations = evaluations;
  const auto score = make_evaluator("cpu");
  run_searches(searches, {&l, 1}, {&a, 1}, *score, stop);
  std::vector<double> values;
  for (const genetic_search& s : searches) values.push_back(s.best()->rank.values[0]);
  std::ranges::nth_element(values, values.begin() + seeds / 2);
  return values[seeds / 2];
}

TEST(Optimisers, PagmosAreAheadOfRandomSearch) {
  if (const auto obstacle = algorithm_obstacle("ga")) GTEST_SKIP() << *obstacle;
  for (const layer& l : {resnet18_8(), bert_1()}) {
    const double random = median_latency("random", l, 2000);
    for (const char* name : {"ga", "pso", "de", "cmaes"}) {
      EXPECT_LT(median_latency(name, l, 2000), random) << name;
    }
  }
}

TEST(Optimisers, AnyKeysAreAMemberOfTheSpace) {
  accelerator a = small_machine();
  search_space space = make_search_space(vgg16_8(), a, {.levels_min = 1, .levels_max = 3});
  space.search_pes = true;
  space.pes_min = 4;
  const encoding code(space, true);
  for (int i = 0; i < 20000; ++i) {
    random_stream random(1, 0, static_cast<std::uint64_t>(i));
    std::vector<double> keys = draw_keys(code.size(), random);
    for (double& key : keys) {
      if (random.chance(chance_of(0.3))) key = key < 0.5 ? 0 : 1;
    }
    const genome g = code.decode(keys);
    genome repaired = g;
    repair(repaired, space, random);
    ASSERT_EQ(g, repaired);
    ASSERT_GE(own_pes(g), 4);
    ASSERT_LE(own_pes(g), 168);
    ASSERT_LE(l1_need(g, space), 512);
  }
}

TEST(Optimisers, KeysReachEveryChoice) {
  const search_space space =
      make_search_space(vgg16_8(), small_machine(), {.levels_min = 1, .levels_max = 3});
  const encoding code(space, false);
  std::set<int> levels;
  std::set<int> parallels;
  std::set<int> outermost;
  std::set<int> tiles;
  for (int i = 0; i < 20000; ++i) {
    random_stream random(1, 0, static_cast<std::uint64_t>(i));
    const genome g = code.decode(draw_keys(code.size(), random));
    levels.insert(level_count(g));
    parallels.insert(index_of(parallel(g, 0)));
    outermost.insert(index_of(order(g, 0, 0)));
    tiles.insert(tile(g, 0, dimension::Y));
  }
  EXPECT_EQ(levels, (std::set<int>{1, 2, 3}));
  EXPECT_EQ(parallels, (std::set<int>{0, 1, 2, 3}));
  EXPECT_EQ(outermost, (std::set<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(tiles, (std::set<int>{1, 2, 3, 4, 5, 6, 7, 9, 13, 26})) << "the even splits of 26";
}

std::string refusal(const std::string& algorithm,
                    const search_options& options,
                    std::span<const genome> initial = {}) {
  const search_space space = make_search_space(vgg16_8(), small_machine());
  try {
    make_search(algorithm, space, small_machine(), options, initial);
  } catch (const input_error& e) {
    return e.what();
  }
  return "";
}

TEST(Optimisers, SayWhatTheyCannotDo) {
  if (const auto obstacle = algorithm_obstacle("ga")) GTEST_SKIP() << *obstacle;
  search_options options;
  EXPECT_NE(refusal("magic", options).find("found \"magic\", expected one of gamma,"),
            std::string::npos);
  const std::vector<genome> known(1);
  EXPECT_NE(refusal("de", options, known).find("cannot start from known mappings"),
            std::string::npos);
  options.population = 22;
  EXPECT_NE(refusal("nsga2", options).find("a multiple of 4"), std::string::npos);
  options.population = 4;
  EXPECT_NE(refusal("cmaes", options).find("at least 5"), std::string::npos);
  options.population = 20;
  options.objectives = {objective::latency};
  EXPECT_NE(refusal("nsga2", options).find("two objectives"), std::string::npos);
  genetic_search search = make_search("random",
                                      make_search_space(vgg16_8(), small_machine()),
                                      small_machine(),
                                      options);
  EXPECT_THROW(search.save(), input_error);
}

}  // namespace
}  // namespace cugamma
