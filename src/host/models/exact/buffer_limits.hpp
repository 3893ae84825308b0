#pragma once

#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"

namespace cugamma::exact {

/// Sizes of buffers that a mapping needs, in elements.
struct buffer_sizes {
  std::int64_t l1;
  std::int64_t l2;
  std::int64_t cluster;  ///< the largest cluster buffer
};

/// The status bits of the buffers that an accelerator has smaller.
CUGAMMA_HD constexpr std::uint32_t too_large(const buffer_sizes& needed, const accelerator& a) {
  const auto exceeds = [](std::int64_t size, std::int64_t limit) {
    return limit != unlimited && size > limit;
  };
  return (exceeds(needed.l1, a.l1_size_elems) ? exceeds_l1 : 0u) |
         (exceeds(needed.l2, a.l2_size_elems) ? exceeds_l2 : 0u) |
         (exceeds(needed.cluster, a.cluster_buffer_elems) ? exceeds_cluster_buffer : 0u);
}

}  // namespace cugamma::exact
