#include "certify/exact/bounds/first_boxes.hpp"

#include <algorithm>

#include "certify/exact/bounds/inner_ranges.hpp"

namespace cugamma::exact {
namespace {

/// tile: of a box that is not the last; last: of the last one.
first_boxes boxes_of(const inner_range& r, int d, double steps, double tile, double last) {
  const bool is_inner = d == r.parallel;
  const double group = static_cast<double>(is_inner ? r.units_low : 1) * r.low[at(d)];
  const double long_box = 2.0 * (is_inner ? r.units_high : 1) * r.high[at(d)];
  first_boxes b;
  b.steps = steps;
  b.last = std::min(group, last);
  b.whole = steps > 1 ? std::min(group, tile) : b.last;
  b.is_long = (steps > 1 ? tile : last) > long_box;
  return b;
}

}  // namespace

first_boxes boxes_of_class(const question& q, const inner_range& r, int d, const tile_class& c) {
  const double size = q.size[at(d)];
  const double tile = std::max(c.smallest, least_outer_tile(r, d));
  const double last = c.steps == 1 ? size : std::max(1.0, size - (c.steps - 1.0) * c.largest);
  return boxes_of(r, d, c.steps, tile, last);
}

first_boxes boxes_of_list(const question& q, const inner_range& r, const top_list& list) {
  const double size = q.size[at(list.parallel)];
  const double tiles = ceil_div(q.size[at(list.parallel)], list.tile);
  double last = list.tile;
  if (tiles - (list.steps - 1.0) * list.units <= 1) last = size - (tiles - 1) * list.tile;
  return boxes_of(r, list.parallel, list.steps, list.tile, last);
}

}  // namespace cugamma::exact
