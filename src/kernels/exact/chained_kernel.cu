#include "cuda_error.hpp"
#include "exact/exact_kernel.hpp"
#include "exact/exact_launch.hpp"
#include "exact/score_body.hpp"

namespace cugamma::exact {
namespace {

// How many are left over is known to the device alone, so each thread takes every n-th of them.
__global__ void __launch_bounds__(chained_block_threads, chained_resident_blocks)
    chained_kernel(exact_input in) {
  const std::uint32_t of_runtime = in.left[0], all = of_runtime + in.left[1];
  for (std::uint32_t at = blockIdx.x * chained_block_threads + threadIdx.x; at < all;
       at += gridDim.x * chained_block_threads) {
    const bool is_whole = at >= of_runtime;
    std::uint32_t& place =
        in.left[is_whole ? left_from_back(in.count, at - of_runtime) : left_at(at)];
    if (place == finished) continue;
    const genome g = in.genomes[place];
    const bool is_done = finish_on_device(g,
                                          is_whole ? lacking::everything : lacking::runtime,
                                          in.layers[g.layer_index],
                                          in.accelerators[g.accelerator_index],
                                          in.costs[place]);
    if (is_done) {
      place = finished;
    } else {
      atomicAdd(&in.left[unfinished_head], 1u);
    }
  }
}

}  // namespace

void launch_chained(const exact_input& in, int blocks, cudaStream_t s) {
  chained_kernel<<<blocks, chained_block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma::exact
