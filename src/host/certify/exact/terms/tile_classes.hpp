#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/exact/nest.hpp"

namespace cugamma::exact {

/// Tiles of one dimension that make equally many steps, where nothing is parallel.
struct tile_class {
  std::int32_t steps = 1;
  std::int32_t smallest = 1;
  std::int32_t largest = 1;
};

/// All classes of the tiles low .. high of a dimension, from the smallest tiles to the largest.
inline std::vector<tile_class> tile_classes(std::int32_t size,
                                            std::int32_t low,
                                            std::int32_t high) {
  std::vector<tile_class> all;
  for (std::int32_t tile = low; tile <= high;) {
    const std::int32_t steps = ceil_div(size, tile);
    // The largest tile of n > 1 steps is the last below one that needs n - 1.
    const std::int32_t largest = steps == 1 ? size : ceil_div(size, steps - 1) - 1;
    all.push_back({steps, tile, std::min(largest, high)});
    tile = largest + 1;
  }
  return all;
}

/// For each tile 0 .. size the index of the first class that has tiles no smaller; the last class
/// where none has.
inline std::vector<std::int32_t> class_of_tiles(const std::vector<tile_class>& classes,
                                                std::int32_t size) {
  std::vector<std::int32_t> of;
  std::int32_t index = 0;
  const auto last = static_cast<std::int32_t>(classes.size()) - 1;
  for (std::int32_t tile = 0; tile <= size; ++tile) {
    while (index < last && classes[static_cast<std::size_t>(index)].largest < tile) ++index;
    of.push_back(index);
  }
  return of;
}

}  // namespace cugamma::exact
