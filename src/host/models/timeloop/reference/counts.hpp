#pragma once

#include <vector>

#include "models/timeloop/reference/fan.hpp"

namespace cugamma::timeloop::reference {

/// A tensor at a level: counts are words of one instance.
struct tensor_at_level {
  bool is_kept = true;
  std::int64_t tile = 0;
  std::int64_t partition = 0;  ///< of the whole tensor, if all instances share it out
  double content = 0;          ///< accesses of what the level hands down
  double share = 0;            ///< what the level gets from outside
  double from_peers = 0;       ///< what it gets from its neighbours
  traffic below;               ///< over the network below the level
  std::int64_t reads = 0;
  std::int64_t fills = 0;
  std::int64_t updates = 0;
  std::int64_t temporal_reductions = 0;
};

struct tensor_counts {
  std::vector<tensor_at_level> levels;  ///< the innermost first
  bool breaks_down = false;             ///< first accesses exceed all accesses: Timeloop stops
};

/// preconditions: the mapping of the nest keeps the tensor somewhere
tensor_counts counts_of(const architecture& a,
                        const nest& n,
                        const tensor& t,
                        const std::vector<bool>& keep);

}  // namespace cugamma::timeloop::reference
