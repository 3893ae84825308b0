#include "cugamma/search/genetic_search.hpp"

#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "mapping/operators/seeding.hpp"
#include "small_problems.hpp"

namespace cugamma {
namespace {

search_options with_seed(std::uint64_t seed, std::int64_t population = 20) {
  search_options options;
  options.seed = seed;
  options.population = population;
  return options;
}

search_options ranking(belief trust, std::vector<objective> objectives) {
  search_options options;
  options.trust = trust;
  options.objectives = std::move(objectives);
  return options;
}

struct search_log {
  std::vector<genome> asked;
  std::vector<search_rank> best;
  friend bool operator==(const search_log&, const search_log&) = default;
};

search_log run(genetic_search& search, evaluator& score, std::int64_t evaluations) {
  const layer l = vgg16_8();
  const accelerator a = small_machine();
  search_log log;
  while (search.evaluations() < evaluations) {
    const std::vector<genome> asked = [&] {
      const auto span = search.ask(evaluations - search.evaluations());
      return std::vector<genome>(span.begin(), span.end());
    }();
    if (asked.empty()) break;
    std::vector<cost> costs(asked.size());
    score.evaluate({{&l, 1}, {&a, 1}, asked}, costs);
    search.tell(costs);
    log.asked.insert(log.asked.end(), asked.begin(), asked.end());
    log.best.push_back(search.best() ? search.best()->rank : search_rank{1e300, {}});
  }
  return log;
}

search_log run_with(int threads, const search_options& options, std::int64_t evaluations) {
  const auto score = make_evaluator("reference", {.threads = threads});
  genetic_search search(make_search_space(vgg16_8(), small_machine()), small_machine(), options);
  return run(search, *score, evaluations);
}

TEST(GeneticSearch, SameSeedSameLogOnAnyThreads) {
  const search_options options = with_seed(42, 100);
  const search_log one = run_with(1, options, 2000);
  EXPECT_EQ(one, run_with(2, options, 2000));
  EXPECT_NE(one, run_with(1, with_seed(43, 100), 2000));
}

TEST(GeneticSearch, SameSeedSameLogInALargePopulationOnAnyThreads) {
  const auto logged = [](std::size_t threads) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    const auto score = make_evaluator("cpu");
    const search_options options = with_seed(5, 12000);
    genetic_search search(make_search_space(vgg16_8(), small_machine()), small_machine(), options);
    search_log log = run(search, *score, 48000);
    log.asked.insert(log.asked.end(), search.parents().begin(), search.parents().end());
    return log;
  };
  const search_log one = logged(1);
  EXPECT_EQ(one.asked.size(), 48000u + 4800u);
  EXPECT_EQ(one, logged(4));
}

TEST(GeneticSearch, NeverProposesAMappingTwice) {
  const search_space space = make_search_space(vgg16_8(), small_machine());
  const search_log log = run_with(2, with_seed(1), 3000);
  std::set<std::uint64_t> hashes;
  for (const genome& g : log.asked) hashes.insert(identity_of(g, space));
  EXPECT_EQ(hashes.size(), log.asked.size());
  EXPECT_EQ(log.asked.size(), 3000u);
}

TEST(GeneticSearch, BestNeverGetsWorse) {
  const search_log log = run_with(2, with_seed(1), 2000);
  for (std::size_t i = 1; i < log.best.size(); ++i) EXPECT_LE(log.best[i], log.best[i - 1]);
}

TEST(GeneticSearch, WinnersAreFeasibleAndPlausible) {
  const auto score = make_evaluator("reference");
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    search_options options = with_seed(seed);
    options.trust = belief::strict;
    genetic_search search(make_search_space(vgg16_8(), small_machine()), small_machine(), options);
    run(search, *score, 500);
    ASSERT_TRUE(search.best());
    EXPECT_EQ(search.best()->figures.status, 0u);  // strict: not even test 4 fails
    EXPECT_EQ(search.best()->figures.num_macs, layer_macs(vgg16_8()));
    EXPECT_EQ(search.rejected().illegal, 0);
  }
}

TEST(GeneticSearch, CountsWhatItRejectsAndFindsNothingInNoSpace) {
  const auto score = make_evaluator("reference");
  accelerator tiny = small_machine();
  tiny.l1_size_elems = 3;
  genetic_search search(make_search_space(vgg16_8(), tiny), tiny, {});
  const layer l = vgg16_8();
  for (int i = 0; i < 5; ++i) {
    const auto asked = search.ask(20);
    std::vector<cost> costs(asked.size());
    score->evaluate({{&l, 1}, {&tiny, 1}, asked}, costs);
    search.tell(costs);
  }
  EXPECT_FALSE(search.best());
  EXPECT_EQ(search.rejected().l1_size, search.evaluations());
}

TEST(GeneticSearch, EndsWhenTheSpaceIsExhausted) {
  const auto score = make_evaluator("reference");
  layer l;
  l.size = {2, 1, 1, 1, 1, 1, 1, 1};
  accelerator a;
  a.num_pes = 2;
  genetic_search search(make_search_space(l, a, {.levels_min = 1, .levels_max = 1}), a, {});
  while (true) {
    const auto asked = search.ask(20);
    if (asked.empty()) break;
    std::vector<cost> costs(asked.size());
    score->evaluate({{&l, 1}, {&a, 1}, asked}, costs);
    search.tell(costs);
    ASSERT_LT(search.evaluations(), 100);
  }
  EXPECT_EQ(search.evaluations(), 2) << "K = 2 parallel with tile 1 or 2";
}

