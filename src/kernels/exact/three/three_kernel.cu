#include "cuda_error.hpp"
#include "exact/block_traffic.cuh"
#include "exact/exact_kernel.hpp"
#include "exact/exact_launch.hpp"
#include "exact/three/three_levels_body.hpp"

// A block works on 32 mappings: first a warp on each of the four dimensions, a lane a mapping; then
// all threads on what needs a look at sub-clusters, which few mappings do; then a warp on each part
// of the traffic.
namespace cugamma::exact {
namespace {

static_assert(block_warps == traffic_parts);
// Odd, so that mappings begin in different banks.
static_assert(sizeof(three_levels) / sizeof(std::uint32_t) % 2 == 1);

/// What a block keeps of its mappings.
struct block_memory {
  block_traffic traffic;
  three_levels of[block_mappings];
  std::uint32_t place[block_mappings];
  std::uint32_t due[chained::whole_dims][block_row];
  block_jobs jobs[block_warps];  ///< by warp

  /// What is left to add_deep() of all dimensions, deep_sums::bits each.
  __device__ std::uint32_t due_of(int m) const {
    std::uint32_t all = 0;
    for (int d = 0; d < chained::whole_dims; ++d) all |= due[d][m] << deep_sums::bits * d;
    return all;
  }
};

__device__ void look_at_sub_clusters(block_memory& b, int warp, const exact_input& in) {
  b.jobs[warp].each(warp, block_warps, [&](int m, int n) {
    const genome g = in.genomes[b.place[m]];
    const int bit = nth_bit(b.due_of(m), n);
    add_deep(g,
             bit / deep_sums::bits,
             1u << bit % deep_sums::bits,
             in.layers[g.layer_index],
             b.of[m]);
  });
}

__global__ void __launch_bounds__(block_threads, three_resident_blocks)
    three_kernel(exact_input in) {
  __shared__ block_memory b;
  const int lane = static_cast<int>(threadIdx.x) % block_mappings;
  const int warp = static_cast<int>(threadIdx.x) / block_mappings;
  const std::uint32_t left = in.left[1];
  for (std::uint32_t from = blockIdx.x * block_mappings; from < left;
       from += gridDim.x * block_mappings) {
    const std::uint32_t at = from + static_cast<std::uint32_t>(lane);
    genome g;
    std::uint32_t place = 0, due = 0;
    std::int32_t top_units = 0;
    lacking lacks = lacking::everything;
    if (at < left) {
      place = in.left[left_from_back(in.count, at)];
      g = in.genomes[place];
      lacks = begin_three_levels(g,
                                 in.layers[g.layer_index],
                                 in.accelerators[g.accelerator_index],
                                 top_units);
    }
    const bool is_due = lacks == lacking::runtime;
    if (is_due) due = sum_axis(g, warp, in.layers[g.layer_index], top_units, b.of[lane]);
    b.due[warp][lane] = due;
    if (warp == 0) {
      b.place[lane] = place;
      b.of[lane].top_units = top_units;
    }
    __syncthreads();
    b.jobs[warp].count(lane, __popc(b.due_of(lane)));
    look_at_sub_clusters(b, warp, in);
    __syncthreads();
    if (is_due) {
      const number filter(in.layers[g.layer_index].closed.filter);
      b.traffic.put(warp, lane, traffic_of(warp, g, b.of[lane], filter));
    }
    __syncthreads();
    if (warp == traffic_parts - 1) {
      if (is_due) {
        lacks = finish_three_levels(b.of[lane],
                                    b.traffic.sum(lane),
                                    in.layers[g.layer_index],
                                    in.accelerators[g.accelerator_index],
                                    in.costs[place]);
      } else if (lacks == lacking::nothing) {
        in.costs[place] = cost{.status = clusters_exceed_pes};
      }
      if (lacks == lacking::nothing) in.left[left_from_back(in.count, at)] = finished;
    }
    __syncthreads();
  }
}

}  // namespace

void launch_three(const exact_input& in, int blocks, cudaStream_t s) {
  three_kernel<<<blocks, block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma::exact
