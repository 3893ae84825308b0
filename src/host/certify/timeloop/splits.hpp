#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "search/timeloop/map_space.hpp"

namespace cugamma::timeloop::proving {

/// A way to share a dimension's size out over the places of a mapping. Arrays are by level.
struct split {
  std::array<std::int64_t, max_levels> spatial{};
  std::array<std::int64_t, max_levels> temporal{};
  std::array<std::int64_t, max_levels + 1> below{};  ///< indices that the next inner level works on
  std::array<double, max_levels> instances{};        ///< spatial factors of all levels outside
  std::array<double, max_levels> visits{};           ///< temporal ones of this level and outside
  std::vector<std::uint8_t> prime_places;            ///< of the dimension's primes, ascending
};

/// More ways than this are not listed.
inline constexpr std::size_t most_splits = 200'000;

/// All ways that keep the rules of the places; where there are more than most_splits, one more than
/// that.
std::vector<split> splits_of(const map_space& space, int dimension);

}  // namespace cugamma::timeloop::proving
