#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "cugamma/search/search_run.hpp"
#include "search/fronts/pareto_archive.hpp"
#include "search/fronts/pareto_selection.hpp"
#include "search/selection/tournament.hpp"

namespace cugamma {

/// The searches below are compared member by member.
static bool operator==(const candidate& a, const candidate& b) {
  return a.mapping == b.mapping && a.rank == b.rank;
}

namespace {

layer conv() {
  layer l;
  l.size = {64, 16, 30, 30, 3, 3, 1, 1};
  return l;
}

accelerator machine() {
  accelerator a;
  a.num_pes = 64;
  a.l1_size_elems = 512;
  return a;
}

search_options wanting(std::vector<objective> objectives, std::int64_t population = 50) {
  search_options options = front_options(std::move(objectives));
  options.population = population;
  return options;
}

genetic_search make_search(const search_options& options) {
  return {make_search_space(conv(), machine()), machine(), options};
}

/// Everything that a search was told.
struct record {
  std::vector<search_rank> ranks;
  std::vector<double> volumes;
  std::vector<objective_values> references;
};

void advance(genetic_search& search,
             const search_options& options,
             int generations,
             record* seen = nullptr) {
  const auto score = make_evaluator("cpu");
  const layer l = conv();
  const accelerator a = machine();
  const search_space space = make_search_space(l, a);
  for (int i = 0; i < generations; ++i) {
    const auto asked = search.ask(options.population);
    std::vector<cost> costs(asked.size());
    score->evaluate({{&l, 1}, {&a, 1}, asked}, costs);
    for (std::size_t at = 0; seen != nullptr && at < asked.size(); ++at) {
      seen->ranks.push_back(rank(asked[at], costs[at], space, a, options));
    }
    search.tell(costs);
    if (seen == nullptr) continue;
    seen->volumes.push_back(search.front().hypervolume);
    if (search.front().reference) seen->references.push_back(*search.front().reference);
  }
}

/// The undominated among the feasible, by comparing all pairs.
std::set<objective_values> brute_front(const std::vector<search_rank>& ranks) {
  std::set<objective_values> front;
  for (const search_rank& f : ranks) {
    const auto beats = [&](const search_rank& g) {
      return g.violation == 0 && dominates(g.values, f.values);
    };
    if (f.violation == 0 && std::ranges::none_of(ranks, beats)) front.insert(f.values);
  }
  return front;
}

std::vector<objective_values> values_of(const pareto_front& front) {
  std::vector<objective_values> values;
  for (const candidate& c : front.members) values.push_back(c.rank.values);
  return values;
}

TEST(FrontSearch, KeepsExactlyWhatNothingEvaluatedBeats) {
  using enum objective;
  const std::vector<std::vector<objective>> lists{{latency, energy},
                                                  {throughput, l2_size},
                                                  {latency, l2_size, energy},
                                                  {energy, throughput, l1_size}};
  std::size_t members = 0;
  for (const auto& objectives : lists) {
    for (const bool limited : {false, true}) {
      search_options options = wanting(objectives);
      if (limited) options.limits = {{l2_size, 3000}};
      genetic_search search = make_search(options);
      record seen;
      advance(search, options, 60, &seen);
      const auto expected = brute_front(seen.ranks);
      const auto found = values_of(search.front());
      EXPECT_EQ(std::vector(expected.begin(), expected.end()), found) << name_of(objectives[0]);
      members += found.size();
      EXPECT_EQ(search.front().members.front().rank, search.best()->rank);
    }
  }
  EXPECT_GT(members, 50u);
}

TEST(FrontSearch, MembersHaveTheFiguresOfTheirMappings) {
  const search_options options = wanting({objective::latency, objective::l2_size});
  genetic_search search = make_search(options);
  advance(search, options, 20);
  const layer l = conv();
  const accelerator a = machine();
  const auto score = make_evaluator("reference");
  for (const candidate& c : search.front().members) {
    cost figures;
    score->evaluate({{&l, 1}, {&a, 1}, {&c.mapping, 1}}, {&figures, 1});
    EXPECT_EQ(rank(c.mapping, figures, make_search_space(l, a), a, options), c.rank);
  }
}

TEST(FrontSearch, TheReferenceStaysAndTheHypervolumeNeverShrinks) {
  for (const std::int64_t capacity : {10, 1000}) {
    search_options options =
        wanting({objective::latency, objective::l2_size, objective::energy}, 100);
    options.front_capacity = capacity;
    genetic_search search = make_search(options);
    record seen;
    advance(search, options, 100, &seen);
    EXPECT_LE(std::ssize(search.front().members), capacity);
    EXPECT_TRUE(std::ranges::is_sorted(seen.volumes));
    EXPECT_GT(seen.volumes.back(), seen.volumes.front());
    EXPECT_LT(seen.volumes.back(), 1);
    for (const objective_values& r : seen.references) EXPECT_EQ(r, seen.references.front());
    objective_values worst{};
    for (int i = 0; i < 100; ++i) {
      if (seen.ranks[i].violation > 0) continue;
      for (int o = 0; o < 3; ++o) worst[o] = std::max(worst[o], seen.ranks[i].values[o]);
    }
    for (int o = 0; o < 3; ++o) EXPECT_DOUBLE_EQ(seen.references[0][o], 1.1 * worst[o]);
  }
}

TEST(FrontSearch, HypervolumeIsInUnitsOfAGivenReference) {
  search_options options = wanting({objective::latency, objective::throughput});
  options.reference = {1e7, 0.5};
  genetic_search search = make_search(options);
  advance(search, options, 20);
  // One objective decides the other: the front is one point.
  ASSERT_EQ(search.front().members.size(), 1u);
  const objective_values best = search.front().members[0].rank.values;
  const double expected = (1 - best[0] / 1e7) * (-best[1] / 0.5 - 1);
  EXPECT_NEAR(search.front().hypervolume, expected, 1e-12 * expected);
}

TEST(FrontSearch, ARestoredSearchGoesOnAsTheSavedOne) {
  const search_options options = wanting({objective::latency, objective::l2_size});
  genetic_search whole = make_search(options);
  advance(whole, options, 10);
  genetic_search other = make_search(options);
  other.restore(whole.save());
  EXPECT_EQ(other.front().members, whole.front().members);
  advance(whole, options, 60);
  advance(other, options, 60);
  EXPECT_EQ(other.front().members, whole.front().members);
  EXPECT_EQ(other.front().reference, whole.front().reference);
  EXPECT_EQ(other.front().hypervolume, whole.front().hypervolume);
  EXPECT_EQ(other.save(), whole.save());
  search_options wider = options;
  wider.front_capacity = 2000;
  EXPECT_THROW(make_search(wider).restore(whole.save()), input_error);
}

TEST(FrontSearch, SameFrontOnAnyThreads) {
  for (const selection_rule rule : {selection_rule::pareto, selection_rule::tournament}) {
    const auto found = [&](std::size_t threads) {
      const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
      search_options options =
          wanting({objective::latency, objective::l2_size, objective::energy}, 6000);
      options.selection = rule;
      genetic_search search = make_search(options);
      advance(search, options, 5);
      return std::pair(std::vector(search.parents().begin(), search.parents().end()),
                       search.front().members);
    };
    EXPECT_EQ(found(1), found(8));
  }
}

TEST(FrontSearch, BeatsRandomDrawsOfTheSameNumber) {
  search_options options = wanting({objective::latency, objective::l2_size}, 100);
  options.reference = {1e6, 1e5};
  genetic_search bred = make_search(options);
  advance(bred, options, 30);
  options.immigrants = 1;
  genetic_search drawn = make_search(options);
  advance(drawn, options, 30);
  EXPECT_GT(bred.front().hypervolume, drawn.front().hypervolume);
}

TEST(FrontSearch, RefusesWhatIsNoFront) {
  using enum objective;
  EXPECT_THROW(make_search(wanting({latency})), input_error);
  EXPECT_THROW(make_search(wanting({latency, latency})), input_error);
  EXPECT_THROW(make_search(wanting({latency, energy, area, power})), input_error);
  search_options options = wanting({latency, energy});
  options.reference = {1};
  EXPECT_THROW(make_search(options), input_error);
  options.reference = {};
  options.front_capacity = 3;
  EXPECT_THROW(make_search(options), input_error);
}

std::vector<search_rank> random_ranks(std::uint64_t seed, std::size_t count) {
  random_stream random(seed, 0, 0);
  std::vector<search_rank> ranks(count);
  for (search_rank& f : ranks) {
    for (int o = 0; o < 3; ++o) f.values[o] = 1 + random.below(40);
    if (random.below(4) == 0) f.violation = 1 + random.below(5);
    if (random.below(10) == 0) f.violation = std::numeric_limits<double>::infinity();
  }
  return ranks;
}

TEST(ParetoArchive, AFullOneStaysUndominatedAndLosesNoVolume) {
  search_options options = wanting({objective::latency, objective::energy, objective::area});
  options.front_capacity = 12;
  options.reference = {45, 45, 45};
  pareto_archive archive(options);
  double last = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const std::vector<search_rank> ranks = random_ranks(seed, 10);
    archive.show(std::vector<genome>(10), std::vector<cost>(10), ranks);
    const auto values = values_of(archive.front());
    EXPECT_LE(values.size(), 12u);
    EXPECT_EQ(undominated(values).size(), values.size());
    EXPECT_TRUE(std::ranges::is_sorted(values));
    const double volume = hypervolume(values, 3, {45, 45, 45});
    EXPECT_GE(volume, last * (1 - 1e-12)) << "after " << seed;
    EXPECT_NEAR(archive.front().hypervolume, volume / (45.0 * 45 * 45), 1e-12);
    last = volume;
  }
}

TEST(ParetoSelection, TakesFrontByFrontThenTheLeastViolation) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<search_rank> ranks = random_ranks(seed, 90);
    distinct_pool pool;
    pool.assign(std::span(ranks).first(30), std::span(ranks).subspan(30));
    pareto_selection chooser;
    for (const std::size_t most : {0u, 10u, 40u, 200u}) {
      const auto chosen = chooser.best(pool, most, 3);
      EXPECT_LE(chosen.size(), most);
      std::set<std::uint32_t> taken(chosen.begin(), chosen.end());
      EXPECT_EQ(taken.size(), chosen.size());
      for (const std::uint32_t left : pool.different()) {
        if (taken.contains(left)) continue;
        const search_rank& out = ranks[left];
        for (const std::uint32_t i : chosen) {
          const search_rank& in = ranks[i];
          EXPECT_LE(in.violation, out.violation);
          EXPECT_FALSE(out.violation == 0 && dominates(out.values, in.values));
        }
        EXPECT_EQ(chosen.size(), most) << "room, but one was left";
      }
    }
  }
}

