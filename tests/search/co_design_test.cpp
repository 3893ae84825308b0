#include "cugamma/search/co_design.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/mapping/map_space.hpp"
#include "cugamma/search/warm_start.hpp"
#include "mapping/operators/seeding.hpp"
#include "search/co_design/front_contest.hpp"

namespace cugamma {
namespace {

layer conv(int k, int c, int y, int x, int r, int s) {
  layer l;
  l.size = {k, c, y, x, r, s, 1, 1};
  return l;
}

std::vector<weighted_layer> small_network() {
  return {{conv(64, 64, 58, 58, 3, 3), 3},
          {conv(128, 64, 30, 30, 3, 3), 1},
          {conv(10, 512, 1, 1, 1, 1), 1}};
}

search_space free_space(const layer& l, const accelerator& a) { return make_search_space(l, a); }

double area_mm2(std::int32_t pes, std::int64_t l1, std::int64_t l2) {
  return (282.0 * pes + 0.688 * (static_cast<double>(l1) * pes + static_cast<double>(l2))) / 1e6;
}

co_design_options budget_of(double um2) {
  co_design_options options;
  options.area_budget_um2 = um2;
  options.evaluations = 1000;
  return options;
}

TEST(CoDesign, BudgetAreaIsDiGammas) {
  const accelerator a;
  EXPECT_DOUBLE_EQ(budget_area_um2(a.constants, 168, 512, 108000) / 1e6,
                   area_mm2(168, 512, 108000));
}

TEST(CoDesign, NetworkStaysWithinEveryBudget) {
  const auto score = make_evaluator("cpu");
  const auto layers = small_network();
  for (const double budget_mm2 : {0.05, 0.2, 1.0}) {
    const co_design_result found =
        co_design({layers, {}, free_space, *score}, {}, budget_of(budget_mm2 * 1e6));
    EXPECT_LE(
        area_mm2(found.machine.num_pes, found.machine.l1_size_elems, found.machine.l2_size_elems),
        budget_mm2);
    double latency = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const auto& best = found.searches[i].best();
      ASSERT_TRUE(best) << budget_mm2;
      EXPECT_LE(best->figures.l1_size_elems, found.machine.l1_size_elems);
      EXPECT_LE(best->figures.l2_size_elems, found.machine.l2_size_elems);
      latency += static_cast<double>(layers[i].count * best->figures.runtime_cycles);
    }
    EXPECT_EQ(found.total, latency);
  }
}

TEST(CoDesign, MoreAreaIsNotSlower) {
  const auto score = make_evaluator("cpu");
  const auto layers = small_network();
  double before = std::numeric_limits<double>::infinity();
  for (const double budget_mm2 : {0.05, 0.4, 3.2}) {
    const double total =
        co_design({layers, {}, free_space, *score}, {}, budget_of(budget_mm2 * 1e6)).total;
    EXPECT_LT(total, before) << budget_mm2;
    before = total;
  }
}

std::vector<network_part> parts_of(const co_design_result& found,
                                   const std::vector<weighted_layer>& layers) {
  std::vector<network_part> parts;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const candidate& best = found.searches[i].best().value();
    parts.push_back({layers[i].l, best.mapping, best.figures, layers[i].count});
  }
  return parts;
}

/// Sums over the layers and the largest buffers, written out.
double expected_total(objective o, const std::vector<network_part>& parts, const accelerator& a) {
  double latency = 0;
  double energy = 0;
  double macs = 0;
  cost needs;
  for (const network_part& p : parts) {
    const auto count = static_cast<double>(p.count);
    latency += count * static_cast<double>(p.figures.runtime_cycles);
    energy += count * p.figures.energy_nj;
    macs += count * static_cast<double>(layer_macs(p.l));
    needs.l1_size_elems = std::max(needs.l1_size_elems, p.figures.l1_size_elems);
    needs.l2_size_elems = std::max(needs.l2_size_elems, p.figures.l2_size_elems);
  }
  const double area = area_um2(needs, a, a.num_pes);
  switch (o) {
    case objective::energy:
      return energy;
    case objective::edp:
      return energy * latency;
    case objective::throughput:
      return macs / latency;
    case objective::lap:
      return area * latency;
    case objective::eap:
      return area * energy;
    case objective::l_pe_l2:
      return latency * a.num_pes * static_cast<double>(needs.l2_size_elems);
    default:
      return latency;
  }
}

