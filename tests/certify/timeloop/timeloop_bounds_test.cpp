// No bound of a proof lies above the figure of any mapping.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "certify/timeloop/bounds.hpp"
#include "certify/timeloop/small_cases.hpp"
#include "cugamma/models/timeloop/scoring.hpp"
#include "search/timeloop/judge.hpp"

namespace cugamma::timeloop::proving {
namespace {

choice choice_of(const facts& f, const mapping& m) {
  choice c = nothing_chosen();
  for (std::size_t d = 0; d < f.splits.size(); ++d) {
    const auto is_own = [&](const split& s) {
      for (std::size_t b = 0; b < f.levels(); ++b) {
        if (s.spatial[b] != m.levels[b].spatial[d]) return false;
        if (s.temporal[b] != m.levels[b].temporal[d]) return false;
      }
      return true;
    };
    const auto own = std::ranges::find_if(f.splits[d], is_own);
    c.at[d] = static_cast<std::int32_t>(own - f.splits[d].begin());
  }
  c.count = static_cast<int>(f.order.size());
  return c;
}

chosen_orders orders_of(const mapping& m) {
  chosen_orders orders;
  for (std::size_t b = 0; b < m.levels.size(); ++b) {
    for (const std::uint8_t d : m.levels[b].temporal_order) {
      if (m.levels[b].temporal[d] == 1) continue;
      orders.loops[b][static_cast<std::size_t>(orders.count[b]++)] = d;
    }
  }
  return orders;
}

/// The bounds of what a mapping's first splits leave open, from all of them to none.
void expect_below(const facts& f, const mapping& m, double value) {
  const bounds b(f);
  choice c = choice_of(f, m);
  EXPECT_TRUE(b.may_fit(c));
  chosen_orders orders = orders_of(m);
  EXPECT_LE(b.value(c, orders), value) << "with all orders";
  for (int& count : orders.count) count = std::min(count, 1);
  EXPECT_LE(b.value(c, orders), value) << "with the innermost loops";
  constexpr double all_of_them = -1;
  while (true) {
    EXPECT_TRUE(b.may_fit(c));
    EXPECT_LE(b.value(c), value) << c.count << " dimensions chosen";
    EXPECT_LE(b.value_of_orders(c, all_of_them), value) << c.count << " dimensions chosen";
    if (c.count == 0) return;
    c.at[static_cast<std::size_t>(f.order[static_cast<std::size_t>(--c.count)])] = -1;
  }
}

/// Holds the bounds against random mappings; returns how many of them fit.
int try_mappings(const architecture& a,
                 const problem& p,
                 const constraints& c,
                 int mappings,
                 std::mt19937_64& random) {
  std::vector<facts> goals(3, facts_of(a, p, c, figure::edp));
  goals[1].goal = figure::latency;
  goals[2].goal = figure::energy;
  const scorer all(a, p);
  int fit = 0;
  for (int i = 0; i < mappings; ++i) {
    std::array<genome, 1> g{draw_genome(random, all.shape())};
    std::array<cost, 1> figures;
    for (std::size_t b = 0; b < a.levels.size(); ++b) g[0].keep[b] = goals[0].space.levels[b].keep;
    all.score(g, figures);
    if (figures[0].why != rejection::none) continue;
    ++fit;
    const mapping m = decode(g[0], all.shape());
    for (const facts& f : goals) {
      SCOPED_TRACE(fmt::format("mapping {}, goal {}", i, name_of({f.goal})));
      expect_below(f, m, value_of({f.goal, 0}, figures[0]));
      if (testing::Test::HasFailure()) return fit;
    }
  }
  return fit;
}

/// Real sizes, on machines whose levels hold any tile.
TEST(TimeloopBounds, AreBelowTheFiguresOfLargeMappings) {
  std::mt19937_64 random(8);
  const std::vector<problem> problems{make_gemm(512, 96, 768),
                                      make_conv({3, 3, 14, 20, 16, 24, 1}, 1, 1),
                                      make_conv({5, 3, 14, 8, 6, 24, 2}, 2, 1),
                                      make_conv({3, 3, 12, 6, 16, 2, 1}, 3, 2),
                                      make_conv({1, 1, 14, 28, 64, 36, 1}, 2, 1),
                                      make_mttkrp()};
  for (architecture a : {rows_machine(), wired_machine(), deep_machine()}) {
    for (storage_level& l : a.levels) {
      l.size_words.reset();
      l.min_utilization = 0;
    }
    for (const problem& p : problems) {
      SCOPED_TRACE(fmt::format("machine of {} levels, {}", a.levels.size(), p.name));
      EXPECT_GT(try_mappings(a, p, no_constraints(a, p), 300, random), 10);
    }
  }
}

TEST(TimeloopBounds, AreBelowTheFiguresOfSmallMappings) {
  std::mt19937_64 random(7);
  int fit = 0;
  for (int i = 0; fit < 25'000; ++i) {
    SCOPED_TRACE(fmt::format("machine {}", i));
    const architecture a = draw_small_architecture(random);
    const problem p = draw_small_problem(random);
    constraints c = no_constraints(a, p);
    if (i % 2 == 0)
      c.levels[0].bypass = static_cast<std::uint8_t>(a.levels.size() == 1 ? 0 : i % 7);
    fit += try_mappings(a, p, c, 100, random);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace cugamma::timeloop::proving
