#pragma once

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/lists/top_lists.hpp"

namespace cugamma::exact {

/// How level 0 cuts a dimension for its first sub-cluster, as far as a class of tiles and a range
/// of PEs' tiles tell; lengths are least ones.
struct first_boxes {
  double steps = 1;
  double whole = 1;      ///< of the first step of level 1 in a box that is not the last
  double last = 1;       ///< and in the last box
  bool is_long = false;  ///< level 1 makes three steps or more in each box that is not the last
};

/// Of a dimension that is not parallel above.
first_boxes boxes_of_class(const question& q, const inner_range& r, int d, const tile_class& c);

/// Of a list's own dimension. precondition: it has one
first_boxes boxes_of_list(const question& q, const inner_range& r, const top_list& list);

}  // namespace cugamma::exact
