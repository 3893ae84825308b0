#pragma once

#include "cugamma/hd.hpp"
#include "cugamma/problem/accelerator.hpp"

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
};

/// cluster_energy_macs: of an access of a cluster buffer.
template <class R>
CUGAMMA_HD constexpr R energy_nj(const activity<R>& n,
                                 double cluster_energy_macs,
                                 const cost_constants& k) {
  return (n.macs + R(k.l1_energy_macs) * n.l1_accesses + R(k.l2_energy_macs) * n.l2_accesses +
          R(cluster_energy_macs) * n.cluster_accesses) *
         R(k.mac_energy_nj);
}

}  // namespace cugamma::exact
