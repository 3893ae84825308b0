#include "certify/exact/terms/dimension_terms.hpp"

#include <algorithm>

namespace cugamma::exact {
namespace {

void put(dimension_terms& t, stream s, const dimension_sums<double>& sums) {
  t.outer[s] = sums.outer;
  t.inner[s] = sums.inner;
}

void put_features(dimension_terms& t, const two_cuts<double>& c) {
  const auto held = held_channels(c);
  put(t, input_reads, group_steps(c));
  put(t, input_fills, unit_steps(c));
  put(t, filter_reads, held);
  put(t, filter_fills, held);
  put(t, outputs, kept_outputs(c));
}

void put_channels(dimension_terms& t, const two_cuts<double>& c, bool is_depthwise) {
  const auto held = held_channels(c);
  for (const stream s : {input_reads, input_fills, filter_reads, filter_fills}) put(t, s, held);
  put(t, outputs, is_depthwise ? kept_outputs(c) : working_steps(c));
}

void put_rows(dimension_terms& t, const two_cuts<double>& c, const row_grid<double>& grid) {
  const auto rows = sum_rows(c, grid);
  put(t, input_reads, rows.by_all);
  put(t, input_fills, rows.by_units);
  put(t, filter_reads, group_steps(c));
  put(t, filter_fills, unit_steps(c));
  put(t, outputs, kept_outputs(c));
}

}  // namespace

dimension_terms terms_of(const question& q, int d, const dimension_cut& cut) {
  const double size = q.size[static_cast<std::size_t>(d)];
  const auto c =
      cut_twice<double>(size, cut.outer_tile, cut.inner_tile, cut.outer_units, cut.inner_units);
  dimension_terms t;
  if (d == core::K) {
    put_features(t, c);
  } else if (d == core::C) {
    put_channels(t, c, q.shape.is_depthwise);
  } else {
    const auto axis = static_cast<std::size_t>(d - core::Y);
    put_rows(t, c, {q.shape.each[axis], q.shape.more[axis]});
  }
  t.steps = c.outer.steps;
  t.busy = detail::busy(c);
  t.tile = cut.outer_tile;
  t.step = static_cast<std::int32_t>(std::min(c.units[0] * cut.outer_tile, size));
  return t;
}

}  // namespace cugamma::exact
