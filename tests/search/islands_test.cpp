#include "cugamma/search/islands.hpp"

#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/search/checkpoint.hpp"
#include "search/thread_peers.hpp"
#include "small_problems.hpp"

namespace cugamma {
namespace {

std::vector<layer> two_layers() {
  return {make_layer(layer_type::conv, 64, 32, 28, 28, 3, 3),
          make_layer(layer_type::conv, 96, 48, 14, 14, 3, 3)};
}

search_options options_of(std::int64_t population, std::uint64_t seed = 1) {
  search_options options;
  options.population = population;
  options.seed = seed;
  options.patience = 7;  // so that some island starts afresh
  return options;
}

/// The islands of two layers that one of several processes runs.
std::vector<genetic_search> make_searches(const search_options& options,
                                          int islands,
                                          const run_peers* peers = nullptr) {
  const std::vector<layer> layers = two_layers();
  std::vector<genetic_search> searches;
  int number = 0;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    search_space space = make_search_space(layers[l], small_machine());
    space.layer_index = static_cast<std::uint16_t>(l);
    for (const search_options& own : split_into_islands(options, islands)) {
      const bool is_here = peers == nullptr || number % peers->size() == peers->rank();
      if (is_here) searches.emplace_back(space, small_machine(), own);
      ++number;
    }
  }
  return searches;
}

/// All that a run must repeat: what each search would breed next, from what, and what it logged,
/// without times.
struct outcome {
  std::vector<std::string> states;
  std::vector<search_result> results;
};

bool same_log(const search_log& a, const search_log& b) {
  return std::ranges::equal(a.history, b.history, [](const auto& x, const auto& y) {
    return x.generation == y.generation && x.evaluations == y.evaluations && x.best == y.best;
  });
}

void expect_same(const outcome& a, const outcome& b) {
  EXPECT_TRUE(a.states == b.states);
  ASSERT_EQ(a.results.size(), b.results.size());
  for (std::size_t i = 0; i < a.results.size(); ++i) {
    const search_result& x = a.results[i];
    const search_result& y = b.results[i];
    EXPECT_EQ(x.best->mapping, y.best->mapping);
    EXPECT_EQ(x.evaluations, y.evaluations);
    EXPECT_EQ(x.rejected, y.rejected);
    EXPECT_TRUE(same_log(x.log, y.log));
  }
}

std::string state_of(genetic_search& search) {
  std::string bytes;
  const auto append = [&](std::span<const genome> genomes) {
    bytes.append(reinterpret_cast<const char*>(genomes.data()), genomes.size_bytes());
  };
  append(search.parents());
  append(search.ask(1000));
  return bytes;
}

outcome outcome_of(std::span<genetic_search> searches,
                   const run_summary& run,
                   run_peers* peers = nullptr) {
  checkpoint all{{}, run, {}};
  std::vector<search_result> own;
  for (std::size_t i = 0; i < searches.size(); ++i) {
    all.searches.push_back(state_of(searches[i]));
    own.push_back(result_of(searches[i], run.logs[i]));
  }
  gather_searches(all, peers);
  return {all.searches, gather_islands(own, peers)};
}

struct setting {
  int islands = 3;
  std::int64_t interval = 4;
  std::int64_t population = 60;
  std::int64_t evaluations = 1500;  // a layer
  std::optional<int> groups = std::nullopt;
  int evaluators = 1;
  int threads = 0;
};

run_options run_options_of(const setting& s) {
  run_options options;
  options.stop.evaluations = s.evaluations;
  options.islands = s.islands;
  options.migration_interval = s.interval;
  options.groups = s.groups;
  return options;
}

class evaluator_list {
 public:
  explicit evaluator_list(int count, int threads = 0) {
    for (int i = 0; i < count; ++i) owners_.push_back(make_evaluator("cpu", {.threads = threads}));
    for (const auto& owner : owners_) all_.push_back(owner.get());
  }
  std::span<evaluator* const> all() const { return all_; }

 private:
  std::vector<std::unique_ptr<evaluator>> owners_;
  std::vector<evaluator*> all_;
};

run_summary run(std::span<genetic_search> searches,
                const setting& s,
                const run_options& options,
                run_summary start = {}) {
  const evaluator_list evaluators(s.evaluators, s.threads);
  const std::vector<accelerator> machines{small_machine()};
  const std::vector<layer> layers = two_layers();
  return run_searches(searches, layers, machines, evaluators.all(), options, std::move(start));
}

outcome run(const setting& s) {
  auto searches = make_searches(options_of(s.population), s.islands);
  const run_summary summary = run(searches, s, run_options_of(s));
  return outcome_of(searches, summary);
}

TEST(Islands, ShareWhatTheSearchHas) {
  const auto all = split_into_islands(options_of(20, 5), 3);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].population, 7);
  EXPECT_EQ(all[1].population, 7);
  EXPECT_EQ(all[2].population, 6);
  EXPECT_EQ(all[0].seed, 5u) << "a lone island is the search itself";
  EXPECT_EQ((std::set{all[0].seed, all[1].seed, all[2].seed}.size()), 3u);
  EXPECT_THROW(split_into_islands(options_of(20), 11), input_error);
  const search_options front = front_options({objective::latency, objective::energy});
  EXPECT_EQ(split_into_islands(front, 1).size(), 1u);
  EXPECT_THROW(split_into_islands(front, 2), input_error);
}

