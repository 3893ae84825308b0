#pragma once

#include <cstdint>

#include "cugamma/hd.hpp"

/// The number that the device computes with, in the vocabulary of core/number.hpp.
namespace cugamma::device {

/// A whole number: 64 bits, since volumes and cycles need them, and no double, since most devices
/// hardly have any. Sums and products are exact below 2^63; quotients are of sizes, below 2^31.
struct number {
  using mask = bool;
  using real = float;

  number() = default;
  CUGAMMA_HD constexpr number(std::int64_t value) : v(value) {}
  CUGAMMA_HD constexpr explicit operator std::int64_t() const { return v; }

  std::int64_t v;

  CUGAMMA_HD friend constexpr number operator+(number a, number b) { return {a.v + b.v}; }
  CUGAMMA_HD friend constexpr number operator-(number a, number b) { return {a.v - b.v}; }
  CUGAMMA_HD friend constexpr number operator*(number a, number b) { return {a.v * b.v}; }
  CUGAMMA_HD friend constexpr bool operator<(number a, number b) { return a.v < b.v; }
  CUGAMMA_HD friend constexpr bool operator>(number a, number b) { return a.v > b.v; }
  CUGAMMA_HD friend constexpr bool operator<=(number a, number b) { return a.v <= b.v; }
  CUGAMMA_HD friend constexpr bool operator>=(number a, number b) { return a.v >= b.v; }
};

CUGAMMA_HD constexpr number select(bool mask, number a, number b) { return mask ? a : b; }
CUGAMMA_HD constexpr number max_of(number a, number b) { return a < b ? b : a; }
CUGAMMA_HD constexpr number min_of(number a, number b) { return b < a ? b : a; }
CUGAMMA_HD constexpr float to_real(number a) { return static_cast<float>(a.v); }

/// floor(a / b). precondition: 0 <= a < 2^31, 0 < b < 2^31. Where b is 0 the result means nothing.
CUGAMMA_HD constexpr number floor_div(number a, number b) {
  const auto divisor = static_cast<std::uint32_t>(b.v);
  return {
      static_cast<std::int64_t>(static_cast<std::uint32_t>(a.v) / (divisor != 0 ? divisor : 1))};
}

}  // namespace cugamma::device
