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

void put_all(dimension_terms& t, const question& q, int d, const two_cuts<double>& c) {
  if (d == core::K) {
    put_features(t, c);
  } else if (d == core::C) {
    put_channels(t, c, q.shape.is_depthwise);
  } else {
    const auto axis = static_cast<std::size_t>(d - core::Y);
    put_rows(t, c, {q.shape.each[axis], q.shape.more[axis]});
  }
}

/// What the first sub-cluster works on, as a dimension that is not parallel above. Its boxes are
/// apart in truth; side by side they share no less.
two_cuts<double> first_sub_cluster(const two_cuts<double>& c, const dimension_cut& cut) {
  const double last = c.outer.active > 1 ? c.tile[0] : c.outer.edge;
  const double size = (c.outer.steps - 1) * c.tile[0] + last;
  return cut_twice<double>(size, cut.outer_tile, cut.inner_tile, 1, cut.inner_units);
}

void put_starts(dimension_terms& t,
                const question& q,
                int d,
                const dimension_cut& cut,
                double size) {
  const auto whole =
      cut_twice<double>(size, cut.outer_tile, cut.inner_tile, cut.outer_units, cut.inner_units);
  const auto c = first_sub_cluster(whole, cut);
  dimension_terms of_first;
  put_all(of_first, q, d, c);
  const double group = c.units[1] * c.tile[1];
  const double extents = c.whole_boxes * std::min(group, c.tile[0]) + std::min(group, c.outer.edge);
  for (std::size_t i = 0; i < awaited.size(); ++i) {
    const inner_sums<double>& sums = of_first.inner[awaited[i]];
    const bool is_axis = d >= core::Y;
    const bool is_own =
        is_axis ? awaited[i] == input_reads : d == core::C || awaited[i] == filter_reads;
    const auto axis = static_cast<std::size_t>(is_axis ? d - core::Y : 0);
    const double each = is_axis ? q.shape.each[axis] : 1, more = is_axis ? q.shape.more[axis] : 0;
    const double all = is_own ? each * extents + more * c.outer.steps : c.outer.steps;
    t.starts[i] = {all, sums.restarts, sums.outer_moves, sums.outer_restarts};
  }
}

}  // namespace

dimension_terms terms_of(const question& q, int d, const dimension_cut& cut) {
  const double size = q.size[static_cast<std::size_t>(d)];
  const auto c =
      cut_twice<double>(size, cut.outer_tile, cut.inner_tile, cut.outer_units, cut.inner_units);
  dimension_terms t;
  put_all(t, q, d, c);
  if (!q.has_exact_cycles) put_starts(t, q, d, cut, size);
  t.steps = c.outer.steps;
  t.busy = detail::busy(c);
  t.tile = cut.outer_tile;
  t.step = static_cast<std::int32_t>(std::min(c.units[0] * cut.outer_tile, size));
  t.group = std::min(static_cast<double>(cut.inner_units) * cut.inner_tile, size);
  return t;
}

}  // namespace cugamma::exact