TEST(Islands, ShareTheEvaluationsOfALayer) {
  const outcome found = run({.islands = 4, .evaluations = 1002});
  const std::int64_t expected[] = {251, 251, 250, 250};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(found.results[i].evaluations, expected[i % 4]);
}

TEST(Islands, SameResultsHoweverTheyAreScheduled) {
  const outcome plain = run({.groups = 1});
  for (const int groups : {1, 2, 3}) {
    for (const int threads : {1, 2, 8}) {
      for (const int evaluators : {1, 2, 3}) {
        const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                        static_cast<std::size_t>(threads));
        expect_same(plain, run({.groups = groups, .evaluators = evaluators, .threads = threads}));
      }
    }
  }
}

TEST(Islands, SameResultsInALargePopulation) {
  const setting s{.islands = 2, .interval = 2, .population = 24000, .evaluations = 150000};
  setting plain = s;
  plain.groups = 1;
  setting overlapped = s;
  overlapped.groups = 2;
  expect_same(run(plain), run(overlapped));
  expect_same(run(plain), run(s));
}

TEST(Islands, SameResultsInAnyNumberOfProcesses) {
  const setting s;
  const outcome alone = run(s);
  for (const int processes : {1, 2, 4, 8}) {  // of six searches
    outcome together;
    const bool all_read = run_as_processes(processes, [&](run_peers& peers) {
      auto searches = make_searches(options_of(s.population), s.islands, &peers);
      run_options options = run_options_of(s);
      options.peers = &peers;
      const run_summary summary = run(searches, s, options);
      EXPECT_EQ(summary.evaluations, 3000) << "of all processes";
      outcome own = outcome_of(searches, summary, &peers);
      if (peers.rank() == 0) together = std::move(own);
    });
    EXPECT_TRUE(all_read) << processes;
    expect_same(alone, together);
  }
}

TEST(Islands, ParentsThatTravelChangeTheirNewPlaceTwoGenerationsLater) {
  setting s{.islands = 2, .interval = 5, .population = 40};
  const auto saved_after = [&](std::int64_t generations, std::int64_t interval) {
    auto searches = make_searches(options_of(40), 2);
    run_options options = run_options_of(s);
    options.stop.generations = generations - 1;
    options.migration_interval = interval;
    run(searches, s, options);
    const auto parents = searches[1].parents();
    return std::vector<genome>(parents.begin(), parents.end());
  };
  EXPECT_TRUE(saved_after(6, 5) == saved_after(6, 0));
  EXPECT_FALSE(saved_after(7, 5) == saved_after(7, 0));
}

TEST(Islands, TheBestOfOneIslandBreedsInTheNext) {
  search_options none_starts_afresh = options_of(40);
  none_starts_afresh.patience = 0;
  auto searches = make_searches(none_starts_afresh, 2);
  const setting s{.islands = 2, .interval = 0};
  run_options options = run_options_of(s);
  options.stop.generations = 9;
  run(searches, s, options);
  const bool first_is_ahead = searches[0].best()->rank < searches[1].best()->rank;
  const genetic_search& home = searches[first_is_ahead ? 0 : 1];
  genetic_search& next = searches[first_is_ahead ? 1 : 0];
  const auto leaving = home.emigrants(3);
  ASSERT_EQ(leaving.size(), 3u);
  EXPECT_EQ(leaving[0].rank, home.best()->rank);
  EXPECT_LE(leaving[0].rank, leaving[1].rank);
  ASSERT_LT(leaving[0].rank, next.best()->rank);
  next.immigrate(leaving, next.generation());
  next.ask(10);
  for (const migrant& m : leaving) {
    const bool is_better = m.rank < next.best()->rank;
    const bool is_there = std::ranges::count(next.parents(), m.mapping) > 0;
    EXPECT_TRUE(is_there || !is_better);
  }
}

TEST(Islands, EmigrantsOfALargePopulationAreItsBest) {
  setting s{.islands = 1, .population = 20000, .evaluations = 60000};
  auto searches = make_searches(options_of(s.population), 1);
  run(searches, s, run_options_of(s));
  const auto leaving = searches[0].emigrants(256);
  ASSERT_EQ(leaving.size(), 256u);
  EXPECT_EQ(leaving[0].rank, searches[0].best()->rank);
  EXPECT_TRUE(std::ranges::is_sorted(leaving, {}, &migrant::rank));
}

