#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "cugamma/models/area.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/models/energy.hpp"

namespace cugamma {

/// Everything that MAESTRO writes about a layer, and the cost that a search reads. Columns are
/// named as in maestro_columns; a column that is whole in MAESTRO is whole here.
struct maestro_report {
  cost figures;
  double energy_nj = 0;              ///< what MAESTRO prints on the screen; a search minimises it
  double maestro_csv_energy_nj = 0;  ///< what it writes to its CSV
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