TEST(GeneticSearch, StartsFromGivenMappings) {
  const search_space space = make_search_space(vgg16_8(), small_machine());
  random_stream random(99, 0, 0);
  const genome known = draw_guided(space, {}, random);
  genetic_search search(space, small_machine(), {}, {&known, 1});
  EXPECT_EQ(search.ask(20)[0], known);
}

TEST(GeneticSearch, RefusesOptionsThatMakeNoSearch) {
  const search_space space = make_search_space(vgg16_8(), small_machine());
  const search_options none = ranking(belief::plausible, {});
  EXPECT_THROW(genetic_search(space, small_machine(), with_seed(1, 1)), input_error);
  EXPECT_THROW(genetic_search(space, small_machine(), none), input_error);
}

TEST(Rank, FeasibleBeforeInfeasibleBeforeImplausible) {
  const accelerator a = small_machine();
  const search_space space = make_search_space(vgg16_8(), a);
  const search_options options = ranking(belief::plausible, {objective::latency});
  const genome g;
  cost good;
  good.runtime_cycles = 1000;
  cost large = good;
  large.runtime_cycles = 1;
  large.status = exceeds_l1;
  large.l1_size_elems = 1024;
  cost larger = large;
  larger.l1_size_elems = 2048;
  cost absurd = good;
  absurd.runtime_cycles = 1;
  absurd.status = implausible_runtime;
  const auto of = [&](const cost& c) { return rank(g, c, space, a, options); };
  EXPECT_LT(of(good), of(large));
  EXPECT_LT(of(large), of(larger));
  EXPECT_LT(of(larger), of(absurd));
  cost inner = good;
  inner.status = implausible_inner_work;
  EXPECT_EQ(of(inner).violation, 0);
  const search_options strict = ranking(belief::strict, {objective::latency});
  EXPECT_GT(rank(g, inner, space, a, strict).violation, 0);
  const search_options believing = ranking(belief::maestro, {objective::latency});
  EXPECT_EQ(rank(g, absurd, space, a, believing).violation, 0);
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const input_error& e) {
    return e.what();
  }
  return "no error";
}

TEST(GeneticSearch, RefusesCallsInAnotherOrder) {
  const layer l = vgg16_8();
  const accelerator a = small_machine();
  genetic_search search(make_search_space(l, a), a, with_seed(1));
  std::vector<cost> costs(20);
  EXPECT_EQ(refusal([&] { search.tell(costs); }), "search: costs were told, but nothing was asked");
  const auto asked = search.ask(20);
  EXPECT_EQ(refusal([&] { search.tell(std::span(costs).first(7)); }),
            "search: found 7 costs, expected 20 for the mappings asked for");
  EXPECT_EQ(refusal([&] { search.ask(3); }),
            "search: the costs of the last 20 mappings were not told");
  make_evaluator("reference")->evaluate({{&l, 1}, {&a, 1}, asked}, costs);
  search.tell(costs);
  EXPECT_EQ(refusal([&] { search.tell(costs); }), "search: costs were told, but nothing was asked");
  EXPECT_EQ(search.prepare(9), 9u);
  std::vector<genome> place(8);
  EXPECT_EQ(refusal([&] { search.fill(place); }), "search: found room for 8 mappings, expected 9");
  EXPECT_EQ(search.evaluations(), 20);
}

/// What save() wrote with one change is refused, or is a state from which a search goes on.
TEST(GeneticSearch, ForgedStatesAreRefusedOrGoOn) {
  const layer l = vgg16_8();
  accelerator a = small_machine();
  search_options options = with_seed(5);
  options.objectives = {objective::latency, objective::energy};
  options.selection = selection_rule::pareto;
  const auto score = make_evaluator("reference");
  genetic_search saved(make_search_space(l, a), a, options);
  run(saved, *score, 100);
  const std::string bytes = saved.save();
  int refused = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 7) {
    std::string forged = bytes;
    forged[at] = static_cast<char>(forged[at] ^ 0xb5);
    genetic_search search(make_search_space(l, a), a, options);
    try {
      search.restore(forged);
    } catch (const input_error&) {
      ++refused;
      continue;
    }
    run(search, *score, search.evaluations() + 20);
  }
  EXPECT_GT(refused, 100);
  genetic_search whole(make_search_space(l, a), a, options);
  whole.restore(bytes);
  EXPECT_EQ(whole.evaluations(), saved.evaluations());
}

TEST(GeneticSearch, RefusesAnAcceleratorThatNobodyHas) {
  const layer l = vgg16_8();
  accelerator a = small_machine();
  const search_space space = make_search_space(l, a);
  a.noc_hops = -1;
  EXPECT_EQ(refusal([&] { genetic_search(space, a, with_seed(1)); }),
            "noc_hops: found -1, expected 0 or more");
  EXPECT_EQ(refusal([&] { make_search_space(l, a); }), "noc_hops: found -1, expected 0 or more");
}

}  // namespace
}  // namespace cugamma
