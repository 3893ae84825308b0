#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <type_traits>

#include "cugamma/hd.hpp"
#include "cugamma/mapping/genome.hpp"

namespace cugamma {

/// Loop orders of both levels that families choose from, as the bits of a genome's word of loops.
struct order_table {
  static constexpr int most = 24;  ///< orders of K, C, Y and X
  std::array<std::array<std::uint32_t, most>, 2> order{};
};
static_assert(std::is_trivially_copyable_v<order_table>);

/// Two-level mappings that differ in their loop orders alone.
struct order_family {
  genome base;
  std::array<std::uint32_t, 2> orders{};  ///< sets of the table's orders, a bit each, by level
};
static_assert(std::is_trivially_copyable_v<order_family>);

CUGAMMA_HD constexpr std::uint64_t size_of(const order_family& f) {
  return static_cast<std::uint64_t>(std::popcount(f.orders[0])) *
         static_cast<std::uint64_t>(std::popcount(f.orders[1]));
}

/// The n-th bit, from 0, of those that are set.
CUGAMMA_HD constexpr int nth_set_bit(std::uint32_t bits, std::uint32_t n) {
  for (; n > 0; --n) bits &= bits - 1;
  return std::countr_zero(bits);
}

/// A mapping of a family by its number: orders of level 1 follow one another.
/// precondition: number < size_of(f)
CUGAMMA_HD constexpr genome genome_at(const order_family& f,
                                      const order_table& table,
                                      std::uint32_t number) {
  const auto inside = static_cast<std::uint32_t>(std::popcount(f.orders[1]));
  const std::array<std::uint32_t, 2> at{number / inside, number % inside};
  genome g = f.base;
  for (int level = 0; level < 2; ++level) {
    constexpr std::uint32_t mask = static_cast<std::uint32_t>(genome_fields::order(0).mask());
    const std::uint32_t order = table.order[level][nth_set_bit(f.orders[level], at[level])];
    g.loops[level] = (g.loops[level] & ~mask) | order;
  }
  return g;
}

/// The family of a mapping's number, where mappings are numbered one family after another.
/// first[i]: the number of the first mapping of family i
CUGAMMA_HD constexpr std::uint32_t family_of(const std::uint64_t* first,
                                             std::uint32_t families,
                                             std::uint64_t number) {
  std::uint32_t low = 0, high = families;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (first[middle] <= number ? low : high) = middle;
  }
  return low;
}

}  // namespace cugamma
