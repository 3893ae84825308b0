#include "cuda_error.hpp"
#include "timeloop/score_kernel.hpp"

namespace cugamma::timeloop {
namespace {

__global__ void __launch_bounds__(max_block_threads) timeloop_score_kernel(score_input in) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= in.count || score_one(in, i)) return;
  in.left[1 + atomicAdd(&in.left[0], 1u)] = i;
}

}  // namespace

void launch_score(const score_input& in, const launch_policy& p, cudaStream_t s) {
  timeloop_score_kernel<<<block_count(in.count, p), p.block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma::timeloop
