#pragma once

#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/problem/accelerator.hpp"

namespace cugamma {

/// Cycles that the first of some elements takes through the NoC.
CUGAMMA_HD constexpr std::int64_t noc_delay(const accelerator& a) {
  return std::int64_t{a.noc_hops} * a.noc_hop_latency;
}

}  // namespace cugamma
