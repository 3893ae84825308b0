#pragma once

#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"

namespace cugamma::exact {

/// The status of buffer sizes that a mapping needs, in elements.
CUGAMMA_HD constexpr std::uint32_t too_large(std::int64_t l1,
                                             std::int64_t l2,
                                             const accelerator& a) {
  const bool exceeds_first = a.l1_size_elems != unlimited && l1 > a.l1_size_elems;
  const bool exceeds_second = a.l2_size_elems != unlimited && l2 > a.l2_size_elems;
  return (exceeds_first ? exceeds_l1 : 0u) | (exceeds_second ? exceeds_l2 : 0u);
}

}  // namespace cugamma::exact
