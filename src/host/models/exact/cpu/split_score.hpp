#pragma once

#include <cstdint>
#include <span>

#include "models/exact/cpu/lane_score.hpp"

/// The form of split_filter/ in SIMD lanes, one for each instruction set.
namespace cugamma::exact::split {

struct split_lanes {
  /// Scores the mappings at `places`, which it sorts, and lists what is left.
  using score = void(const lane_layer& l,
                     const lane_accelerator& a,
                     std::span<const genome> genomes,
                     std::span<std::uint32_t> places,
                     std::span<cost> out,
                     left_over& left);

  score* two_levels;
  score* three_levels;
};

extern const split_lanes lanes_base, lanes_avx2, lanes_avx512;

}  // namespace cugamma::exact::split