TEST(CoDesign, EveryObjectiveHasItsNetworkTotal) {
  const auto score = make_evaluator("cpu");
  const auto layers = small_network();
  accelerator base;
  base.noc_bw = 64;
  using enum objective;
  for (const objective o : {latency, energy, edp, throughput, lap, eap, l_pe_l2}) {
    search_options search;
    search.objectives = {o};
    co_design_options options = budget_of(2e5);
    options.evaluations = 300;
    const auto found = co_design({layers, base, free_space, *score}, search, options);
    EXPECT_LE(found.area_um2, 2e5) << name_of(o);
    EXPECT_DOUBLE_EQ(found.total, expected_total(o, parts_of(found, layers), found.machine))
        << name_of(o);
  }
}

TEST(CoDesign, KeepsLimitsOfTheNetwork) {
  const auto score = make_evaluator("cpu");
  const auto layers = small_network();
  const auto free = co_design({layers, {}, free_space, *score}, {}, budget_of(4e5));
  const network_figures unlimited_figures(parts_of(free, layers), free.machine);
  search_options search;
  search.limits = {{objective::budget_area, unlimited_figures.budget_area() * 0.6},
                   {objective::energy, unlimited_figures.energy() * 3}};
  const auto found = co_design({layers, {}, free_space, *score}, search, budget_of(4e5));
  const network_figures figures(parts_of(found, layers), found.machine);
  EXPECT_EQ(beyond(search.limits, figures), 0);
  EXPECT_LE(found.area_um2, search.limits[0].bound);
  EXPECT_GE(found.total, free.total);
}

TEST(CoDesign, BuffersOfTheBaseAreLimits) {
  const auto score = make_evaluator("cpu");
  accelerator base;
  base.l1_size_elems = 64;
  const auto found = co_design({small_network(), base, free_space, *score}, {}, budget_of(4e5));
  EXPECT_LE(found.machine.l1_size_elems, 64);
  EXPECT_LT(found.total, std::numeric_limits<double>::infinity());
}

void expect_same(const co_design_result& a, const co_design_result& b) {
  EXPECT_EQ(a.machine, b.machine);
  EXPECT_EQ(a.total, b.total);
  EXPECT_EQ(a.machines, b.machines);
  EXPECT_EQ(a.run.evaluations, b.run.evaluations);
  ASSERT_EQ(a.searches.size(), b.searches.size());
  for (std::size_t i = 0; i < a.searches.size(); ++i) {
    EXPECT_EQ(a.searches[i].best()->mapping, b.searches[i].best()->mapping);
    EXPECT_EQ(a.run.logs[i].history.size(), b.run.logs[i].history.size());
  }
}

/// The smallest accelerator that keeps a latency.
search_options smallest_within(double latency_cycles) {
  search_options search;
  search.objectives = {objective::budget_area};
  search.limits = {{objective::latency, latency_cycles}};
  return search;
}

/// Stopped after any generation, a resumed contest ends as an undisturbed one.
void expect_to_go_on(const search_options& search, co_design_options options) {
  const auto score = make_evaluator("cpu");
  const auto layers = small_network();
  int generations = 0;
  options.progress = [&](const co_design_progress&) { ++generations; };
  const co_design_result whole = co_design({layers, {}, free_space, *score}, search, options);
  for (const int stop_at : {1, generations / 3, generations / 2, generations - 1}) {
    int seen = 0;
    std::optional<co_design_state> saved;
    co_design_options stopped = options;
    stopped.progress = [&](const co_design_progress&) { ++seen; };
    stopped.interrupted = [&] { return seen == stop_at; };
    stopped.checkpoint = [&](co_design_state state) { saved = std::move(state); };
    co_design({layers, {}, free_space, *score}, search, stopped);
    ASSERT_TRUE(saved) << stop_at;
    expect_same(co_design({layers, {}, free_space, *score}, search, options, &*saved), whole);
  }
  co_design_state other;
  EXPECT_THROW(co_design({layers, {}, free_space, *score}, search, options, &other), input_error);
}

TEST(CoDesign, GoesOnWhereItWasStopped) {
  co_design_options options = budget_of(2e5);
  options.evaluations = 300;
  expect_to_go_on({}, options);
}

