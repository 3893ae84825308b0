#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/terms/tile_classes.hpp"

namespace cugamma::exact {

/// Cycles of level 0's NoC, where mappings may wait for it, least over loop orders; rounded down.
struct moved_cycles {
  float in = 0;         ///< for input and filter
  float out = 0;        ///< for outputs, if they leave after each step
  float out_added = 0;  ///< if they are added up over the innermost loop, that of C
};

/// A class of level 0's tiles: that of the parallel dimension itself, of the others their classes.
struct top_vector {
  std::array<std::uint16_t, free_dims> classes{};
  /// Least energy of level 0 over loop orders, with the share of each kind of floor; rounded down.
  std::array<float, floor_count> least{};
  float steps = 1;  ///< of level 0
  float first = 0;  ///< elements that its first step waits for; rounded down
  moved_cycles moved{};
  std::uint8_t in_two_steps = 0;  ///< dimensions that make two steps, as bits
};

/// All vectors of one parallel dimension above, its tile and its sub-clusters.
struct top_list {
  int parallel = nothing_parallel;
  std::int32_t tile = 1;
  std::int32_t units = 1;
  std::int32_t least_cluster = 1;  ///< cluster sizes that give it so many sub-clusters
  std::int32_t largest_cluster = 1;
  std::int32_t steps = 1;
  double busy = 1;  ///< extents of the busiest sub-cluster, parallel dimension
  std::vector<top_vector> vectors;
};

/// Classes of the tiles of all four dimensions.
struct class_grid {
  std::array<std::vector<tile_class>, free_dims> classes;
  std::array<std::vector<std::int32_t>, free_dims> of_tile;

  explicit class_grid(const question& q);
  const tile_class& of(std::size_t d, std::uint16_t index) const { return classes[d][index]; }
};

/// The largest float that is no larger than a number; that is at least 0, rounding apart.
inline float rounded_down(double x) {
  x = std::max(x, 0.0);
  const auto f = static_cast<float>(x);
  return f > x ? std::bit_cast<float>(std::bit_cast<std::uint32_t>(f) - 1) : f;
}

/// Lists without vectors: every parallel dimension, its tiles, its numbers of sub-clusters.
std::vector<top_list> empty_lists(const question& q);

/// Extents that the busiest PE has at least, multiplied: the list's parallel dimension above,
/// `inner` below, of which it has at least `inner_busy`.
double least_busy(const question& q, const top_list& list, int inner, double inner_busy);

}  // namespace cugamma::exact
