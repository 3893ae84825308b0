#pragma once

#include <array>
#include <cstdint>

#include "cugamma/models/timeloop/genome.hpp"

/// The four-bit values that a genome packs, two a byte, the lower half first.
namespace cugamma::timeloop {

inline constexpr int order_bytes = 5;  ///< of a level's ten positions

inline int nibble(const std::uint8_t* bytes, int i) { return bytes[i / 2] >> (4 * (i % 2)) & 15; }

inline void set_nibble(std::uint8_t* bytes, int i, int value) {
  const int shift = 4 * (i % 2);
  bytes[i / 2] = static_cast<std::uint8_t>((bytes[i / 2] & ~(15 << shift)) | value << shift);
}

/// The dimensions at the positions of a place's loops, the innermost first.
using dimension_order = std::array<std::uint8_t, max_dimensions>;

inline dimension_order read_order(const std::uint8_t* bytes) {
  dimension_order order;
  for (int i = 0; i < max_dimensions; ++i) {
    order[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(nibble(bytes, i));
  }
  return order;
}

inline void write_order(const dimension_order& order, std::uint8_t* bytes) {
  for (int i = 0; i < max_dimensions; ++i) {
    set_nibble(bytes, i, order[static_cast<std::size_t>(i)]);
  }
}

}  // namespace cugamma::timeloop
