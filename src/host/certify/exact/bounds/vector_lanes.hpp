#pragma once

#include <cstddef>

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/bounds/vector_bounds.hpp"

/// Bounds of many vectors of one list under a range of PEs' tiles, a vector a SIMD lane. Each
/// instruction set has a form of its own, made from the same text.
namespace cugamma::exact::vectors {

inline constexpr std::size_t batch_length = 64;

/// Vectors, as top_vector has them; boxes (first_boxes) where mappings may wait.
struct batch {
  std::size_t count = 0;
  double least[floor_count][batch_length];
  double first[batch_length];
  double in[batch_length];
  double out[batch_length];
  double out_added[batch_length];
  double steps[free_dims][batch_length];
  double whole[free_dims][batch_length];
  double last[free_dims][batch_length];
  double is_long[free_dims][batch_length];  ///< 1 or 0
};

/// What no mapping with a vector falls short of.
struct bounds {
  double energy[batch_length];  ///< of both levels, in MACs
  double cycles[batch_length];
  double value[batch_length];  ///< of the goal, of these
};

/// Floors of level 1 by kind; [1]: where the inner parallel dimension makes two steps of level 0.
/// -infinite: none holds.
using kind_floors = double[2][floor_count];

struct bound_lanes {
  /// limit: bounds above it need not be the highest.
  void (*bound)(const question_numbers& q,
                const list_question& list,
                const kind_floors& floors,
                double limit,
                const batch& b,
                bounds& found);
};

extern const bound_lanes lanes_base, lanes_avx2, lanes_avx512;

}  // namespace cugamma::exact::vectors
