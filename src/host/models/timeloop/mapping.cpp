#include "cugamma/models/timeloop/mapping.hpp"

#include <numeric>

namespace cugamma::timeloop {

level_loops empty_loops() {
  level_loops l;
  l.temporal.fill(1);
  l.spatial.fill(1);
  std::iota(l.temporal_order.begin(), l.temporal_order.end(), std::uint8_t{0});
  l.spatial_order = l.temporal_order;
  return l;
}

}  // namespace cugamma::timeloop
