#pragma once

#include <cuda_runtime_api.h>

#include "launch_policy.hpp"
#include "timeloop/score_body.hpp"

namespace cugamma::timeloop {

/// Scores a population and lists what is left over. Throws cuda_error. preconditions: count >= 1;
/// left[0] and not_simple[0] are 0 when the kernels start
void launch_score(const score_input& in,
                  const closed::tables& t,
                  int multiprocessors,
                  cudaStream_t s);

}  // namespace cugamma::timeloop
