#include "cuda_error.hpp"
#include "launch_policy.hpp"
#include "left_over.cuh"
#include "maestro/maestro_kernels.hpp"
#include "maestro/score_body.hpp"

namespace cugamma {
namespace {

__global__ void __launch_bounds__(max_block_threads) score_kernel(maestro_input in) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  genome g;
  if (i >= in.count || !read_genome(in, i, g)) return;
  list_left(in,
            i,
            device::score_two_level(g,
                                    in.layers[g.layer_index],
                                    in.accelerators[g.accelerator_index],
                                    in.costs[i]));
}

}  // namespace

void launch_score(const maestro_input& in, const launch_policy& p, cudaStream_t s) {
  score_kernel<<<block_count(in.count, p), p.block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma
