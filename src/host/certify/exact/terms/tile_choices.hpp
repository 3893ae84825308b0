#pragma once

#include <vector>

#include "certify/exact/terms/dimension_terms.hpp"
#include "certify/exact/terms/tile_classes.hpp"

namespace cugamma::exact {

/// Whether a tile of level 0 makes another one superfluous: equal steps, nothing that moves more or
/// holds less, and neither a larger tile nor more extents for the busiest PE. The same tiles of PEs
/// below both (docs/certify-exact.md "Tiles that need not be tried").
bool makes_superfluous(const dimension_terms& better, const dimension_terms& worse);

/// Which tiles of level 0 a number of PEs with tiles may have above it.
enum class fill_rule {
  any,      ///< not parallel inside
  all_in,   ///< as many tiles as PEs: any larger cluster does the same
  more_in,  ///< more tiles than PEs: the cluster has just so many
};

/// Tiles of level 0 in low .. high.
std::vector<dimension_terms> tiles_above(const question& q,
                                         int d,
                                         std::int32_t low,
                                         std::int32_t high,
                                         std::int32_t inner_tile,
                                         std::int32_t inner_units,
                                         fill_rule rule);

/// Those of which no other one makes superfluous.
std::vector<dimension_terms> tile_choices(const question& q,
                                          int d,
                                          std::int32_t low,
                                          std::int32_t high,
                                          std::int32_t inner_tile,
                                          std::int32_t inner_units,
                                          fill_rule rule);

/// Tiles with the same tiles of PEs below, and sums that no mapping with one of them falls short
/// of.
struct tile_list {
  std::vector<dimension_terms> tiles;
  std::vector<dimension_terms> least;  ///< one; or the tiles, where no one is a bound

  tile_list() = default;
  explicit tile_list(std::vector<dimension_terms> all);
};

}  // namespace cugamma::exact
