#pragma once

#include <string>
#include <vector>

#include "formats/page/charts/bars.hpp"
#include "formats/page/result_node.hpp"

namespace cugamma::report {

/// A layer's energy by where it is spent, in nJ, and the counts it is computed from.
struct energy_parts {
  double l1_nj;
  double cluster_nj;  ///< of the buffers between L2 and L1; 0 for MAESTRO's model, which has none
  double l2_nj;
  double mac_nj;
  double dram_nj;  ///< of the memory off chip; 0 where the accelerator gives it no energy
  std::vector<result_node> l1_counts;
  std::vector<result_node> cluster_counts;
  std::vector<result_node> l2_counts;
  std::vector<result_node> dram_counts;

  double total_nj() const { return l1_nj + cluster_nj + l2_nj + mac_nj + dram_nj; }
};

/// Whether the run's accelerator has a memory off chip that takes energy.
bool has_dram_energy(const result_node& root);

/// Of the best mapping of `layer`, with the constants of the run's accelerator; NaN where counts
/// are missing.
energy_parts energy_parts_of(const result_node& root, const result_node& layer);

/// The parts `times` over, stacked.
std::vector<bar_part> stacked(const energy_parts& parts, double times = 1);

/// Colours of the parts, with or without the cluster buffers and the memory off chip.
std::string energy_legend(bool has_clusters, bool has_dram);

}  // namespace cugamma::report