TEST(CoDesign, TheSmallestMachineGoesOnWhereItWasStopped) {
  co_design_options options = budget_of(std::numeric_limits<double>::infinity());
  options.evaluations = 300;
  options.pe_limit = 512;
  expect_to_go_on(smallest_within(2e6), options);
}

/// No contest within a budget of two percent less keeps the latency.
TEST(CoDesign, FindsTheSmallestMachineThatKeepsALatency) {
  const auto score = make_evaluator("cpu");
  const auto layers = small_network();
  const auto fast = co_design({layers, {}, free_space, *score}, {}, budget_of(2e5));
  const double latency = 1.3 * fast.total;
  const auto smallest = co_design({layers, {}, free_space, *score},
                                  smallest_within(latency),
                                  budget_of(std::numeric_limits<double>::infinity()));
  const network_figures figures(parts_of(smallest, layers), smallest.machine);
  EXPECT_LE(figures.latency(), latency);
  EXPECT_EQ(smallest.total, smallest.area_um2);
  EXPECT_DOUBLE_EQ(smallest.area_um2, figures.budget_area());
  EXPECT_LT(smallest.area_um2, fast.area_um2);
  for (const double less : {0.98, 0.9, 0.7}) {
    const auto by_hand =
        co_design({layers, {}, free_space, *score}, {}, budget_of(less * smallest.area_um2));
    EXPECT_GT(by_hand.total, latency) << less;
  }
}

TEST(CoDesign, LimitsThatNoMachineKeepsAreNamed) {
  const auto score = make_evaluator("cpu");
  const auto layers = small_network();
  co_design_options options = budget_of(std::numeric_limits<double>::infinity());
  options.pe_limit = 64;
  options.evaluations = 100;
  const auto message = [&](double latency) -> std::string {
    try {
      co_design({layers, {}, free_space, *score}, smallest_within(latency), options);
    } catch (const input_error& error) {
      return error.what();
    }
    return "";
  };
  double macs = 0;
  for (const weighted_layer& l : layers) {
    macs += static_cast<double>(l.count) * static_cast<double>(layer_macs(l.l));
  }
  EXPECT_NE(message(macs / 100).find("asks for 100 PEs or more, --pe-limit allows 64"),
            std::string::npos)
      << message(macs / 100);
  // As fast as 64 PEs could be without a step for filling them: what comes nearest is the result.
  const auto nearest =
      co_design({layers, {}, free_space, *score}, smallest_within(macs / 63.999), options);
  const network_figures figures(parts_of(nearest, layers), nearest.machine);
  EXPECT_GT(figures.latency(), macs / 63.999);
  EXPECT_LT(figures.latency(), 2 * macs / 63.999);
}

/// The fronts of every layer on every accelerator, as text.
std::string text_of(const front_contest_result& found) {
  std::string text;
  for (const machine_fronts& m : found.machines) {
    text += std::to_string(m.machine.num_pes);
    for (const genetic_search& search : m.searches) {
      for (const candidate& c : search.front().members) {
        text += ' ' + std::to_string(c.rank.values[0]) + ':' + std::to_string(c.rank.values[1]);
      }
      text += '\n';
    }
  }
  return text;
}

