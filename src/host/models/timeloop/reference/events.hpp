#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/timeloop/reference/nest.hpp"

namespace cugamma::timeloop::reference {

/// Something that an instance of a level hands to each instance of the next inner one.
struct event {
  std::int64_t words = 0;
  std::int64_t repeats = 0;
  std::optional<coordinates> jump;  ///< by which the inner tile moved; none: no neighbour can help
};

/// What an instance of `level` hands down of a tensor over the whole run: the first tile, then what
/// each temporal loop adds when it advances. Innermost level: to MACs; there only those with
/// fan-out keep a word for another cycle.
std::vector<event> events_of(const nest& n, const tensor& t, int level);

}  // namespace cugamma::timeloop::reference
