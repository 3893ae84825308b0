#pragma once

#include <bit>
#include <cstdint>

#include "device_number.hpp"
#include "models/exact/waiting/step_classes.hpp"

/// The classes of steps of waiting/step_classes.hpp by number, so that a thread finds those that
/// its mapping has by a set of bits.
namespace cugamma::exact::waiting {

using device::number;
using device::size;

/// Loops of a level by their places, a bit each, the outermost first.
using loop_bits = std::uint32_t;

CUGAMMA_HD constexpr bool has(loop_bits bits, int place) { return (bits >> place & 1) != 0; }

CUGAMMA_HD constexpr int lowest(std::uint32_t bits) {
#ifdef __CUDA_ARCH__
  return __ffs(static_cast<int>(bits)) - 1;
#else
  return std::countr_zero(bits);
#endif
}

CUGAMMA_HD constexpr int highest(std::uint32_t bits) {
#ifdef __CUDA_ARCH__
  return 31 - __clz(static_cast<int>(bits));
#else
  return std::bit_width(bits) - 1;
#endif
}

CUGAMMA_HD constexpr int count_of(std::uint32_t bits) {
#ifdef __CUDA_ARCH__
  return __popc(bits);
#else
  return std::popcount(bits);
#endif
}

/// The steps before which the loop `moved` has turned and after which the loop `next` turns.
struct step_kind {
  int moved;
  int next;
  loop_bits last;  ///< loops in a step like their last

  /// The loops outside this place may stand anywhere, the one there is between its first and its
  /// last step.
  CUGAMMA_HD constexpr int between() const { return moved < innermost ? moved : next; }
};

/// Classes are numbered by the loop that has turned before, if it is not the innermost, and by the
/// steps that the loops down to it are in; then by the loop that turns next and the steps that the
/// loops outside it are in.
inline constexpr int first_left = 2 + 4 + 8;
inline constexpr int first_step_kind = first_left + 1 + 2 + 4 + 8;  ///< and two more classes
inline constexpr int last_step_kind = first_step_kind + 1;

CUGAMMA_HD constexpr step_kind kind_of(int number) {
  if (number < first_left) {
    const auto n = static_cast<std::uint32_t>(number) + 2;
    const int moved = highest(n) - 1;
    return {moved, innermost, n - (2u << moved)};
  }
  const auto n = static_cast<std::uint32_t>(number - first_left) + 1;
  const int next = highest(n);
  const loop_bits inside = (1u << loop_count) - (2u << next);
  return {innermost, next, (n - (1u << next)) | inside};
}

/// The classes between the first step and the last that a level has. ending: loops of several
/// steps whose last differs from the others.
CUGAMMA_HD constexpr std::uint32_t kinds_between(const size (&steps)[loop_count],
                                                 loop_bits ending) {
  std::uint32_t patterns = 1, kinds = 0;  // which sets of loops outside may be in their last step
  CUGAMMA_UNROLL
  for (int i = 0; i < loop_count; ++i) {
    const std::uint32_t several = patterns << (1u << i);
    const std::uint32_t left = patterns << (first_left + (1 << i) - 1);
    if (steps[i] > size(i == innermost ? 2 : 1)) kinds |= left;
    if (i < innermost) {
      const int entered = (2 << i) - 2;
      if (steps[i] > size(has(ending, i) ? 2 : 1)) kinds |= patterns << entered;
      if (has(ending, i)) kinds |= several << entered;
    }
    if (has(ending, i)) patterns |= several;
  }
  return kinds;
}

}  // namespace cugamma::exact::waiting