TEST(CoDesign, FrontsGoOnWhereTheyWereStopped) {
  const auto score = make_evaluator("cpu");
  const auto layers = small_network();
  const search_options search = front_options({objective::latency, objective::budget_area});
  co_design_options options = budget_of(std::numeric_limits<double>::infinity());
  options.pe_limit = 64;
  options.evaluations = 900;
  int generations = 0;
  options.progress = [&](const co_design_progress&) { ++generations; };
  // Keeps the accelerators with the most PEs and with the fewest.
  const front_judge judge = [](std::span<const machine_fronts> machines) {
    return std::vector<std::size_t>{0, machines.size() - 1};
  };
  const auto run = [&](const co_design_options& o, const co_design_state* from) {
    return search_machine_fronts({layers, {}, free_space, *score}, search, o, judge, from);
  };
  const front_contest_result whole = run(options, nullptr);
  // 64, 32, ... 1; then between and beside those kept: 45 (of 64), and none below 1.
  std::vector<std::int32_t> pes;
  for (const machine_fronts& m : whole.machines) pes.push_back(m.machine.num_pes);
  EXPECT_EQ(pes, (std::vector<std::int32_t>{1, 45, 64}));
  EXPECT_EQ(whole.machines_tried, 8);
  for (const machine_fronts& m : whole.machines) {
    for (const genetic_search& s : m.searches) EXPECT_EQ(s.evaluations(), 900);
  }
  for (const int stop_at : {1, generations / 2, generations - 1}) {
    int seen = 0;
    std::optional<co_design_state> saved;
    co_design_options stopped = options;
    stopped.progress = [&](const co_design_progress&) { ++seen; };
    stopped.interrupted = [&] { return seen == stop_at; };
    stopped.checkpoint = [&](co_design_state state) { saved = std::move(state); };
    run(stopped, nullptr);
    ASSERT_TRUE(saved) << stop_at;
    const front_contest_result again = run(options, &*saved);
    EXPECT_EQ(text_of(again), text_of(whole)) << stop_at;
    EXPECT_EQ(again.run.evaluations, whole.run.evaluations) << stop_at;
  }
  co_design_state other;
  EXPECT_THROW(run(options, &other), input_error);
}

TEST(CoDesign, TimeIsSharedByTheRounds) {
  const auto score = make_evaluator("cpu");
  co_design_options options = budget_of(4e5);
  options.evaluations = std::numeric_limits<std::int64_t>::max();
  options.seconds = 0.5;
  std::vector<std::size_t> machines_left;
  options.progress = [&](const co_design_progress& now) {
    if (machines_left.empty() || machines_left.back() != now.machines_left)
      machines_left.push_back(now.machines_left);
  };
  const auto found = co_design({small_network(), {}, free_space, *score}, {}, options);
  EXPECT_LT(found.run.seconds, 100) << "a generation is short, also on a busy machine";
  EXPECT_LT(found.total, std::numeric_limits<double>::infinity());
  EXPECT_GE(machines_left.size(), 7u) << "rounds of both heats ran";
}

TEST(CoDesign, ATimeLimitEndsTheSearchForTheSmallestMachine) {
  const auto score = make_evaluator("cpu");
  co_design_options options = budget_of(std::numeric_limits<double>::infinity());
  options.evaluations = std::numeric_limits<std::int64_t>::max();
  for (const double seconds : {0.0, 0.5}) {
    options.seconds = seconds;
    const auto found =
        co_design({small_network(), {}, free_space, *score}, smallest_within(2e6), options);
    EXPECT_LT(found.run.seconds, 100) << "a generation is short, also on a busy machine";
    EXPECT_EQ(found.run.evaluations > 0, seconds > 0);
    for (const genetic_search& search : found.searches) {
      EXPECT_EQ(search.best().has_value(), seconds > 0);
    }
  }
}

TEST(CoDesign, RefusesWhatItCannotDo) {
  const auto score = make_evaluator("cpu");
  EXPECT_THROW(co_design({small_network(), {}, free_space, *score}, {}, budget_of(100)),
               input_error);
  search_options power;
  power.objectives = {objective::power};
  EXPECT_THROW(co_design({small_network(), {}, free_space, *score}, power, budget_of(1e6)),
               input_error);
  // The smallest accelerator of all, where only figures of its own are limited.
  search_options smallest = smallest_within(1e6);
  smallest.limits = {{objective::power, 1e6}};
  EXPECT_THROW(co_design({small_network(), {}, free_space, *score}, smallest, budget_of(1e6)),
               input_error);
}

std::optional<candidate> searched(const search_space& space,
                                  const accelerator& a,
                                  const search_options& options,
                                  std::vector<genome> initial = {},
                                  std::int64_t evaluations = 3000) {
  std::vector<genetic_search> searches;
  searches.emplace_back(space, a, options, initial);
  stop_rule stop;
  stop.evaluations = evaluations;
  run_searches(searches, {&space.target, 1}, {&a, 1}, *make_evaluator("cpu"), stop);
  return searches[0].best();
}

