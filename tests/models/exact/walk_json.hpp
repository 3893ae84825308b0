#pragma once

#include <nlohmann/json.hpp>

#include "models/exact/walk.hpp"

namespace cugamma {

inline nlohmann::json by_tensor(const tensor_counts& counts) {
  return {{"input", counts.input}, {"filter", counts.filter}, {"output", counts.output}};
}

/// The counts of a walk by the names of the golden tables; energies apart.
inline nlohmann::json counts_of(const exact_walk& w) {
  auto clusters = nlohmann::json::array();
  for (const cluster_buffer_counts& buffer : w.cluster_buffers) {
    clusters.push_back({{"reads", by_tensor(buffer.reads)},
                        {"writes", by_tensor(buffer.writes)},
                        {"size", buffer.size_elems}});
  }
  auto noc = nlohmann::json::array();
  for (const noc_counts& n : w.noc) {
    noc.push_back({{"ingress", n.ingress}, {"deliveries", n.deliveries}, {"egress", n.egress}});
  }
  return {
      {"macs", w.macs},
      {"runtime_cycles", w.runtime_cycles},
      {"l2_reads", by_tensor(w.l2_reads)},
      {"l2_writes", by_tensor(w.l2_writes)},
      {"partial_sums_read_back", w.partial_sums_read_back},
      {"l1_reads", by_tensor(w.l1_reads)},
      {"l1_writes", by_tensor(w.l1_writes)},
      {"cluster_buffers", clusters},
      {"noc", noc},
      {"offchip_reads_small_l2",
       {{"input", w.offchip_reads_small_l2.input}, {"filter", w.offchip_reads_small_l2.filter}}},
      {"l1_size", w.l1_size_elems},
      {"l2_size", w.l2_size_elems},
      {"l1_accesses", w.l1_accesses},
      {"l2_accesses", w.l2_accesses},
      {"cluster_accesses", w.cluster_accesses}};
}

}  // namespace cugamma
