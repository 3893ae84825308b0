#include <type_traits>

#include "cuda_error.hpp"
#include "exact/block_traffic.cuh"
#include "exact/exact_kernel.hpp"
#include "exact/exact_launch.hpp"
#include "exact/split/split_body.hpp"

// A block works on 32 mappings: first a warp on each window at each level, a lane a mapping, then a
// warp on each part of the traffic.
namespace cugamma::exact {
namespace {

using split::split_levels;

static_assert(block_warps == split::split_parts);
// Odd, so that mappings begin in different banks.
static_assert(sizeof(split_levels) / sizeof(std::uint32_t) % 2 == 1);

/// What a block keeps of its mappings.
struct block_memory {
  block_traffic traffic;
  split_levels of[block_mappings];
  std::uint32_t place[block_mappings];
  lacking lacks[block_mappings];
};

/// Reads what a mapping of the list is.
__device__ void begin(const exact_input& in, std::uint32_t at, int lane, block_memory& b) {
  b.lacks[lane] = lacking::everything;
  if (at >= in.left[1]) return;
  const std::uint32_t place = b.place[lane] = in.left[left_from_back(in.count, at)];
  if (place == finished) return;
  const genome g = in.genomes[place];
  b.lacks[lane] = split::begin_split(g,
                                     in.layers[g.layer_index],
                                     in.accelerators[g.accelerator_index],
                                     b.of[lane].top_units);
}

/// Writes its cost.
__device__ void finish(const exact_input& in, std::uint32_t at, int lane, const block_memory& b) {
  lacking lacks = b.lacks[lane];
  if (lacks == lacking::everything) return;
  const std::uint32_t place = b.place[lane];
  if (lacks == lacking::nothing) {
    in.costs[place] = cost{.status = clusters_exceed_pes};
  } else {
    const genome& g = in.genomes[place];
    lacks = split::finish_split(b.of[lane],
                                b.traffic.sum(lane),
                                in.layers[g.layer_index],
                                in.accelerators[g.accelerator_index],
                                in.costs[place]);
  }
  if (lacks == lacking::nothing) in.left[left_from_back(in.count, at)] = finished;
}

// Nothing sets up what is shared.
static_assert(std::is_trivially_default_constructible_v<block_memory>);

__global__ void __launch_bounds__(block_threads, split_resident_blocks)
    split_kernel(exact_input in) {
  __shared__ block_memory b;
  constexpr int lightest = split::split_parts - 1;
  const int lane = static_cast<int>(threadIdx.x) % block_mappings;
  const int part = static_cast<int>(threadIdx.x) / block_mappings;
  const std::uint32_t left = in.left[1];
  for (std::uint32_t from = blockIdx.x * block_mappings; from < left;
       from += gridDim.x * block_mappings) {
    const std::uint32_t at = from + static_cast<std::uint32_t>(lane);
    if (part == lightest) begin(in, at, lane, b);
    __syncthreads();
    const bool is_due = b.lacks[lane] == lacking::runtime;
    genome g;
    if (is_due) {
      g = in.genomes[b.place[lane]];
      split::sum_part(g, part, in.layers[g.layer_index], b.of[lane].top_units, b.of[lane]);
    }
    __syncthreads();
    if (is_due) b.traffic.put(part, lane, split::traffic_of(part, g, b.of[lane]));
    __syncthreads();
    if (part == lightest) finish(in, at, lane, b);
    __syncthreads();
  }
}

}  // namespace

void launch_split(const exact_input& in, int blocks, cudaStream_t s) {
  split_kernel<<<blocks, block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma::exact
