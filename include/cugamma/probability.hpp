#pragma once

#include <cstdint>

#include "cugamma/hd.hpp"

namespace cugamma {

/// A probability in 1/65536, so that a test costs half a random word.
struct probability {
  std::uint32_t per_65536 = 0;
  friend constexpr bool operator==(const probability&, const probability&) = default;
};
/// precondition: 0 <= p <= 1
CUGAMMA_HD constexpr probability chance_of(double p) {
  return {static_cast<std::uint32_t>(p * 65536.0 + 0.5)};
}

}  // namespace cugamma
