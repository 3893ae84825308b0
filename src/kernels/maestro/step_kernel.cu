#include "cuda_error.hpp"
#include "maestro/maestro_kernels.hpp"
#include "maestro/maestro_launch.hpp"
#include "maestro/score_body.hpp"

namespace cugamma {
namespace {

// How many lack their runtime is known to the device alone, so each thread takes every n-th of
// them. Twice the warps are worth more than the 300 bytes that they spill.
__global__ void __launch_bounds__(step_block_threads, step_resident_blocks)
    step_kernel(maestro_input in) {
  __shared__ device::number cycles[core::most_stepped_tiles][step_block_threads];
  device::tile_column<step_block_threads> tiles{&cycles[0][threadIdx.x]};
  const std::uint32_t left = in.left[0];
  for (std::uint32_t at = blockIdx.x * step_block_threads + threadIdx.x; at < left;
       at += gridDim.x * step_block_threads) {
    const std::uint32_t i = in.left[left_at(at)];
    const genome g = in.genomes[i];
    device::score_steps(g,
                        in.layers[g.layer_index],
                        in.accelerators[g.accelerator_index],
                        tiles,
                        in.costs[i]);
  }
}

}  // namespace

void launch_steps(const maestro_input& in, int blocks, cudaStream_t s) {
  step_kernel<<<blocks, step_block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma
