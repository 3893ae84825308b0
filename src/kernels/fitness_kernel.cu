#include "cuda_error.hpp"
#include "fitness_body.hpp"
#include "fitness_kernels.hpp"

namespace cugamma {
namespace {

__global__ void __launch_bounds__(max_block_threads) fitness_kernel(score_input in) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= in.count) return;
  const genome g = in.genomes[i];
  const bool done = device::score_two_level(g,
                                            in.layers[g.layer_index],
                                            in.machines[g.accelerator_index],
                                            in.costs[i]);
  if (!done) in.rest[1 + atomicAdd(in.rest, 1u)] = i;
}

}  // namespace

void launch_fitness(const score_input& in, const launch_policy& p, cudaStream_t s) {
  fitness_kernel<<<block_count(in.count, p), p.block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma
