#pragma once

#include <bit>
#include <cstdint>

#include "numbers/number.hpp"

/// 32-bit words, one (std::uint32_t) or one a lane of a SIMD register, with the same results.
/// Comparisons, divisions and conversions ask for words below 2^31; the rest wraps around.
namespace cugamma::core {

/// The upper half of the product of two words.
CUGAMMA_HD constexpr std::uint32_t mul_high(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint32_t>((std::uint64_t{a} * b) >> 32);
}

template <int Bits>
CUGAMMA_HD constexpr std::uint32_t rotate_left(std::uint32_t a) {
  return a << Bits | a >> (32 - Bits);
}

/// floor(log2(a)). precondition: a is normal and at least 1
CUGAMMA_HD constexpr std::uint32_t floor_log2(float a) {
  return (std::bit_cast<std::uint32_t>(a) >> 23) - 127;
}

/// The bits of a number; those of positive numbers are in the numbers' order.
CUGAMMA_HD constexpr std::uint32_t bits_of(float a) { return std::bit_cast<std::uint32_t>(a); }

/// ceil(a / b). precondition: 0 < b, a + b <= 2^23, where lanes divide exactly
template <class N>
CUGAMMA_HD constexpr N ceil_quotient(N a, N b) {
  return floor_div(a + b - N(1), b);
}

template <class N>
CUGAMMA_HD constexpr N clamped(N a, N low, N high) {
  return min_of(max_of(a, low), high);
}

/// Greatest common divisor. preconditions: a, b <= 2^22
template <class N>
CUGAMMA_HD constexpr N common_divisor(N a, N b) {
  while (any_of(N(0) < b)) {
    const mask_of<N> left = N(0) < b;
    const N rest = a - floor_div(a, max_of(b, N(1))) * b;
    a = select(left, b, a);
    b = select(left, rest, b);
  }
  return a;
}

}  // namespace cugamma::core
