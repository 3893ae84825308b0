#include "cuda_error.hpp"

#include <fmt/format.h>

namespace cugamma {

cuda_error::cuda_error(cudaError_t code, const char* call, const char* file, int line)
    : backend_error(fmt::format("{}:{}: {}: {} ({})",
                                file,
                                line,
                                call,
                                cudaGetErrorName(code),
                                cudaGetErrorString(code))),
      code_(code) {}

void check_cuda(cudaError_t code, const char* call, const char* file, int line) {
  if (code == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());
  throw cuda_error(code, call, file, line);
}

}  // namespace cugamma
