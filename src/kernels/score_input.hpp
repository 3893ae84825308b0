#pragma once

#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"

namespace cugamma {

/// A population where the kernels find it: every pointer is to memory that the device can reach.
struct score_input {
  const genome* genomes = nullptr;
  cost* costs = nullptr;
  /// Which mappings a model's first kernel leaves over; count + left_heads elements: how many lack
  /// their runtime alone, how many lack everything, how many of both the device does not finish,
  /// then their indices, the former from the front, the latter from the back. A kernel of a model
  /// that leaves work to the host puts `finished` in the place of those that it has finished.
  std::uint32_t* left = nullptr;
  std::uint32_t count = 0;
  std::uint32_t layer_count = 0;
  std::uint32_t accelerator_count = 0;
  /// Set to 1 if a mapping names a layer or accelerator that is not there; its cost means nothing
  /// then.
  std::uint32_t* index_out_of_range = nullptr;
  friend bool operator==(const score_input&, const score_input&) = default;
};

/// What a mapping's cost still lacks.
enum class lacking { nothing, runtime, everything };

inline constexpr std::uint32_t left_heads = 3;
inline constexpr std::uint32_t unfinished_head = 2;
inline constexpr std::uint32_t finished = ~std::uint32_t{0};
CUGAMMA_HD constexpr std::uint32_t left_at(std::uint32_t i) { return left_heads + i; }
CUGAMMA_HD constexpr std::uint32_t left_from_back(std::uint32_t count, std::uint32_t i) {
  return left_heads + count - 1 - i;
}

}  // namespace cugamma
