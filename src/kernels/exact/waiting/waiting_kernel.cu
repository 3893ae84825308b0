#include "cuda_error.hpp"
#include "exact/block_jobs.cuh"
#include "exact/exact_kernel.hpp"
#include "exact/exact_launch.hpp"
#include "exact/waiting/step_cycles.hpp"

// A block works on 32 mappings: first a warp on each of the four dimensions, a lane a mapping; then
// all threads on the boxes of all mappings, and then on their classes of steps, a thread each.
// Mappings have few of either or many, which is why they are shared out.
namespace cugamma::exact {
namespace {

using namespace waiting;

constexpr int most_boxes = 1 << loop_count;
constexpr int row = block_row;
// Odd, so that mappings begin in different banks.
static_assert(sizeof(mapping_loops) / sizeof(std::uint32_t) % 2 == 1);

using speeds_of_noc = decltype(accelerator_row::speeds);

/// What a block keeps of its mappings.
struct block_memory {
  number rest[2][most_boxes][row];
  unsigned long long cycles[block_mappings];
  const speeds_of_noc* speeds[block_mappings];
  mapping_loops loops[block_mappings];
  size first_macs[most_boxes][row];
  size first_elements[most_boxes][row];
  size first[2][most_boxes][row];
  size steps[free_dims][row];
  std::uint32_t traits[loop_count][row];
  block_jobs jobs[block_warps];  ///< by warp

  __device__ step_speeds<size, speeds_of_noc> speeds_of(int m) const {
    return {*speeds[m], size(speeds[m]->delay), loops[m].filter};
  }
};

/// The boxes of a mapping of the block.
struct boxes_of_mapping {
  const block_memory& b;
  int m;

  CUGAMMA_HD constexpr box_times operator()(loop_bits last) const {
    return {b.first_macs[last][m],
            b.first_elements[last][m],
            {b.first[0][last][m], b.first[1][last][m]},
            {b.rest[0][last][m], b.rest[1][last][m]}};
  }
};

/// The n-th set, from 0, of those that some bits have.
__device__ loop_bits nth_subset(loop_bits bits, int n) {
  loop_bits set = 0;
  for (int i = 0; i < loop_count; ++i) {
    if (!has(bits, i)) continue;
    set |= static_cast<loop_bits>(n & 1) << i;
    n >>= 1;
  }
  return set;
}

__device__ void work_on_boxes(block_memory& b, int warp) {
  b.jobs[warp].each(warp, block_warps, [&](int m, int n) {
    const loop_bits last = nth_subset(b.loops[m].uneven, n);
    const box_times t = times_of_box(b.loops[m], last, b.speeds_of(m));
    b.first_macs[last][m] = t.first_macs;
    b.first_elements[last][m] = t.first_elements;
    for (int leaves = 0; leaves < 2; ++leaves) {
      b.first[leaves][last][m] = t.first[leaves];
      b.rest[leaves][last][m] = t.rest[leaves];
    }
  });
}

__device__ void work_on_steps(block_memory& b, int warp) {
  b.jobs[warp].each(warp, block_warps, [&](int m, int n) {
    const auto v = b.speeds_of(m);
    const boxes_of_mapping boxes{b, m};
    const outer_steps<speeds_of_noc, boxes_of_mapping> steps{b.loops[m], v, boxes};
    const number cycles = steps.cycles_of(nth_bit(b.loops[m].kinds, n));
    atomicAdd(&b.cycles[m], static_cast<unsigned long long>(cycles.v));
  });
}

__global__ void __launch_bounds__(block_threads, waiting_resident_blocks)
    waiting_kernel(exact_input in) {
  __shared__ block_memory b;
  const int lane = static_cast<int>(threadIdx.x) % block_mappings;
  const int d = static_cast<int>(threadIdx.x) / block_mappings;
  const std::uint32_t left = in.left[0];
  for (std::uint32_t from = blockIdx.x * block_mappings; from < left;
       from += gridDim.x * block_mappings) {
    const std::uint32_t at = from + static_cast<std::uint32_t>(lane);
    std::uint32_t place = 0;
    bool is_due = at < left;
    dimension_facts<size> facts;
    genome g;
    if (is_due) {
      place = in.left[left_at(at)];
      g = in.genomes[place];
      const layer_row& l = in.layers[g.layer_index];
      const accelerator_row& a = in.accelerators[g.accelerator_index];
      is_due = l.has_small_counts && a.has_short_delay;
      facts = read_dimension(g, d, l, a.chained.limits.num_pes);
      b.steps[d][lane] = facts.outer.steps;
      if (d == 0) {
        b.speeds[lane] = &a.speeds;
        b.loops[lane].filter = size(l.closed.filter);
        b.cycles[lane] = 0;
      }
    }
    __syncthreads();
    if (is_due) {
      const size steps[] = {b.steps[0][lane], b.steps[1][lane], b.steps[2][lane], b.steps[3][lane]};
      const dimension_places p = places_of(g, d, steps);
      b.traits[p.outer][lane] =
          put_dimension(facts, d, in.layers[g.layer_index].closed.is_depthwise, p, b.loops[lane]);
    }
    __syncthreads();
    if (d == 0 && is_due) {
      const std::uint32_t traits[] = {b.traits[0][lane],
                                      b.traits[1][lane],
                                      b.traits[2][lane],
                                      b.traits[3][lane]};
      gather_loops(traits, b.speeds_of(lane), b.loops[lane]);
    }
    __syncthreads();
    b.jobs[d].count(lane, is_due ? 1 << count_of(b.loops[lane].uneven) : 0);
    work_on_boxes(b, d);
    __syncthreads();
    b.jobs[d].count(lane, is_due ? count_of(b.loops[lane].kinds) : 0);
    work_on_steps(b, d);
    __syncthreads();
    if (d == 0 && is_due) {
      in.costs[place].runtime_cycles = static_cast<std::int64_t>(b.cycles[lane]);
      in.left[left_at(at)] = finished;
    }
    __syncthreads();
  }
}

}  // namespace

void launch_waiting(const exact_input& in, int blocks, cudaStream_t s) {
  waiting_kernel<<<blocks, block_threads, 0, s>>>(in);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma::exact
