#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "cugamma/cost.hpp"
#include "cugamma/genome.hpp"
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
  /// Which mappings the closed form leaves over: their number, then their indices; count + 1
  /// elements.
  std::uint32_t* rest = nullptr;
  std::uint32_t count = 0;
  friend bool operator==(const score_input&, const score_input&) = default;
};

/// Scores by the closed form what it can express and lists the rest. Throws cuda_error.
/// precondition: count >= 1 and rest[0] is 0 when the kernel starts
void launch_fitness(const score_input& in, const launch_policy& p, cudaStream_t s);

/// Scores the mappings that launch_fitness listed. blocks: how many the device runs at a time.
void launch_general(const score_input& in, int blocks, cudaStream_t s);

}  // namespace cugamma
