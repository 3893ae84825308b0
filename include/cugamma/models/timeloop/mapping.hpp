#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cugamma/models/timeloop/problem.hpp"

namespace cugamma::timeloop {

/// The loops of one storage level. Arrays are indexed by dimension (factors) or by position
/// (orders); entries beyond the problem's dimensions are 1 and the index itself.
struct level_loops {
  std::array<std::int64_t, max_dimensions> temporal{};        ///< factors
  std::array<std::int64_t, max_dimensions> spatial{};         ///< factors; all 1 without fan-out
  std::array<std::uint8_t, max_dimensions> temporal_order{};  ///< dimensions, innermost loop first
  std::array<std::uint8_t, max_dimensions> spatial_order{};
  int split = max_dimensions;  ///< the first `split` of spatial_order lie on X, the rest on Y
  std::uint8_t keep = 0xff;    ///< bit t: the level holds a tile of tensor t (else: bypass)
  friend bool operator==(const level_loops&, const level_loops&) = default;
};

/// Loops that all have factor 1, in the problem's order, everything kept.
level_loops empty_loops();

/// A mapping: the loops of every storage level, the innermost first.
struct mapping {
  std::vector<level_loops> levels;
  friend bool operator==(const mapping&, const mapping&) = default;
};

}  // namespace cugamma::timeloop