TEST(Tournament, AWinnerIsTheBestOfItsDraws) {
  constexpr std::size_t members = 1000;
  constexpr std::size_t wanted = 100000;
  std::vector<search_rank> ranks(members);
  for (std::size_t i = 0; i < members; ++i) ranks[i].values[0] = static_cast<double>(i);
  distinct_pool pool;
  pool.assign({}, ranks);
  tournament drawn;
  for (const int size : {1, 2, 5}) {
    double sum = 0;
    for (const std::uint32_t i : drawn.winners(pool, wanted, 0, size, 3, 7)) sum += i;
    // The least of k uniform draws is 1 / (k + 1) of the way on average.
    const double expected = 1.0 / (size + 1) - 0.5 / members;
    EXPECT_NEAR(sum / wanted / members, expected, 0.005) << size;
  }
}

TEST(Tournament, KeepsTheEliteAndRepeatsForASeed) {
  const std::vector<search_rank> ranks = random_ranks(3, 400);
  distinct_pool pool;
  pool.assign(std::span(ranks).first(100), std::span(ranks).subspan(100));
  selection fittest;
  const auto best = fittest.best(pool, 15);
  const std::vector<std::uint32_t> elite(best.begin(), best.end());
  const auto drawn = [&](std::uint64_t seed, std::uint32_t generation) {
    pool.assign(std::span(ranks).first(100), std::span(ranks).subspan(100));
    tournament t;
    const auto winners = t.winners(pool, 60, 15, 2, seed, generation);
    return std::vector(winners.begin(), winners.end());
  };
  const auto once = drawn(1, 2);
  EXPECT_EQ(once.size(), 60u);
  for (const std::uint32_t i : elite) EXPECT_TRUE(std::ranges::count(once, i) > 0);
  EXPECT_EQ(once, drawn(1, 2));
  EXPECT_NE(once, drawn(1, 3));
  EXPECT_NE(once, drawn(2, 2));
}

TEST(Tournament, SearchesAsWellAsTruncation) {
  search_options options;
  options.population = 200;
  genetic_search truncation = make_search(options);
  advance(truncation, options, 30);
  options.selection = selection_rule::tournament;
  genetic_search drawn = make_search(options);
  advance(drawn, options, 30);
  ASSERT_TRUE(drawn.best());
  EXPECT_LT(drawn.best()->rank.values[0], 1.05 * truncation.best()->rank.values[0]);
  EXPECT_EQ(drawn.parents().size(), 80u);
  options.tournament_size = 0;
  EXPECT_THROW(make_search(options), input_error);
}

}  // namespace
}  // namespace cugamma
