#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "numbers/random.hpp"

namespace cugamma {

/// Uniform in [0, 1).
inline double uniform(random_stream& random) { return random.next() * 0x1p-32; }

/// A vector of uniform keys.
inline std::vector<double> draw_keys(int size, random_stream& random) {
  std::vector<double> keys(static_cast<std::size_t>(size));
  for (double& key : keys) key = uniform(random);
  return keys;
}

/// Standard normal, by Box and Muller's method.
inline double normal(random_stream& random) {
  const double radius = std::sqrt(-2 * std::log(1 - uniform(random)));
  return radius * std::cos(2 * std::numbers::pi * uniform(random));
}

/// A key that left [0, 1] mirrored at the border that it crossed.
inline double reflected(double key) { return std::abs(std::remainder(key, 2.0)); }

}  // namespace cugamma
