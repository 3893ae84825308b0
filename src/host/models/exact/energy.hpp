#pragma once

#include "cugamma/hd.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "models/exact/buffer_limits.hpp"

/// The energy of the exact model. R is double or a double in each SIMD lane: every back end does
/// the same operations in the same order and so gets the same bits.
namespace cugamma::exact {

/// What a mapping does that takes energy; whole numbers.
template <class R>
struct activity {
  R macs;
  R l1_accesses;
  R l2_accesses;
  R cluster_accesses;
  R dram_accesses;
};

/// cluster_energy_macs: of an access of a cluster buffer.
template <class R>
CUGAMMA_HD constexpr R energy_nj(const activity<R>& n,
                                 double cluster_energy_macs,
                                 const cost_constants& k) {
  return (n.macs + R(k.l1_energy_macs) * n.l1_accesses + R(k.l2_energy_macs) * n.l2_accesses +
          R(cluster_energy_macs) * n.cluster_accesses + R(k.dram_energy_macs) * n.dram_accesses) *
         R(k.mac_energy_nj);
}

/// The cost of a legal mapping from what it does and the buffers that it needs, in elements.
CUGAMMA_HD constexpr cost cost_of(std::int64_t runtime_cycles,
                                  std::int64_t macs,
                                  const activity<double>& done,
                                  const buffer_sizes& needed,
                                  const accelerator& a) {
  return {runtime_cycles,
          macs,
          energy_nj(done, a.constants.cluster_energy_macs, a.constants),
          energy_nj(done, 0, a.constants),
          needed.l1,
          needed.l2,
          needed.cluster,
          too_large(needed, a),
          0};
}

}  // namespace cugamma::exact
