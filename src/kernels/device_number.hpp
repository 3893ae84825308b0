#pragma once

#include <cstdint>

#include "cugamma/hd.hpp"
#include "numbers/number.hpp"

/// The numbers that the device computes with, in the vocabulary of numbers/number.hpp.
namespace cugamma::device {

/// A whole number that belongs to one dimension of a layer: 32 bits, which the device computes with
/// in half the instructions. Sums, differences and products wrap around.
struct size {
  using mask = bool;

  size() = default;
  CUGAMMA_HD constexpr explicit size(std::int32_t value) : v(static_cast<std::uint32_t>(value)) {}

  std::uint32_t v;

  CUGAMMA_HD static constexpr size of(std::uint32_t value) {
    size s(0);
    s.v = value;
    return s;
  }
  CUGAMMA_HD friend constexpr size operator+(size a, size b) { return of(a.v + b.v); }
  CUGAMMA_HD friend constexpr size operator-(size a, size b) { return of(a.v - b.v); }
  CUGAMMA_HD friend constexpr size operator*(size a, size b) { return of(a.v * b.v); }
  CUGAMMA_HD friend constexpr bool operator<(size a, size b) { return a.v < b.v; }
  CUGAMMA_HD friend constexpr bool operator>(size a, size b) { return a.v > b.v; }
  CUGAMMA_HD friend constexpr bool operator<=(size a, size b) { return a.v <= b.v; }
  CUGAMMA_HD friend constexpr bool operator>=(size a, size b) { return a.v >= b.v; }
};

CUGAMMA_HD constexpr size select(bool mask, size a, size b) { return mask ? a : b; }
CUGAMMA_HD constexpr size max_of(size a, size b) { return a < b ? b : a; }
CUGAMMA_HD constexpr size min_of(size a, size b) { return b < a ? b : a; }
/// floor(a / b). Where b is 0 the result means nothing.
CUGAMMA_HD constexpr size floor_div(size a, size b) { return size::of(a.v / (b.v != 0 ? b.v : 1)); }
/// Whether a dimension, given as a bit, is in a set of dimensions.
CUGAMMA_HD constexpr bool is_in(size dim_bit, unsigned set) { return (dim_bit.v & set) != 0; }

/// A size, or the way from one place of a dimension to another: as size, but signed.
struct offset {
  using mask = bool;

  offset() = default;
  CUGAMMA_HD constexpr explicit offset(std::int32_t value) : v(value) {}

  std::int32_t v;

  /// Of sums that wrap around, as those of size.
  CUGAMMA_HD static constexpr offset of(std::uint32_t value) {
    return offset(static_cast<std::int32_t>(value));
  }
  CUGAMMA_HD constexpr std::uint32_t bits() const { return static_cast<std::uint32_t>(v); }
  CUGAMMA_HD friend constexpr offset operator+(offset a, offset b) {
    return of(a.bits() + b.bits());
  }
  CUGAMMA_HD friend constexpr offset operator-(offset a, offset b) {
    return of(a.bits() - b.bits());
  }
  CUGAMMA_HD friend constexpr offset operator*(offset a, offset b) {
    return of(a.bits() * b.bits());
  }
  CUGAMMA_HD friend constexpr bool operator<(offset a, offset b) { return a.v < b.v; }
  CUGAMMA_HD friend constexpr bool operator>(offset a, offset b) { return a.v > b.v; }
  CUGAMMA_HD friend constexpr bool operator<=(offset a, offset b) { return a.v <= b.v; }
  CUGAMMA_HD friend constexpr bool operator>=(offset a, offset b) { return a.v >= b.v; }
};

CUGAMMA_HD constexpr offset select(bool mask, offset a, offset b) { return mask ? a : b; }
CUGAMMA_HD constexpr offset max_of(offset a, offset b) { return a < b ? b : a; }
CUGAMMA_HD constexpr offset min_of(offset a, offset b) { return b < a ? b : a; }
/// floor(a / b) of numbers of 32 bits without sign. Where b is 0 the result means nothing.
CUGAMMA_HD constexpr offset floor_div(offset a, offset b) {
  return offset::of(a.bits() / (b.v != 0 ? b.bits() : 1));
}
CUGAMMA_HD constexpr offset floor_div(offset a, const core::divisor<std::int32_t>& d) {
  return offset::of(a.bits() / static_cast<std::uint32_t>(d.value));
}

/// A whole number: 64 bits, since volumes and cycles need them, and no double, since most devices
/// hardly have any. Sums and products are exact below 2^63; quotients are of sizes, below 2^31.
struct number {
  using mask = bool;
  using real = float;

