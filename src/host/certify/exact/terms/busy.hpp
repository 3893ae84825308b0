#pragma once

#include <algorithm>
#include <cstdint>

#include "models/exact/nest.hpp"

namespace cugamma::exact {

/// Extents of the first sub-cluster's tiles, summed over the rounds in which `units` sub-clusters
/// take the tiles of a box. No other sub-cluster has more.
constexpr std::int64_t first_share(std::int64_t box, std::int64_t tile, std::int64_t units) {
  const std::int64_t round = tile * units;
  return box / round * tile + std::min(box % round, tile);
}

/// The same over both levels: the PE that no other one keeps waiting. This is busy() of
/// closed_form.hpp.
constexpr std::int64_t busy_extent(std::int64_t size,
                                   std::int64_t outer_tile,
                                   std::int64_t outer_units,
                                   std::int64_t inner_tile,
                                   std::int64_t inner_units) {
  const std::int64_t tiles = ceil_div(size, outer_tile);
  const std::int64_t steps = ceil_div(tiles, outer_units);
  const std::int64_t whole = first_share(outer_tile, inner_tile, inner_units);
  const bool last_is_whole = tiles - (steps - 1) * outer_units > 1;
  const std::int64_t last =
      last_is_whole ? whole : first_share(size - (tiles - 1) * outer_tile, inner_tile, inner_units);
  return (steps - 1) * whole + last;
}

constexpr std::int64_t steps_of(std::int64_t size, std::int64_t tile, std::int64_t units) {
  return ceil_div(ceil_div(size, tile), units);
}

}  // namespace cugamma::exact
