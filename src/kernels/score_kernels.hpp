#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "launch_policy.hpp"

namespace cugamma {

namespace device {
struct layer_table;
struct machine_table;
}  // namespace device

/// A population where the kernels find it: every pointer is to memory that the device can reach.
struct score_input {
  const device::layer_table* layers = nullptr;
  const device::machine_table* machines = nullptr;
  const genome* genomes = nullptr;
  cost* costs = nullptr;
  /// Which mappings the closed form leaves over; count + left_heads elements: how many lack their
  /// runtime alone, how many lack everything, then their indices, the former from the front, the
  /// latter from the back.
  std::uint32_t* left = nullptr;
  std::uint32_t count = 0;
  std::uint32_t layer_count = 0;
  std::uint32_t machine_count = 0;
  /// Set to 1 if a mapping names a layer or machine that is not there; its cost means nothing then.
  std::uint32_t* index_out_of_range = nullptr;
  friend bool operator==(const score_input&, const score_input&) = default;
};

inline constexpr std::uint32_t left_heads = 2;
constexpr std::uint32_t left_at(std::uint32_t i) { return left_heads + i; }
constexpr std::uint32_t left_from_back(const score_input& in, std::uint32_t i) {
  return left_heads + in.count - 1 - i;
}

/// Scores by the closed form what it can express and lists what is left over. Throws cuda_error.
/// precondition: count >= 1 and the heads of the lists are 0 when the kernel starts
void launch_score(const score_input& in, const launch_policy& p, cudaStream_t s);

/// Finishes the mappings listed as lacking their runtime. blocks: how many the device runs at a
/// time.
void launch_steps(const score_input& in, int blocks, cudaStream_t s);

/// Scores the mappings listed as lacking everything. blocks: as above.
void launch_general(const score_input& in, int blocks, cudaStream_t s);

}  // namespace cugamma
