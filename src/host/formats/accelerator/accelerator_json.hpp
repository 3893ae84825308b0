#pragma once

#include <nlohmann/json.hpp>

#include "cugamma/formats/accelerator_file.hpp"
#include "cugamma/problem/accelerator.hpp"

namespace cugamma {

/// An accelerator as certificates describe it, in whole numbers, without its cost constants.
inline nlohmann::ordered_json accelerator_numbers(const accelerator& a) {
  return {{"num_pes", a.num_pes},
          {"simd_lanes", a.simd_lanes},
          {"noc_bw", a.noc_bw},
          {"noc_hops", a.noc_hops},
          {"noc_hop_latency", a.noc_hop_latency},
          {"offchip_bw", a.offchip_bw},
          {"l1_size_elems", a.l1_size_elems},
          {"l2_size_elems", a.l2_size_elems},
          {"cluster_buffer_elems", a.cluster_buffer_elems}};
}

/// The same as results describe it: null for what is unlimited.
inline nlohmann::ordered_json accelerator_json(const accelerator& a) {
  nlohmann::ordered_json described = accelerator_numbers(a);
  for (const char* size : {"l1_size_elems", "l2_size_elems", "cluster_buffer_elems"}) {
    if (described[size] == unlimited) described[size] = nullptr;
  }
  for (const char* bandwidth : {"noc_bw", "offchip_bw"}) {
    if (described[bandwidth] == unlimited_bandwidth) described[bandwidth] = nullptr;
  }
  return described;
}

}  // namespace cugamma
