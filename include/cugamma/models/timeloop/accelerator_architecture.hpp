#pragma once

#include <string>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/problem/accelerator.hpp"

namespace cugamma::timeloop {

/// An accelerator as Timeloop's model takes it: DRAM, an L2, an L1 for each PE, and simd_lanes MACs
/// for each L1. L1 and L2 are double buffered, as the other models have it. The bandwidths of the
/// NoC and off chip are those of L2 and of DRAM; cluster buffers, hops and areas have no
/// counterpart. Throws input_error for more MACs than 2^31.
architecture architecture_of(const accelerator& a, const std::string& name);

}  // namespace cugamma::timeloop