/// A run that was kept after some generation and goes on in other objects ends as one in one go.
void expect_resumed_as_whole(int groups, std::int64_t kept_after) {
  setting s;
  s.groups = groups;
  const outcome whole = run(s);
  auto searches = make_searches(options_of(s.population), s.islands);
  run_options options = run_options_of(s);
  options.wants_checkpoint = [&, n = 0]() mutable { return ++n == kept_after; };
  checkpoint kept;
  options.checkpoint = [&](const run_summary& r) {
    EXPECT_EQ(r.generations, kept_after);
    kept.run = r;
    for (const genetic_search& search : searches) kept.searches.push_back(search.save());
  };
  const run_summary first = run(searches, s, options);
  expect_same(whole, outcome_of(searches, first));
  ASSERT_EQ(kept.searches.size(), searches.size());
  auto others = make_searches(options_of(s.population), s.islands);
  for (std::size_t i = 0; i < others.size(); ++i) others[i].restore(kept.searches[i]);
  const run_summary second = run(others, s, run_options_of(s), kept.run);
  EXPECT_EQ(second.evaluations, first.evaluations);
  EXPECT_EQ(second.generations, first.generations);
  expect_same(whole, outcome_of(others, second));
}

TEST(Islands, ResumedRunsEndAsThoseInOneGo) {
  for (const int groups : {1, 2, 3}) {
    for (std::int64_t after = 1; after <= 12; ++after) expect_resumed_as_whole(groups, after);
  }
}

TEST(Islands, AnInterruptedRunCanGoOn) {
  setting s;
  s.groups = 2;
  auto searches = make_searches(options_of(s.population), s.islands);
  run_options options = run_options_of(s);
  options.stop.interrupted = [n = 0]() mutable { return ++n == 5; };
  run_summary half = run(searches, s, options);
  EXPECT_TRUE(half.was_interrupted);
  EXPECT_EQ(half.generations, 5);
  for (const genetic_search& search : searches) EXPECT_EQ(search.generation(), 5);
  half.was_interrupted = false;
  const run_summary whole = run(searches, s, run_options_of(s), half);
  expect_same(run(s), outcome_of(searches, whole));
}

/// Counts what it scores, and may fail.
class counting_evaluator final : public evaluator {
 public:
  explicit counting_evaluator(int fails_at = 0) : fails_at_(fails_at) {}
  std::string_view name() const override { return "counting"; }
  int calls() const { return calls_; }

 private:
  void do_evaluate(const batch& b, std::span<cost> out) override {
    if (++calls_ == fails_at_) throw backend_error("device lost");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    inner_->evaluate(b, out);
  }

  int fails_at_;
  int calls_ = 0;
  std::unique_ptr<evaluator> inner_ = make_evaluator("cpu");
};

run_summary run_on(std::span<evaluator* const> evaluators, std::int64_t generations) {
  auto searches = make_searches(options_of(80), 4);  // eight
  const std::vector<accelerator> machines{small_machine()};
  run_options options;
  options.stop.generations = generations - 1;
  options.islands = 4;
  options.migration_interval = 3;
  options.groups = 2;
  const std::vector<layer> layers = two_layers();
  return run_searches(searches, layers, machines, evaluators, options);
}

TEST(Islands, AreSpreadOverEvaluators) {
  counting_evaluator a, b, c;
  const std::array<evaluator*, 3> all{&a, &b, &c};
  const run_summary summary = run_on(all, 10);
  EXPECT_EQ(a.calls(), 20) << "two groups each, one bred while the other is scored";
  EXPECT_EQ(b.calls(), 20);
  EXPECT_EQ(c.calls(), 20);
  EXPECT_EQ(summary.evaluations, 2 * 10 * 80);
  EXPECT_NEAR(summary.time.host(), summary.seconds, 0.001 + 0.05 * summary.seconds);
  EXPECT_NEAR(summary.time.scoring(), summary.seconds, 0.001 + 0.05 * summary.seconds);
  EXPECT_GT(summary.time.wait_host, 0);
  EXPECT_GT(summary.time.wait_device, 0);
}

TEST(Islands, AFailingEvaluatorEndsTheRun) {
  counting_evaluator a, b(7);
  const std::array<evaluator*, 2> all{&a, &b};
  EXPECT_THROW(run_on(all, 10), backend_error);
}

TEST(Islands, MergedHistoryHoldsTheBestOfAll) {
  const outcome found = run(setting{});
  const std::span islands = std::span(found.results).first(3);
  const search_result all = merge_islands(islands);
  ASSERT_FALSE(all.log.history.empty());
  EXPECT_EQ(all.log.history.front().evaluations, 60);
  EXPECT_EQ(all.log.history.back().evaluations, 1500);
  EXPECT_EQ(all.evaluations, 1500);
  EXPECT_EQ(all.log.history.back().best, all.best->rank);
  for (const search_result& island : islands) EXPECT_LE(all.best->rank, island.best->rank);
  for (std::size_t i = 1; i < all.log.history.size(); ++i) {
    EXPECT_EQ(all.log.history[i].generation, all.log.history[i - 1].generation + 1);
    EXPECT_LE(all.log.history[i].best, all.log.history[i - 1].best);
  }
}

}  // namespace
}  // namespace cugamma
