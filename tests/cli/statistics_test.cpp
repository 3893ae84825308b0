#include "cli/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cugamma::cli {
namespace {

using numbers = std::vector<double>;

TEST(Statistics, QuantilesInterpolate) {
  EXPECT_EQ(quantile({3, 1, 2}, 0.5), 2);
  EXPECT_EQ(quantile({4, 1, 2, 3}, 0.5), 2.5);
  EXPECT_EQ(quantile({1, 2, 3, 4, 5}, 0.25), 2);
  EXPECT_EQ(quantile({7}, 1), 7);
  EXPECT_EQ(quantile({7}, 0.9), 7);
}

TEST(Statistics, RanksBeginWithTheLeast) {
  EXPECT_EQ(ranks_of(numbers{30, 10, 20}), (numbers{3, 1, 2}));
  EXPECT_EQ(ranks_of(numbers{-1, std::numeric_limits<double>::infinity(), 0}), (numbers{1, 3, 2}));
  EXPECT_EQ(ranks_of(numbers{}), numbers{});
}

TEST(Statistics, EqualValuesShareTheMeanOfTheirRanks) {
  EXPECT_EQ(ranks_of(numbers{5, 1, 5, 9}), (numbers{2.5, 1, 2.5, 4}));
  EXPECT_EQ(ranks_of(numbers{2, 2, 2}), (numbers{2, 2, 2}));
  EXPECT_EQ(ranks_of(numbers{7, 7, 1, 7, 1}), (numbers{4, 4, 1.5, 4, 1.5}));
}

TEST(Statistics, RankCorrelationAsksForTheOrderAlone) {
  EXPECT_EQ(rank_correlation(numbers{1, 2, 3, 4}, numbers{1, 10, 100, 1000}), 1);
  EXPECT_EQ(rank_correlation(numbers{1, 2, 3, 4}, numbers{8, 4, 2, 1}), -1);
}

// Without ties it is 1 - 6 x (sum of squared differences of ranks) / (n (n^2 - 1)).
TEST(Statistics, RankCorrelationIsTheTextbooks) {
  const numbers a{106, 100, 86, 101, 99, 103, 97, 113, 112, 110};
  const numbers b{7, 27, 2, 50, 28, 29, 20, 12, 6, 17};
  EXPECT_NEAR(rank_correlation(a, b).value(), 1 - 6 * 194.0 / (10 * 99), 1e-14);
  EXPECT_NEAR(rank_correlation(b, a).value(), 1 - 6 * 194.0 / (10 * 99), 1e-14);
}

// Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 x 5).
TEST(Statistics, RankCorrelationOfTies) {
  EXPECT_NEAR(rank_correlation(numbers{1, 2, 2, 3}, numbers{1, 2, 3, 4}).value(),
              4.5 / std::sqrt(4.5 * 5),
              1e-15);
}

TEST(Statistics, NothingCorrelatesWithWhatDoesNotVary) {
  EXPECT_FALSE(rank_correlation(numbers{1, 1, 1}, numbers{1, 2, 3}));
  EXPECT_FALSE(rank_correlation(numbers{1, 2, 3}, numbers{0, 0, 0}));
  EXPECT_FALSE(rank_correlation(numbers{}, numbers{}));
  EXPECT_FALSE(rank_correlation(numbers{4}, numbers{2}));
}

}  // namespace
}  // namespace cugamma::cli
