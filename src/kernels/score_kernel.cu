#include "cuda_error.hpp"
#include "score_body.hpp"
#include "score_kernels.hpp"

namespace cugamma {
namespace {

__global__ void __launch_bounds__(max_block_threads) score_kernel(score_input in) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= in.count) return;
  const genome g = in.genomes[i];
  if (g.layer_index >= in.layer_count || g.accelerator_index >= in.machine_count) {
    in.costs[i] = cost{};
    *in.index_out_of_range = 1;
    return;
  }
  const device::lacking lacks = device::score_two_level(g,
                                                        in.layers[g.layer_index],
                                                        in.machines[g.accelerator_index],
                                                        in.costs[i]);
  if (lacks == device::lacking::runtime) in.left[left_at(atomicAdd(&in.left[0], 1u))] = i;
  if (lacks == device::lacking::everything) {
    in.left[left_from_back(in, atomicAdd(&in.left[1], 1u))] = i;
  }
}

}  // namespace

void launch_score(const score_input& in, const launch_policy& p, cudaStream_t s) {
  score_kernel<<<block_count(in.count, p), p.block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma
