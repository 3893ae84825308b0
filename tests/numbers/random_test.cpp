#include "numbers/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace cugamma {
namespace {

using words = std::array<std::uint32_t, 4>;

// Known answers that the authors of Philox publish with Random123 (kat_vectors).
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (words{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}));
  const std::uint32_t ones = 0xffffffffu;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (words{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}));
  EXPECT_EQ(
      philox4x32({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}, {0xa4093822u, 0x299f31d0u}),
      (words{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}));
}

TEST(RandomStream, IsAFunctionOfItsCoordinates) {
  random_stream a(7, 3, 11, 2);
  random_stream b(7, 3, 11, 2);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(a.next(), b.next());
}

TEST(RandomStream, EveryCoordinateMatters) {
  const random_stream streams[] = {{7, 3, 11, 2},
                                   {8, 3, 11, 2},
                                   {std::uint64_t{7} << 32, 3, 11, 2},
                                   {7, 4, 11, 2},
                                   {7, 3, 12, 2},
                                   {7, 3, std::uint64_t{11} << 32, 2},
                                   {7, 3, 11, 3}};
  std::set<std::uint32_t> firsts;
  for (random_stream s : streams) firsts.insert(s.next());
  EXPECT_EQ(firsts.size(), std::size(streams));
}

TEST(RandomStream, BelowIsUniform) {
  random_stream random(1, 0, 0);
  std::array<int, 7> seen{};
  for (int i = 0; i < 70000; ++i) ++seen[random.below(7)];
  for (const int n : seen) EXPECT_NEAR(n, 10000, 500);
}

TEST(RandomStream, ChanceKeepsItsProbability) {
  random_stream random(1, 0, 0);
  int hits = 0;
  for (int i = 0; i < 100000; ++i) hits += random.chance(chance_of(0.53));
  EXPECT_NEAR(hits, 53000, 800);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(random.chance(chance_of(0)));
    EXPECT_TRUE(random.chance(chance_of(1)));
  }
}

static_assert(random_stream(1, 2, 3).between(5, 5) == 5, "usable in constant expressions");

}  // namespace
}  // namespace cugamma
