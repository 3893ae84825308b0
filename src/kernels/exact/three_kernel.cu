#include "cuda_error.hpp"
#include "exact/exact_kernel.hpp"
#include "exact/exact_launch.hpp"
#include "exact/three_body.hpp"

namespace cugamma::exact {
namespace {

// How many are left over is known to the device alone, so each thread takes every n-th of them.
__global__ void __launch_bounds__(chained_block_threads, chained_resident_blocks)
    three_kernel(exact_input in) {
  const std::uint32_t left = in.left[1];
  for (std::uint32_t at = blockIdx.x * chained_block_threads + threadIdx.x; at < left;
       at += gridDim.x * chained_block_threads) {
    std::uint32_t& place = in.left[left_from_back(in.count, at)];
    const genome g = in.genomes[place];
    const lacking lacks = score_three_level(g,
                                            in.layers[g.layer_index],
                                            in.accelerators[g.accelerator_index],
                                            in.costs[place]);
    if (lacks == lacking::nothing) place = finished;
  }
}

}  // namespace

void launch_three(const exact_input& in, int blocks, cudaStream_t s) {
  three_kernel<<<blocks, chained_block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma::exact
