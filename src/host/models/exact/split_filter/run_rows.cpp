#include "models/exact/split_filter/run_rows.hpp"

#include "models/exact/split_filter/row_sets.hpp"

namespace cugamma::exact::split {
namespace {

row_set rows(const step_numbers& s, tile_place parallel, tile_place other) {
  return s.by_filter ? rows_of(other, parallel, s.stride) : rows_of(parallel, other, s.stride);
}

}  // namespace

std::int64_t rows_held_by_all(const step_numbers& s) {
  const tile_place other{0, s.other.now}, other_before{-s.other.shift, s.other.before};
  row_intervals lacking;
  std::int64_t begin = 0, end = 0;
  for (const run_numbers& r : s.runs) {
    if (r.count <= 0) continue;
    const std::size_t first = lacking.size();
    lacking.add_difference(rows(s, {begin, r.now}, other),
                           rows(s, {begin - r.shift, r.before}, other_before),
                           s.stride);
    lacking.repeat(first, r.count - 1, s.tile * (s.by_filter ? 1 : s.stride));
    begin += r.count * s.tile;
    end = begin - s.tile + r.now;
  }
  return rows(s, {0, end}, other).count() - lacking.count();
}

}  // namespace cugamma::exact::split
