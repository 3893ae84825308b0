#pragma once

#include <nlohmann/json.hpp>

#include "cugamma/problem/accelerator.hpp"

namespace cugamma {

/// An accelerator as result files describe it, without its cost constants.
inline nlohmann::ordered_json accelerator_json(const accelerator& a) {
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

}  // namespace cugamma
