#pragma once

#include <cstdint>

#include "exact/exact_launch.hpp"

/// How a block of four warps shares out work on 32 mappings of which some need more than others.
namespace cugamma::exact {

inline constexpr int block_warps = 4;
inline constexpr int block_threads = block_warps * block_mappings;

/// A lane's place in rows of memory by mapping: odd, so that they begin in different banks.
inline constexpr int block_row = block_mappings + 1;

/// The jobs of a block's mappings, one after the other. Each warp counts them for itself, which is
/// quicker than to wait for one that does.
struct block_jobs {
  int before[block_mappings + 1];

  /// Sets how many jobs a mapping has. For all lanes of the warp, a mapping each.
  __device__ void count(int lane, int jobs) {
    int sum = jobs;
    for (int way = 1; way < block_mappings; way *= 2) {
      const int earlier = __shfl_up_sync(~0u, sum, way);
      if (lane >= way) sum += earlier;
    }
    before[lane + 1] = sum;
    if (lane == 0) before[0] = 0;
    __syncwarp();
  }

  /// Calls f(mapping, n) for this thread's share of the jobs, n counting those of the mapping. So
  /// many warps share them, of which this is number `rank`. Few jobs are spread over all of them,
  /// so that long ones do not wait for each other.
  template <class F>
  __device__ void each(int rank, int warps, F f) const {
    const int lane = static_cast<int>(threadIdx.x) % block_mappings;
    const int all = before[block_mappings], threads = warps * block_mappings;
    const int own = all < threads ? lane * warps + rank : rank * block_mappings + lane;
    for (int job = own; job < all; job += threads) {
      int m = 0;
      for (int half = block_mappings / 2; half > 0; half /= 2) {
        if (before[m + half] <= job) m += half;
      }
      f(m, job - before[m]);
    }
  }
};

/// The n-th bit, from 0, that is set.
__device__ inline int nth_bit(std::uint32_t bits, int n) {
  int at = 0;
  for (int half = 16; half > 0; half /= 2) {
    const int below = __popc(bits >> at & ((1u << half) - 1));
    if (n >= below) {
      n -= below;
      at += half;
    }
  }
  return at;
}

}  // namespace cugamma::exact
