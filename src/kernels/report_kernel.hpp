#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "cugamma/evaluate/report_batch.hpp"

namespace cugamma {

/// Where the report kernel finds its batch: every pointer is to memory that the device can reach.
struct report_input {
  const layer* layers = nullptr;
  const accelerator* accelerators = nullptr;
  const report_request* requests = nullptr;
  report* reports = nullptr;
  std::uint32_t count = 0;
};

/// Runs the reference model, one mapping a thread. Throws cuda_error. precondition: count >= 1
void launch_report(const report_input& in, cudaStream_t s);

}  // namespace cugamma
