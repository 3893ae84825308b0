#pragma once

#include <array>
#include <cstdint>

#include "cugamma/models/cost.hpp"
#include "models/exact/nest.hpp"
#include "models/exact/traffic.hpp"

namespace cugamma::exact {

/// Elements of each tensor.
struct tensor_counts {
  std::int64_t input = 0;
  std::int64_t filter = 0;
  std::int64_t output = 0;
  constexpr std::int64_t sum() const { return input + filter + output; }
};

/// Accesses of a buffer.
struct buffer_accesses {
  tensor_counts reads;
  tensor_counts writes;
  constexpr std::int64_t sum() const { return reads.sum() + writes.sum(); }
};

/// Every figure that the exact model has of a mapping. Sizes and accesses in elements.
struct figures {
  int level_count = 1;
  std::int64_t macs = 0;
  std::int64_t runtime_cycles = 0;
  buffer_accesses l2;
  buffer_accesses l1;
  /// The buffers of the sub-clusters of level 0 and of level 1, if these are not PEs.
  std::array<buffer_accesses, most_levels - 1> cluster_buffers;
  std::array<std::int64_t, most_levels - 1> cluster_buffer_sizes{};
  std::array<level_traffic, most_levels> noc;
  std::int64_t partial_sums_read_back = 0;
  /// Between L2 and the memory off chip: what L2 is filled with, and the outputs that leave it.
  tensor_counts dram;
  std::int64_t l1_size = 0;
  std::int64_t l2_size = 0;
  double energy_nj = 0;
  double energy_without_clusters_nj = 0;

  constexpr std::int64_t cluster_accesses() const {
    return cluster_buffers[0].sum() + cluster_buffers[1].sum();
  }
};

/// The figures of a mapping; `status` tells if it has none.
struct evaluation {
  std::uint32_t status = 0;
  figures all;
};
evaluation evaluate(const layer& l, const accelerator& a, const mapping& m);
/// The same where the runtime is known.
evaluation evaluate(const layer& l,
                    const accelerator& a,
                    const mapping& m,
                    std::int64_t runtime_cycles);

/// Its cost.
cost cost_of(const evaluation& e, const accelerator& a);
cost price(const layer& l, const accelerator& a, const mapping& m);

/// What of a layer's tensors any MAC reads or writes.
tensor_counts touched_elements(const layer& l);

}  // namespace cugamma::exact
