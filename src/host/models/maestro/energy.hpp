#pragma once

#include "cugamma/hd.hpp"
#include "cugamma/problem/accelerator.hpp"

/// The energies of MAESTRO's model. R is double or a double in each SIMD lane: every back end does
/// the same operations in the same order and so gets the same bits.
namespace cugamma {

/// Elements that fill L2, or leave it, whatever the mapping: each tensor once.
struct l2_fill {
  double input = 0;
  double filter = 0;
  double output = 0;
};

/// What a mapping does that takes energy; whole numbers.
template <class R>
struct activity {
  R macs;
  /// Partial sums read from L1, and as many written: one of each a MAC, and more only where
  /// MAESTRO counts the outputs of a step that it then skips, which no genome has.
  R output_l1;
  R input_l2_read;
  R filter_l2_read;
  R output_l2_write;
};

/// Energy of a layer: (MACs + l1_energy_macs x L1 accesses + l2_energy_macs x L2 accesses) x
/// mac_energy_nj, the total that MAESTRO prints on the screen (API_user-interface-v2.hpp,
/// PrintAnalysisResultsSingleCluster). L1 is written with what L2 sends and serves every MAC.
template <class R>
CUGAMMA_HD constexpr R energy_nj(const activity<R>& n, const l2_fill& f, const cost_constants& k) {
  const R sent = n.input_l2_read + n.filter_l2_read;
  const R l1_accesses = R(2) * (n.macs + n.output_l1) + sent;
  const R l2_accesses = R(f.input + f.filter + f.output) + sent + n.output_l2_write;
  return (n.macs + R(k.l1_energy_macs) * l1_accesses + R(k.l2_energy_macs) * l2_accesses) *
         R(k.mac_energy_nj);
}

/// The energy column of MAESTRO's CSV for a layer alone in its file (API_user-interface-v2.hpp,
/// OutputResults): L2 without the reads of the output; L1 only for one level, because with more it
/// is added before it was counted; never the MACs.
template <class R>
CUGAMMA_HD constexpr R maestro_csv_energy_nj(const activity<R>& n,
                                             const l2_fill& f,
                                             const cost_constants& k,
                                             int level_count) {
  const R l2(k.l2_energy_macs);
  R macs = n.input_l2_read * l2;
  macs = macs + R(f.input) * l2;
  macs = macs + n.filter_l2_read * l2;
  macs = macs + R(f.filter) * l2;
  macs = macs + n.output_l2_write * l2;
  if (level_count == 1) {
    const R l1(k.l1_energy_macs);
    macs = macs + n.macs * l1;
    macs = macs + n.input_l2_read * l1;
    macs = macs + n.macs * l1;
    macs = macs + n.filter_l2_read * l1;
    macs = macs + n.output_l1 * l1;
    macs = macs + n.output_l1 * l1;
  }
  return macs * R(k.mac_energy_nj);
}

}  // namespace cugamma
