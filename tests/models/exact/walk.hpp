#pragma once

#include <cstdint>
#include <vector>

#include "cugamma/mapping/mapping.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

/// The judge of the exact cost model: walks a mapping's loop nest step by step with plain sets of
/// elements, and counts. Nothing is derived, so that it can be checked against the definition of
/// the model line by line. It is slow: some hundred million MACs at most.
namespace cugamma {

/// One count for each tensor of a layer.
struct tensor_counts {
  std::int64_t input = 0;
  std::int64_t filter = 0;
  std::int64_t output = 0;
  std::int64_t sum() const { return input + filter + output; }
  friend bool operator==(const tensor_counts&, const tensor_counts&) = default;
};

/// Elements on the NoCs of all groups of one level.
struct noc_counts {
  std::int64_t ingress = 0;     ///< input and filter, a multicast counted once
  std::int64_t deliveries = 0;  ///< input and filter, counted at each sub-cluster that it reaches
  std::int64_t egress = 0;      ///< output, after it was summed over the sub-clusters
  friend bool operator==(const noc_counts&, const noc_counts&) = default;
};

/// All buffers that the sub-clusters of one level have, one level above the PEs or more.
struct cluster_buffer_counts {
  tensor_counts reads;
  tensor_counts writes;
  std::int64_t size_elems = 0;  ///< of one of them, both halves of its double buffer
  friend bool operator==(const cluster_buffer_counts&, const cluster_buffer_counts&) = default;
};

/// Every figure of the exact cost model. Counts are of elements, sizes hold two tiles.
struct exact_walk {
  std::int64_t macs = 0;
  std::int64_t runtime_cycles = 0;
  tensor_counts l2_reads;
  tensor_counts l2_writes;
  std::int64_t partial_sums_read_back = 0;  ///< the part of l2_reads.output that is not final
  tensor_counts l1_reads;
  tensor_counts l1_writes;
  std::vector<cluster_buffer_counts> cluster_buffers;  ///< below level 0, 1, ...: levels - 1
  std::vector<noc_counts> noc;                         ///< of level 0, 1, ...
  tensor_counts
      offchip_reads_small_l2;  ///< input and filter, if L2 is no larger than l2_size_elems
  std::int64_t l1_size_elems = 0;
  std::int64_t l2_size_elems = 0;
  std::int64_t l1_accesses = 0;
  std::int64_t l2_accesses = 0;
  std::int64_t cluster_accesses = 0;
  double energy_nj = 0;                   ///< a cluster buffer's access costs as much as an L1's
  double energy_without_clusters_nj = 0;  ///< it costs nothing
};

/// Walks the whole loop nest. Throws std::invalid_argument if the definition does not cover the
/// case: a layer other than CONV, DSCONV and GEMM, or with N or G; a level without exactly one
/// parallel dimension, with an offset that is not the size, with rows or columns of the input in
/// place of the output's, or without a directive for a dimension larger than 1; fewer PEs than the
/// clusters of one sub-cluster of level 0 need. Throws std::logic_error if a MAC is done twice or
/// never.
/// preconditions: num_pes, simd_lanes, noc_bw and offchip_bw are at least 1
exact_walk walk(const layer& l, const accelerator& a, const mapping& m);

}  // namespace cugamma
