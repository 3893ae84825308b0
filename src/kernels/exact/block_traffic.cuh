#pragma once

#include "exact/block_jobs.cuh"
#include "exact/part_traffic.hpp"

namespace cugamma::exact {

/// The traffic of a block's mappings, a warp's part each.
struct block_traffic {
  device::number l1_fills[block_warps][block_row];
  device::number l2_traffic[block_warps][block_row];
  device::number cluster_traffic[block_warps][block_row];

  __device__ void put(int part, int m, const part_traffic& t) {
    l1_fills[part][m] = t.l1_fills;
    l2_traffic[part][m] = t.l2_traffic;
    cluster_traffic[part][m] = t.cluster_traffic;
  }
  __device__ part_traffic sum(int m) const {
    part_traffic all{device::number(0), device::number(0), device::number(0)};
    for (int part = 0; part < block_warps; ++part) {
      all = all + part_traffic{l1_fills[part][m], l2_traffic[part][m], cluster_traffic[part][m]};
    }
    return all;
  }
};

}  // namespace cugamma::exact
