#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "cugamma/models/area.hpp"
#include "cugamma/models/cost.hpp"

namespace cugamma {

/// Elements read from and written to L1 (all PEs together) and L2, per tensor.
struct access_counts {
  std::int64_t input_l1_read = 0;
  std::int64_t input_l1_write = 0;
  std::int64_t input_l2_read = 0;
  std::int64_t input_l2_write = 0;
  std::int64_t filter_l1_read = 0;
  std::int64_t filter_l1_write = 0;
  std::int64_t filter_l2_read = 0;
  std::int64_t filter_l2_write = 0;
  std::int64_t output_l1_read = 0;
  std::int64_t output_l1_write = 0;
  std::int64_t output_l2_read = 0;
  std::int64_t output_l2_write = 0;
  friend constexpr bool operator==(const access_counts&, const access_counts&) = default;
};
static_assert(std::is_trivially_copyable_v<access_counts>);

/// Everything that MAESTRO writes about a layer, and the cost that a search reads. Columns are
/// named as in maestro_columns; a column that is whole in MAESTRO is whole here.
struct maestro_report {
  cost figures;
  double throughput_macs_per_cycle = 0;
  double throughput_per_energy = 0;
  hardware_cost hardware;
  std::int64_t peak_noc_bw = 0;  ///< elements per cycle
  double avg_noc_bw = 0;
  std::int64_t offchip_bw = 0;
  std::int64_t vector_width = 0;
  std::int64_t num_input_elements = 0;
  std::int64_t num_weight_elements = 0;
  double multicast_weight = 0;
  double multicast_input = 0;
  double ops_per_joule = 0;
  access_counts accesses;
  double input_reuse = 0;  ///< L1 reads per L1 write
  double filter_reuse = 0;
  double output_reuse = 0;
  std::array<std::int64_t, 3> ingress_cycles{};  ///< least, most, mean (towards zero) of a step
  std::array<std::int64_t, 3> egress_cycles{};
  std::array<std::int64_t, 3> compute_cycles{};
  double avg_utilized_pes = 0;
  double arithmetic_intensity = 0;
};
static_assert(std::is_trivially_copyable_v<maestro_report>);

}  // namespace cugamma