  number() = default;
  CUGAMMA_HD constexpr number(std::int64_t value) : v(value) {}
  CUGAMMA_HD constexpr explicit number(size s) : v(s.v) {}
  CUGAMMA_HD constexpr explicit number(offset o) : v(o.v) {}
  CUGAMMA_HD constexpr explicit operator std::int64_t() const { return v; }

  std::int64_t v;

  CUGAMMA_HD friend constexpr number operator+(number a, number b) { return {a.v + b.v}; }
  CUGAMMA_HD friend constexpr number operator-(number a, number b) { return {a.v - b.v}; }
  CUGAMMA_HD friend constexpr number operator*(number a, number b) { return {a.v * b.v}; }
  CUGAMMA_HD constexpr number& operator+=(number b) { return *this = *this + b; }
  CUGAMMA_HD constexpr number& operator*=(number b) { return *this = *this * b; }
  CUGAMMA_HD friend constexpr bool operator==(number a, number b) { return a.v == b.v; }
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

CUGAMMA_HD constexpr number where(number flag, number a, number b) { return flag.v != 0 ? a : b; }
CUGAMMA_HD constexpr number greater(number a, number b) { return {a.v > b.v ? 1 : 0}; }
CUGAMMA_HD constexpr number lookup(const number* table, number index) { return table[index.v]; }
CUGAMMA_HD constexpr bool any(number flag) { return flag.v != 0; }

}  // namespace cugamma::device

namespace cugamma::core {

template <>
struct wide_type<device::size> {
  using type = device::number;
};
template <>
struct wide_type<device::offset> {
  using type = device::number;
};

/// With the reciprocal as floor((2^64 - 1) / value).
template <>
struct divisor<device::number> {
  device::number value = 1;
  std::uint64_t reciprocal = ~std::uint64_t{0};
};

}  // namespace cugamma::core

namespace cugamma::device {

CUGAMMA_HD constexpr core::divisor<number> make_divisor(number value) {
  return {value, ~std::uint64_t{0} / static_cast<std::uint64_t>(value.v)};
}

/// floor(a / d) for 0 <= a < 2^63: the high half of a times the reciprocal is the quotient or one
/// less, since the reciprocal is less than 1 + 1 / d short of 2^64 / d.
CUGAMMA_HD constexpr number floor_div(number a, const core::divisor<number>& d) {
  const auto wide = static_cast<unsigned __int128>(a.v) * d.reciprocal;
  const auto quotient = static_cast<std::int64_t>(static_cast<std::uint64_t>(wide >> 64));
  return {quotient + (a.v - quotient * d.value.v >= d.value.v ? 1 : 0)};
}

/// ceil(a / d) for 0 <= a < 2^62.
CUGAMMA_HD constexpr number ceil_div(number a, const core::divisor<number>& d) {
  return floor_div(a + d.value - number(1), d);
}

/// ceil(a / d): the same high half, from products of 32 bits.
CUGAMMA_HD constexpr size ceil_div(size a, const core::divisor<number>& d) {
  const std::uint64_t high = a.v * (d.reciprocal >> 32);
  const std::uint64_t low = a.v * (d.reciprocal & 0xffffffffu);
  const auto quotient = static_cast<std::uint32_t>((high + (low >> 32)) >> 32);
  const auto divisor = static_cast<std::uint32_t>(d.value.v);
  const std::uint32_t rest = a.v - quotient * divisor;
  return size::of(quotient + (rest > divisor ? 2 : rest > 0 ? 1 : 0));
}

}  // namespace cugamma::device
