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

/// All classes of a dimension, from the smallest tiles to the whole dimension.
inline std::vector<tile_class> tile_classes(std::int32_t size) {
  std::vector<tile_class> all;
  for (std::int32_t tile = 1; tile <= size;) {
    const std::int32_t steps = ceil_div(size, tile);
    // The largest tile of n > 1 steps is the last below one that needs n - 1.
    const std::int32_t largest = steps == 1 ? size : ceil_div(size, steps - 1) - 1;
    all.push_back({steps, tile, largest});
    tile = largest + 1;
  }
  return all;
}

/// Index of the class of each tile 0 .. size; that of tile 0 is 0.
inline std::vector<std::int32_t> class_of_tiles(const std::vector<tile_class>& classes) {
  std::vector<std::int32_t> of(static_cast<std::size_t>(classes.back().largest) + 1, 0);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    std::fill(of.begin() + classes[i].smallest,
              of.begin() + classes[i].largest + 1,
              static_cast<std::int32_t>(i));
  }
  return of;
}

}  // namespace cugamma::exact
