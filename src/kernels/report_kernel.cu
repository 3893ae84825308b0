#include "cuda_error.hpp"
#include "models/maestro/reference/reference_model.hpp"
#include "report_kernel.hpp"

namespace cugamma {
namespace {

constexpr unsigned block_threads = 64;

__global__ void __launch_bounds__(block_threads) report_kernel(report_input in) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= in.count) return;
  const report_request& r = in.requests[i];
  in.reports[i] =
      evaluate_reference(in.layers[r.layer_index], in.accelerators[r.accelerator_index], r.m);
}

}  // namespace

void launch_report(const report_input& in, cudaStream_t s) {
  report_kernel<<<(in.count + block_threads - 1) / block_threads, block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma
