#include "cugamma/search/search_run.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "cugamma/error.hpp"
namespace cugamma {
namespace {

constexpr auto nap = std::chrono::milliseconds(10);
constexpr double nap_seconds = 0.01;

/// Scores as the reference does, after a nap.
class slow_evaluator final : public evaluator {
 public:
  std::string_view name() const override { return "slow"; }

 private:
  void do_evaluate(const batch& b, std::span<cost> out) override {
    std::this_thread::sleep_for(nap);
    inner_->evaluate(b, out);
  }

  std::unique_ptr<evaluator> inner_ = make_evaluator("reference");
};

layer some_layer() {
  layer l;
  l.size = {64, 32, 28, 28, 3, 3, 1, 1};
  return l;
}

run_summary run_generations(std::int64_t generations,
                            const std::function<void(const run_summary&)>& progress = {},
                            run_summary start = {}) {
  const layer l = some_layer();
  accelerator a;
  a.num_pes = 64;
  std::vector<genetic_search> searches;
  searches.emplace_back(make_search_space(l, a), a, search_options{});
  slow_evaluator score;
  stop_rule stop;
  stop.generations = generations - 1;
  return run_searches(searches, {&l, 1}, {&a, 1}, score, stop, progress, std::move(start));
}

TEST(SearchRun, SharesAddUpToTheWallTime) {
  const auto start = std::chrono::steady_clock::now();
  const run_summary run =
      run_generations(8, [](const run_summary&) { std::this_thread::sleep_for(nap); });
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_NEAR(run.time.host(), run.seconds, 0.001 + 0.05 * run.seconds);
  EXPECT_NEAR(run.time.scoring(), run.seconds, 0.001 + 0.05 * run.seconds);
  EXPECT_LE(run.time.host(), wall);
  EXPECT_GE(run.time.evaluate, 8 * nap_seconds);
  EXPECT_GE(run.time.wait_device, 8 * nap_seconds) << "nothing else is bred meanwhile";
  EXPECT_GE(run.time.other, 8 * nap_seconds) << "progress is neither bred nor scored";
  EXPECT_GT(run.time.breed, 0);
  EXPECT_GT(run.time.select, 0);
}

TEST(SearchRun, SharesGoOnFromAnEarlierRun) {
  run_summary before;
  before.seconds = 100;
  before.time.breed = 60;
  before.time.wait_device = 40;
  before.time.evaluate = 40;
  before.time.wait_host = 60;
  const run_summary run = run_generations(2, {}, before);
  EXPECT_GE(run.time.breed, 60);
  EXPECT_GE(run.time.evaluate, 40 + 2 * nap_seconds);
  EXPECT_NEAR(run.time.host(), run.seconds, 0.5);
  EXPECT_NEAR(run.time.scoring(), run.seconds, 0.5);
}

TEST(DefaultPopulation, SuitsBeliefSelectionAndBackEnd) {
  using enum selection_rule;
  EXPECT_EQ(default_population(belief::plausible, truncation, true), 32);
  EXPECT_EQ(default_population(belief::plausible, tournament, false), 64);
  EXPECT_EQ(default_population(belief::strict, truncation, true), 64);
  EXPECT_EQ(default_population(belief::strict, truncation, false), 128);
  EXPECT_EQ(default_population(belief::strict, pareto, false), 200);
}

TEST(SearchNames, ReadBackAsWritten) {
  for (const belief trust : {belief::plausible, belief::strict, belief::maestro}) {
    EXPECT_EQ(parse_belief(name_of(trust)), trust);
  }
  using enum selection_rule;
  for (const selection_rule rule : {truncation, tournament, pareto}) {
    EXPECT_EQ(parse_selection(name_of(rule)), rule);
  }
  EXPECT_THROW(parse_belief("blind"), input_error);
  EXPECT_THROW(parse_selection("best"), input_error);
}

TEST(SearchRun, EndsAfterTheGenerationsAskedFor) {
  EXPECT_EQ(run_generations(3).logs[0].history.size(), 3u);
}

}  // namespace
}  // namespace cugamma