TEST(PeSearch, OneLayerStaysWithinEveryBudget) {
  accelerator a;
  a.num_pes = 4096;
  search_space space = make_search_space(conv(64, 64, 58, 58, 3, 3), a);
  space.search_pes = true;
  space.pes_min = 1;
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  for (const double budget_mm2 : {0.02, 0.1, 0.5}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      search_options options;
      options.seed = seed;
      options.area_budget_um2 = budget_mm2 * 1e6;
      const auto best = searched(space, a, options);
      ASSERT_TRUE(best) << budget_mm2;
      const std::int32_t pes = own_pes(best->mapping);
      EXPECT_GE(pes, 1);
      EXPECT_LE(area_mm2(pes, best->figures.l1_size_elems, best->figures.l2_size_elems),
                budget_mm2);
      if (seed > 1) continue;
      EXPECT_LT(best->figures.runtime_cycles, before);
      before = best->figures.runtime_cycles;
    }
  }
}

TEST(Limits, AreKept) {
  const accelerator a;
  const search_space space = make_search_space(conv(64, 64, 58, 58, 3, 3), a);
  search_options options;
  const auto free = searched(space, a, options);
  ASSERT_TRUE(free);
  const std::int64_t l1 = free->figures.l1_size_elems / 4;
  options.limits = parse_limits("l1_size=" + std::to_string(l1) + ",throughput=20");
  const auto limited = searched(space, a, options);
  ASSERT_TRUE(limited);
  EXPECT_LE(limited->figures.l1_size_elems, l1);
  EXPECT_GE(static_cast<double>(limited->figures.num_macs) /
                static_cast<double>(limited->figures.runtime_cycles),
            20);
  options.limits = parse_limits("latency=1");
  EXPECT_FALSE(searched(space, a, options));
}

TEST(Limits, AreReadStrictly) {
  EXPECT_EQ(parse_limits("power=500,L1-size=2e3"),
            (std::vector<objective_limit>{{objective::power, 500}, {objective::l1_size, 2000}}));
  for (const char* bad : {"", "power", "power=", "power=-1", "power=x", "nothing=3", "power=5,"}) {
    EXPECT_THROW(parse_limits(bad), input_error) << bad;
  }
}

TEST(WarmStart, BeginsWhereTheLastSearchEnded) {
  const accelerator a;
  const search_space space = make_search_space(conv(64, 64, 58, 58, 3, 3), a);
  const auto first = searched(space, a, {});
  ASSERT_TRUE(first);
  const named_mapping
      known{"l", space.target, to_mapping(first->mapping, space.target), {}, {}, 0, {}};
  const auto initial = warm_start({known}, "l", space, 20);
  ASSERT_EQ(initial.size(), 1u);
  search_options other;
  other.seed = 99;
  const auto again = searched(space, a, other, initial, 20);
  ASSERT_TRUE(again);
  EXPECT_LE(again->rank, first->rank);
}

TEST(WarmStart, AdaptsToAnotherLayerAndSpace) {
  const accelerator a;
  const search_space space = make_search_space(conv(64, 64, 58, 58, 3, 3), a);
  random_stream random(5, 0, 0);
  const named_mapping
      known{"l", space.target, to_mapping(draw_random(space, random), space.target), {}, {}, 0, {}};
  for (const space_options& options : {space_options{.levels_min = 3, .levels_max = 3},
                                       space_options{.levels_min = 1, .levels_max = 1}}) {
    const search_space other = make_search_space(conv(7, 3, 9, 9, 3, 3), a, options);
    const auto initial = warm_start({known}, "other", other, 20);
    ASSERT_EQ(initial.size(), 1u);
    EXPECT_EQ(level_count(initial[0]), options.levels_min);
    for (int d = 0; d < gene_dimension_count; ++d) {
      EXPECT_LE(tile(initial[0], 0, static_cast<dimension>(d)), other.bound[d]);
    }
  }
}

TEST(MapSpace, CountsASmallSpaceExactly) {
  accelerator a;
  a.num_pes = 4;
  const search_space space = make_search_space(conv(2, 3, 1, 1, 1, 1), a);
  const map_space_size size = size_of(space);
  EXPECT_NEAR(std::pow(10, size.tile), 3 * 6, 1e-9);  // pairs t0 >= t1 of 2, and of 3
  EXPECT_NEAR(std::pow(10, size.order), 720.0 * 720, 1e-3);
  EXPECT_NEAR(std::pow(10, size.parallelism), 4, 1e-9);  // K or C on both levels
  EXPECT_NEAR(std::pow(10, size.shape), 4, 1e-9);
}

}  // namespace
}  // namespace cugamma
