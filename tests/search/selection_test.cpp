#include "search/selection/selection.hpp"

#include <gtest/gtest.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include "numbers/random.hpp"

namespace cugamma {
namespace {

search_rank random_rank(random_stream& random, std::int32_t different) {
  search_rank f;
  const double sign = random.below(4) == 0 ? -1 : 1;
  f.values = {sign * random.below(different), static_cast<double>(random.below(3))};
  const int kind = random.below(6);
  if (kind == 0) f.violation = 0.25 * random.between(1, 20);
  if (kind == 1) f.violation = std::numeric_limits<double>::infinity();
  return f;
}

std::vector<search_rank> random_pool(std::uint64_t seed, std::size_t size) {
  random_stream random(seed, 0, 0);
  std::vector<search_rank> pool(size);
  for (search_rank& f : pool) f = random_rank(random, static_cast<std::int32_t>(size / 5 + 2));
  return pool;
}

std::vector<std::uint32_t> sorted_best(const std::vector<search_rank>& ranks, std::size_t most) {
  std::vector<std::uint32_t> order(ranks.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, [&](auto a, auto b) { return ranks[a] < ranks[b]; });
  std::vector<std::uint32_t> best;
  for (const std::uint32_t i : order) {
    const bool is_copy = !best.empty() && ranks[i] == ranks[best.back()];
    if (best.size() < most && !is_copy && std::isfinite(ranks[i].violation)) best.push_back(i);
  }
  return best;
}

TEST(Selection, TakesWhatSortingWouldTake) {
  selection fittest;
  distinct_pool both;
  for (const std::size_t size : {0u, 1u, 2u, 31u, 32u, 33u, 700u, 40000u}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const std::vector<search_rank> pool = random_pool(seed, size);
      const std::span<const search_rank> all(pool);
      for (const std::size_t most : {std::size_t{0}, std::size_t{1}, 2 * size / 5, size}) {
        both.assign(all.first(size / 3), all.subspan(size / 3));
        const auto chosen = fittest.best(both, most);
        std::vector<std::uint32_t> got(chosen.begin(), chosen.end());
        std::vector<std::uint32_t> expected = sorted_best(pool, most);
        std::ranges::sort(got);
        std::ranges::sort(expected);
        EXPECT_EQ(got, expected) << "seed " << seed << ", " << most << " of " << size;
      }
    }
  }
}

// Whole classes of members rank the same by their first values.
TEST(Selection, TiesOfManyAreDecidedByTheNextValues) {
  selection fittest;
  distinct_pool both;
  for (const int decisive : {0, 1, 2, 3}) {
    random_stream random(static_cast<std::uint64_t>(decisive), 0, 0);
    std::vector<search_rank> pool(100000);
    for (search_rank& f : pool) {
      if (random.below(8) == 0) f.violation = 0.5 * random.between(1, 2);
      for (int i = 0; i < 4; ++i) f.values[i] = random.below(i == decisive ? 1 << 20 : 2) - 1;
    }
    for (const std::size_t most : {std::size_t{1000}, std::size_t{40000}, std::size_t{90000}}) {
      both.assign({}, pool);
      const auto chosen = fittest.best(both, most);
      std::vector<std::uint32_t> got(chosen.begin(), chosen.end());
      std::vector<std::uint32_t> expected = sorted_best(pool, most);
      std::ranges::sort(got);
      std::ranges::sort(expected);
      EXPECT_EQ(got, expected) << decisive << ", " << most;
    }
  }
}

TEST(Selection, WhatItTakesDependsOnThePoolAlone) {
  selection used;
  distinct_pool both;
  // One of every five, of 250 and of two members is different.
  for (const std::int32_t different : {40000, 800, 100000, 800}) {
    random_stream random(static_cast<std::uint64_t>(different), 0, 0);
    std::vector<search_rank> pool(200000);
    for (search_rank& f : pool) f = random_rank(random, different);
    for (const std::size_t most : {1000u, 80000u}) {
      both.assign({}, pool);
      const auto again = used.best(both, most);
      std::vector<std::uint32_t> got(again.begin(), again.end());
      selection fresh;
      const auto once = fresh.best(both, most);
      EXPECT_EQ(got, std::vector(once.begin(), once.end())) << different;
      std::ranges::sort(got);
      std::vector<std::uint32_t> expected = sorted_best(pool, most);
      std::ranges::sort(expected);
      EXPECT_EQ(got, expected) << different;
    }
  }
}

void expect_listed(std::size_t count, const std::function<bool(std::size_t)>& keeps) {
  std::vector<std::uint32_t> expected;
  for (std::size_t i = 0; i < count; ++i) {
    if (keeps(i)) expected.push_back(static_cast<std::uint32_t>(2 * i));
  }
  for (const int cores : {1, 2, 8}) {
    std::vector<std::uint32_t> got{5, 6};
    tbb::task_arena(cores).execute([&] {
      list_kept(
          count,
          keeps,
          [](std::size_t i) { return static_cast<std::uint32_t>(2 * i); },
          got);
    });
    EXPECT_EQ(got, expected) << count << " on " << cores;
  }
}

TEST(ListKept, ListsTheSameOnAnyNumberOfCores) {
  const auto some = [](std::size_t i) { return i % 7 == 3 || i / 1000 % 3 == 1; };
  const std::function<bool(std::size_t)> rules[] = {some,
                                                    [](std::size_t) { return false; },
                                                    [](std::size_t) { return true; }};
  for (const std::size_t n : {0u, 1u, 1023u, 1024u, 1025u, 5000u, 300000u, 2000000u}) {
    for (const auto& keeps : rules) expect_listed(n, keeps);
  }
}

TEST(KeyFinder, FindsWhatWouldStandThereInOrder) {
  key_finder finder;
  for (const std::uint32_t different : {1u, 3u, 1000u, 1u << 30}) {
    random_stream random(different, 0, 0);
    std::vector<std::uint64_t> keys(100000);
    for (std::uint64_t& k : keys) k = random.word_below(different);
    std::vector<std::uint64_t> sorted = keys;
    std::ranges::sort(sorted);
    for (const std::size_t place : {0u, 1u, 777u, 50000u, 99998u, 99999u}) {
      EXPECT_EQ(finder.key_at(keys, place), sorted[place]) << different << ", " << place;
      EXPECT_GE(finder.key_near(keys, place), sorted[place]) << different << ", " << place;
    }
    std::ranges::sort(keys, std::greater());  // a sample in steps is a fair one of any order
    EXPECT_EQ(finder.key_at(keys, 40000), sorted[40000]) << different;
  }
}

TEST(Selection, CoarseKeysNeverContradictFitness) {
  const std::vector<search_rank> pool = random_pool(7, 300);
  for (const search_rank& a : pool) {
    for (const search_rank& b : pool) {
      EXPECT_TRUE(!(a < b) || coarse_key(a) <= coarse_key(b));
    }
  }
}

TEST(Selection, NegativeZeroIsZero) {
  search_rank zero;
  search_rank negative;
  negative.values[0] = -0.0;
  EXPECT_EQ(hash(zero), hash(negative));
  EXPECT_EQ(coarse_key(zero), coarse_key(negative));
}

}  // namespace
}  // namespace cugamma
