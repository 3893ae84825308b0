#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "cugamma/ranking.hpp"

namespace cugamma {

struct rank_input;
struct rank_scratch;

/// Ranks a population on the device and writes its best count mappings, in stream order; every
/// pointer is to device memory. Throws cuda_error. precondition: count <= in.count
void rank_on_device(const rank_input& in,
                    const rank_scratch& at,
                    std::uint32_t count,
                    ranked_mapping* best,
                    cudaStream_t s);

}  // namespace cugamma
