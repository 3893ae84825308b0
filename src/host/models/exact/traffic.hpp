#pragma once

#include <array>
#include <cstdint>

#include "models/exact/nest.hpp"

namespace cugamma::exact {

/// Elements that pass between one level's sub-clusters and the buffer above, in all.
struct level_traffic {
  std::int64_t input_reads = 0;  ///< of the buffer above: a multicast counts once
  std::int64_t filter_reads = 0;
  std::int64_t input_fills = 0;  ///< of the sub-clusters: each copy counts
  std::int64_t filter_fills = 0;
  std::int64_t outputs = 0;  ///< partial or final sums that leave the level
  /// What the group works on and did not in the step before: what is read above if the buffer holds
  /// no more than two steps.
  std::int64_t new_input = 0;
  std::int64_t new_filter = 0;
};

/// What passes at each level of a nest.
std::array<level_traffic, most_levels> traffic_of(const loop_nest& n);

}  // namespace cugamma::exact
