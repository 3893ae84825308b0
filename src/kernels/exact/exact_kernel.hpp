#pragma once

#include <cuda_runtime_api.h>

#include "device_tables.hpp"
#include "launch_policy.hpp"

namespace cugamma::exact {

struct layer_row;
struct accelerator_row;

using exact_input = tabled_input<layer_row, accelerator_row>;

/// Scores by the closed form what it can express and lists what is left over. Throws cuda_error.
/// precondition: count >= 1 and the heads of the lists are 0 when the kernel starts
void launch_score(const exact_input& in, const launch_policy& p, cudaStream_t s);

/// Scores mappings of three levels among those listed as lacking everything, and marks them
/// finished. blocks: how many the device runs at a time.
void launch_three(const exact_input& in, int blocks, cudaStream_t s);

/// The same of mappings of two levels that cut R or S, or are parallel in them.
void launch_split(const exact_input& in, int blocks, cudaStream_t s);

/// Works out the runtime of mappings of two levels whose steps wait for a NoC or for what is off
/// chip, where counts have 32 bits, and marks them finished. blocks: as above.
void launch_waiting(const exact_input& in, int blocks, cudaStream_t s);

/// Finishes what is left over, as far as the device can, and marks it finished in the lists.
/// blocks: as above.
void launch_chained(const exact_input& in, int blocks, cudaStream_t s);

}  // namespace cugamma::exact
