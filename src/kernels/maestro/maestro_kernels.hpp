#pragma once

#include <cuda_runtime_api.h>

#include "device_tables.hpp"
#include "launch_policy.hpp"

namespace cugamma {

namespace device {
struct layer_table;
struct machine_table;
}  // namespace device

using maestro_input = tabled_input<device::layer_table, device::machine_table>;

/// Scores by the closed form what it can express and lists what is left over. Throws cuda_error.
/// precondition: count >= 1 and the heads of the lists are 0 when the kernel starts
void launch_score(const maestro_input& in, const launch_policy& p, cudaStream_t s);

/// Finishes the mappings listed as lacking their runtime. blocks: how many the device runs at a
/// time.
void launch_steps(const maestro_input& in, int blocks, cudaStream_t s);

/// Scores the mappings listed as lacking everything. blocks: as above.
void launch_general(const maestro_input& in, int blocks, cudaStream_t s);

}  // namespace cugamma
