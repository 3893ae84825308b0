#pragma once

#include <cuda_runtime_api.h>

#include "cugamma/error.hpp"

namespace cugamma {

/// A CUDA call failed. The message reads "file:line: call: error name (what it means)".
class cuda_error : public backend_error {
 public:
  cuda_error(cudaError_t code, const char* call, const char* file, int line);
  cudaError_t code() const { return code_; }

 private:
  cudaError_t code_;
};

/// Throws cuda_error unless code is cudaSuccess, and clears the runtime's last error so that the
/// next call does not report this one again.
void check_cuda(cudaError_t code, const char* call, const char* file, int line);

}  // namespace cugamma

/// Runs a CUDA call and throws cuda_error if it fails.
#define CUGAMMA_CUDA_CHECK(call) ::cugamma::check_cuda((call), #call, __FILE__, __LINE__)
