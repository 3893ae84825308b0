#include "cugamma/search/pareto.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "numbers/random.hpp"

namespace cugamma {
namespace {

/// Points on a grid so coarse that many of their values, and some of the points, are equal.
std::vector<objective_values> random_points(std::uint64_t seed,
                                            std::size_t count,
                                            int objectives,
                                            std::int32_t grid) {
  random_stream random(seed, 0, 0);
  std::vector<objective_values> points(count);
  for (objective_values& p : points) {
    for (int o = 0; o < objectives; ++o) p[o] = random.below(grid);
  }
  return points;
}

bool is_undominated(const objective_values& p, const std::vector<objective_values>& among) {
  return std::ranges::none_of(among, [&](const objective_values& q) { return dominates(q, p); });
}

/// Takes the undominated points away again and again.
std::vector<std::uint32_t> peeled(const std::vector<objective_values>& points) {
  std::vector<std::uint32_t> numbers(points.size(), std::numeric_limits<std::uint32_t>::max());
  std::vector<objective_values> left = points;
  for (std::uint32_t front = 0; !left.empty(); ++front) {
    std::vector<objective_values> behind;
    for (const objective_values& p : left) {
      if (!is_undominated(p, left)) behind.push_back(p);
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      const bool is_open = numbers[i] == std::numeric_limits<std::uint32_t>::max();
      if (is_open && is_undominated(points[i], left)) numbers[i] = front;
    }
    left = behind;
  }
  return numbers;
}

TEST(Pareto, DominatesMeansNowhereWorseAndSomewhereBetter) {
  EXPECT_TRUE(dominates({1, 2}, {1, 3}));
  EXPECT_TRUE(dominates({0, 0, 0}, {1, 1, 1}));
  EXPECT_FALSE(dominates({1, 2}, {1, 2}));
  EXPECT_FALSE(dominates({1, 2, 0}, {2, 1, 9}));
}

TEST(Pareto, FrontNumbersAreThoseOfPeeling) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    for (const int objectives : {2, 3}) {
      for (const std::size_t count : {0u, 1u, 2u, 33u, 150u}) {
        const auto points = random_points(seed, count, objectives, seed % 2 == 0 ? 6 : 60);
        EXPECT_EQ(front_numbers(points), peeled(points))
            << "seed " << seed << ", " << count << " points of " << objectives << " objectives";
      }
    }
  }
}

TEST(Pareto, UndominatedIsTheFirstFrontOnce) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto points = random_points(seed, 200, 2 + static_cast<int>(seed % 2), 12);
    std::vector<objective_values> expected;
    for (const objective_values& p : points) {
      if (is_undominated(p, points)) expected.push_back(p);
    }
    std::ranges::sort(expected);
    const auto copies = std::ranges::unique(expected);
    expected.erase(copies.begin(), copies.end());
    std::vector<objective_values> found;
    for (const std::uint32_t i : undominated(points)) {
      found.push_back(points[i]);
      EXPECT_EQ(std::ranges::find(points, points[i]), points.begin() + i) << "the first of equals";
    }
    EXPECT_EQ(found, expected) << "seed " << seed;
  }
}

TEST(Pareto, SortsAHundredThousandOnOneFrontAndInAChain) {
  constexpr int count = 100000;
  std::vector<objective_values> front(count);
  std::vector<objective_values> chain(count);
  for (int i = 0; i < count; ++i) {
    front[i] = {1.0 * i, -1.0 * i, 1.0 * (i % 1000)};
    chain[i] = {1.0 * i, 2.0 * i, 3.0 * i};
  }
  EXPECT_EQ(undominated(front).size(), front.size());
  EXPECT_EQ(std::ranges::max(front_numbers(front)), 0u);
  EXPECT_EQ(front_numbers(chain).back(), count - 1u);
}

TEST(Pareto, CrowdingByHand) {
  const std::vector<objective_values> points{{0, 10}, {1, 4}, {4, 2}, {10, 0}};
  const std::vector<double> room = crowding_distances(points, 2);
  EXPECT_EQ(room[0], std::numeric_limits<double>::infinity());
  EXPECT_EQ(room[3], std::numeric_limits<double>::infinity());
  EXPECT_DOUBLE_EQ(room[1], 0.4 + 0.8);
  EXPECT_DOUBLE_EQ(room[2], 0.9 + 0.4);
}

TEST(Hypervolume, ByHand) {
  const std::vector<objective_values> steps{{1, 3}, {2, 2}, {3, 1}};
  EXPECT_DOUBLE_EQ(hypervolume(steps, 2, {4, 4}), 3 + 2 + 1);
  const std::vector<objective_values> copies{{1, 3}, {1, 3}, {2, 3}, {1, 5}};
  EXPECT_DOUBLE_EQ(hypervolume(copies, 2, {4, 4}), 3) << "copies and beaten ones add nothing";
  const std::vector<objective_values> boxes{{0, 0, 1}, {1, 1, 0}};
  EXPECT_DOUBLE_EQ(hypervolume(boxes, 3, {2, 2, 2}), 4 + 2 - 1);
  const std::vector<objective_values> outside{{5, 0}, {4, 4}, {0, 4}};
  EXPECT_DOUBLE_EQ(hypervolume(outside, 2, {4, 4}), 0);
  EXPECT_DOUBLE_EQ(hypervolume({}, 3, {4, 4, 4}), 0);
  const std::vector<objective_values> maximised{{-3, 1}};
  EXPECT_DOUBLE_EQ(hypervolume(maximised, 2, {-1, 2}), 2);
}

TEST(Hypervolume, CountsCellsOfAGrid) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const auto points = random_points(seed, 12, 3, 9);
    int cells = 0;
    for (int cell = 0; cell < 8 * 8 * 8; ++cell) {
      const objective_values corner{1.0 * (cell / 64), 1.0 * (cell / 8 % 8), 1.0 * (cell % 8)};
      cells += std::ranges::any_of(points, [&](const objective_values& p) {
        return p[0] <= corner[0] && p[1] <= corner[1] && p[2] <= corner[2];
      });
    }
    EXPECT_DOUBLE_EQ(hypervolume(points, 3, {8, 8, 8}), cells) << "seed " << seed;
  }
}

TEST(Hypervolume, AgreesWithMonteCarlo) {
  random_stream random(11, 0, 0);
  const auto uniform = [&] { return random.next() * 0x1p-32; };
  std::vector<objective_values> points(20);
  for (objective_values& p : points) p = {uniform(), uniform(), uniform()};
  constexpr int draws = 200000;
  int hits = 0;
  for (int i = 0; i < draws; ++i) {
    const objective_values at{uniform(), uniform(), uniform()};
    hits += std::ranges::any_of(points, [&](const objective_values& p) {
      return p[0] <= at[0] && p[1] <= at[1] && p[2] <= at[2];
    });
  }
  const double volume = hypervolume(points, 3, {1, 1, 1});
  const double deviation = std::sqrt(volume * (1 - volume) / draws);
  EXPECT_NEAR(volume, static_cast<double>(hits) / draws, 4 * deviation);
}

TEST(Hypervolume, NeverShrinksWithAnotherPoint) {
  for (const int objectives : {2, 3}) {
    const auto points = random_points(5, 200, objectives, 50);
    double last = 0;
    for (std::size_t n = 1; n <= points.size(); ++n) {
      const double now = hypervolume(std::span(points).first(n), objectives, {40, 40, 40});
      EXPECT_GE(now, last) << n;
      last = now;
    }
  }
}

}  // namespace
}  // namespace cugamma
