#pragma once

#include <cstddef>
#include <initializer_list>

namespace cugamma {

/// How many of the instruction sets that SIMD lanes are compiled for (base, AVX2, AVX-512, in this
/// order) the processor can run: 1 to 3.
std::size_t usable_lane_sets();

/// Of a model's lane sets, in this order, the widest that the processor can run.
template <class Lanes>
const Lanes& widest_lanes(std::initializer_list<const Lanes*> all) {
  return *all.begin()[usable_lane_sets() - 1];
}

}  // namespace cugamma
