#pragma once

#include <cstdint>
#include <type_traits>

#include "cugamma/hd.hpp"

/// The arithmetic of the core. Its functions take the number type as a parameter: one number a
/// mapping (double, std::int64_t) or one number a lane of a SIMD register; all values are integers
/// below 2^53, so every type holds them exactly and all give the same results.
namespace cugamma::core {

template <class T>
concept scalar = std::is_arithmetic_v<T>;

/// What a comparison of numbers gives, lane by lane: bool for a plain number.
template <class N>
struct mask_type {
  using type = typename N::mask;
};
template <scalar N>
struct mask_type<N> {
  using type = bool;
};
template <class N>
using mask_of = typename mask_type<N>::type;

/// Numbers with a fraction, in single precision: float for a plain number.
template <class N>
struct real_type {
  using type = typename N::real;
};
template <scalar N>
struct real_type<N> {
  using type = float;
};
template <class N>
using real_of = typename real_type<N>::type;

/// Numbers for products over several dimensions, where those of single dimensions have fewer bits.
template <class N>
struct wide_type {
  using type = N;
};
template <class N>
using wide_of = typename wide_type<N>::type;

template <scalar T>
CUGAMMA_HD constexpr T select(bool mask, T a, T b) {
  return mask ? a : b;
}
CUGAMMA_HD constexpr bool any_of(bool mask) { return mask; }
CUGAMMA_HD constexpr float largest_of(float value) { return value; }

template <scalar T>
CUGAMMA_HD constexpr float to_real(T value) {
  return static_cast<float>(value);
}

CUGAMMA_HD constexpr bool is_positive(float value) { return value > 0; }

/// floor(a / b) for 0 <= a < 2^52, 0 < b. In double: the quotient is at least 1/b away from the
/// next integer or exact, so the rounded division cannot cross it.
template <scalar T>
CUGAMMA_HD constexpr T floor_div(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return a / b;
  } else {
    return static_cast<T>(static_cast<std::int64_t>(a / b));
  }
}

template <scalar T>
CUGAMMA_HD constexpr T max_of(T a, T b) {
  return a < b ? b : a;
}

template <scalar T>
CUGAMMA_HD constexpr T min_of(T a, T b) {
  return b < a ? b : a;
}

/// a where flag is 1, b where it is 0.
template <scalar T>
CUGAMMA_HD constexpr T where(T flag, T a, T b) {
  return flag != T{0} ? a : b;
}

/// 1 where a > b, else 0.
template <scalar T>
CUGAMMA_HD constexpr T greater(T a, T b) {
  return a > b ? T{1} : T{0};
}

/// A divisor that stays the same for a whole batch, with its reciprocal.
template <class T>
struct divisor {
  T value = 1;
  double reciprocal = 1;
};

template <class T>
CUGAMMA_HD constexpr divisor<T> make_divisor(T value) {
  return {value, 1.0 / static_cast<double>(value)};
}

/// ceil(a / d) for 0 <= a < 2^51.
template <scalar T>
CUGAMMA_HD constexpr T ceil_div(T a, const divisor<T>& d) {
  if constexpr (std::is_integral_v<T>) {
    return (a + d.value - 1) / d.value;
  } else {
    const T q = static_cast<T>(static_cast<std::int64_t>(a * d.reciprocal));
    return q + greater(a, q * d.value);
  }
}

/// floor(a / d) for 0 <= a < 2^51.
template <scalar T>
CUGAMMA_HD constexpr T floor_div(T a, const divisor<T>& d) {
  if constexpr (std::is_integral_v<T>) {
    return a / d.value;
  } else {
    const T c = ceil_div(a, d);
    return c - greater(c * d.value, a);
  }
}

template <scalar T>
CUGAMMA_HD constexpr T lookup(const T* table, T index) {
  return table[static_cast<int>(index)];
}

/// True if any lane is not 0.
template <scalar T>
CUGAMMA_HD constexpr bool any(T flag) {
  return flag != T{0};
}

}  // namespace cugamma::core
