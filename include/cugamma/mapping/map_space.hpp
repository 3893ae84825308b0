#pragma once

#include "cugamma/mapping/search_space.hpp"

namespace cugamma {

/// How many choices each axis of a space leaves, as powers of ten: 2 for a hundred. Mappings of
/// levels_max levels; tiles as if dimensions that another one bounds had their full size.
struct map_space_size {
  double tile = 0;
  double order = 0;
  double parallelism = 0;
  double shape = 0;
};

map_space_size size_of(const search_space& space);

}  // namespace cugamma
