#pragma once

#include <map>
#include <utility>
#include <vector>

#include "cugamma/models/timeloop/figures.hpp"
#include "models/timeloop/reference/events.hpp"

namespace cugamma::timeloop::reference {

/// What a tensor moves over a level's network, in words of one instance of the level.
struct traffic {
  std::vector<transfer_record> records;  ///< ascending by (multicast, scatter)
  double link_transfers = 0;             ///< between neighbours
  double accesses() const;
  double delivered() const;  ///< each access counted for all that it serves
};

/// preconditions: fan is that of the level
traffic traffic_of(const nest& n, const tensor& t, int level, fan_out fan);

}  // namespace cugamma::timeloop::reference
