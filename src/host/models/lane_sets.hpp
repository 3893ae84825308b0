#pragma once

#include <cstddef>

namespace cugamma {

/// How many of the instruction sets that SIMD lanes are compiled for (base, AVX2, AVX-512, in this
/// order) the processor can run: 1 to 3.
std::size_t usable_lane_sets();

}  // namespace cugamma
