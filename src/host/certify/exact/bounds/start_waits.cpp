#include "certify/exact/bounds/start_waits.hpp"

#include <algorithm>

#include "certify/exact/bounds/inner_ranges.hpp"

namespace cugamma::exact {

first_boxes boxes_of(const question& q,
                     const inner_range& r,
                     const class_grid& grid,
                     const top_list& list,
                     const top_vector& v,
                     int d) {
  const double size = q.size[at(d)];
  const bool is_inner = d == r.parallel;
  const double group = static_cast<double>(is_inner ? r.units_low : 1) * r.low[at(d)];
  const double long_box = 2.0 * (is_inner ? r.units_high : 1) * r.high[at(d)];
  double tile = list.tile, last = list.tile;
  first_boxes b;
  if (d == list.parallel) {
    const double tiles = ceil_div(q.size[at(d)], list.tile);
    b.steps = list.steps;
    if (tiles - (b.steps - 1) * list.units <= 1) last = size - (tiles - 1) * list.tile;
  } else {
    const tile_class& c = grid.of(at(d), v.classes[at(d)]);
    b.steps = c.steps;
    tile = std::max(c.smallest, least_outer_tile(r, d));
    last = c.steps == 1 ? size : std::max(1.0, size - (b.steps - 1) * c.largest);
  }
  b.last = std::min(group, last);
  b.whole = b.steps > 1 ? std::min(group, tile) : b.last;
  b.is_long = (b.steps > 1 ? tile : last) > long_box;
  return b;
}

start_waits::start_waits(const question& q, const four_boxes& boxes) : q_(q), boxes_(boxes) {
  four_sizes first;
  for (std::size_t d = 0; d < free_dims; ++d) {
    first[d] = static_cast<std::int32_t>(boxes[d].whole);
  }
  all_ = q.waited_for_box(first);
  for (int d = 0; d < free_dims; ++d) {
    if (boxes[at(d)].steps == 1) continue;
    add_filter(d);
    add_input(d);
  }
}

/// Extents, or rows, of a first step: in the first box, and summed over all boxes; is_restricted:
/// over those alone in which level 1 makes three steps or more, so that nothing is there.
order_factors start_waits::elements(int d, bool is_restricted) const {
  const first_boxes& b = boxes_[at(d)];
  const std::size_t axis = d >= core::Y ? at(d - core::Y) : 0;
  const double each = d >= core::Y ? q_.shape.each[axis] : 1;
  const double more = d >= core::Y ? q_.shape.more[axis] : 0;
  const double in_whole = each * b.whole + more;
  if (is_restricted) return {in_whole, b.steps == 1 ? in_whole : (b.steps - 1) * in_whole};
  return {in_whole, (b.steps - 1) * in_whole + each * b.last + more};
}

/// The same over all boxes but the first, without what they may share with others.
double start_waits::moving(int d, bool has_overlap) const {
  const first_boxes& b = boxes_[at(d)];
  const std::size_t axis = d >= core::Y ? at(d - core::Y) : 0;
  const double each = d >= core::Y ? q_.shape.each[axis] : 1;
  const double more = d >= core::Y && has_overlap ? q_.shape.more[axis] : 0;
  return (b.steps - 2) * (each * b.whole + more) + each * b.last + more;
}

void start_waits::add_filter(int mover) {
  const bool is_own = mover == core::K || mover == core::C;
  const double moved = is_own ? moving(mover, false) : boxes_[at(mover)].steps - 1;
  std::array<order_factors, free_dims> f;
  for (const int d : {core::Y, core::X}) f[at(d)] = {1, boxes_[at(d)].steps};
  stay_row most{};
  const auto say = [&](bool restricts_features, bool restricts_channels) {
    f[core::K] = elements(core::K, restricts_features);
    f[core::C] = elements(core::C, restricts_channels);
    raise(most, mover, q_.shape.filter * moved, f);
  };
  if (is_own) say(false, false);
  if (!is_own && boxes_[core::K].is_long) say(true, false);
  if (!is_own && boxes_[core::C].is_long) say(false, true);
  add(most, mover);
}

void start_waits::add_input(int mover) {
  std::array<order_factors, free_dims> f;
  f[core::K] = {1, boxes_[core::K].steps};
  for (const int d : {core::Y, core::X}) f[at(d)] = elements(d, false);
  stay_row most{};
  if (mover != core::K) {
    f[core::C] = elements(core::C, false);
    raise(most, mover, moving(mover, false), f);
  }
  if (mover != core::C && boxes_[core::C].is_long) {
    f[core::C] = elements(core::C, true);
    const double moved = mover == core::K ? boxes_[core::K].steps - 1 : moving(mover, true);
    raise(most, mover, moved, f);
  }
  add(most, mover);
}

/// Takes a product into the most that several statements say of a mover, by what is outside it. So
/// what a range of PEs' tiles is said to wait for, all parts of it are said to.
void start_waits::raise(stay_row& most,
                        int mover,
                        double moved,
                        const std::array<order_factors, free_dims>& f) {
  stay_row row{};
  add_products(row, mover, moved, f);
  for (std::size_t i = 0; i < row.size(); ++i) most[i] = std::max(most[i], row[i]);
}

void start_waits::add(const stay_row& most, int mover) {
  stay_row& all = new_[at(mover)];
  for (std::size_t i = 0; i < all.size(); ++i) all[i] += most[i];
}

}  // namespace cugamma::exact
