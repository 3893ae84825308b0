#include "cuda_error.hpp"
#include "fitness_body.hpp"
#include "fitness_kernels.hpp"

namespace cugamma {
namespace {

// How many are left over is known to the device alone, so each thread takes every n-th of them.
__global__ void __launch_bounds__(general_block_threads) general_kernel(score_input in) {
  const std::uint32_t left = in.rest[0];
  for (std::uint32_t at = blockIdx.x * blockDim.x + threadIdx.x; at < left;
       at += gridDim.x * blockDim.x) {
    const std::uint32_t i = in.rest[1 + at];
    const genome g = in.genomes[i];
    in.costs[i] = device::score_any(g, in.layers[g.layer_index], in.machines[g.accelerator_index]);
  }
}

}  // namespace

void launch_general(const score_input& in, int blocks, cudaStream_t s) {
  general_kernel<<<blocks, general_block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma
