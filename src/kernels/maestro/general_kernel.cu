#include "cuda_error.hpp"
#include "maestro/general_body.hpp"
#include "maestro/maestro_kernels.hpp"
#include "maestro/maestro_launch.hpp"

namespace cugamma {
namespace {

constexpr unsigned block_groups = general_block_groups;
static_assert(block_groups * device::group_lanes == general_block_threads);

// The lanes of a group: neighbours in a warp, which wait for each other.
struct group {
  static constexpr unsigned count = device::group_lanes;
  unsigned lane;
  unsigned mask;

  template <class F>
  __host__ __device__ void each(F f) const {
    f(lane);
#ifdef __CUDA_ARCH__
    __syncwarp(mask);
#endif
  }
  __host__ __device__ float analyse(const core::handed_tiles<device::number>& tiles,
                                    unsigned of_lane) const {
    return device::analyse_in_group(tiles, of_lane);
  }
};

__device__ group own_group() {
  const unsigned first = threadIdx.x % 32 / device::group_lanes * device::group_lanes;
  const unsigned all = (1u << device::group_lanes) - 1;
  return {threadIdx.x % device::group_lanes, all << first};
}

// How many are left over is known to the device alone, so each group takes every n-th of them.
__global__ void __launch_bounds__(general_block_threads) general_kernel(maestro_input in) {
  __shared__ device::group_memory memory[block_groups];
  const group lanes = own_group();
  const unsigned own = threadIdx.x / device::group_lanes;
  const std::uint32_t left = in.left[1];
  for (std::uint32_t at = blockIdx.x * block_groups + own; at < left;
       at += gridDim.x * block_groups) {
    const std::uint32_t i = in.left[left_from_back(in.count, at)];
    const genome& g = in.genomes[i];
    device::score_group(lanes,
                        g,
                        in.layers[g.layer_index],
                        in.accelerators[g.accelerator_index],
                        memory[own],
                        in.costs[i]);
  }
}

}  // namespace

void launch_general(const maestro_input& in, int blocks, cudaStream_t s) {
  general_kernel<<<blocks, general_block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma
