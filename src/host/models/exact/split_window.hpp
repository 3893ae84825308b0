#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/exact/elements.hpp"

/// Input rows (columns likewise) where a level cuts the filter's: they follow from the tiles of
/// both dimensions, so nothing can be said of one alone.
namespace cugamma::exact {

/// The input rows of a tile of output rows and one of filter rows.
struct row_set {
  span outputs;
  span filter;
  std::int32_t stride = 1;

  bool contains(std::int64_t row) const {
    const std::int64_t least = row - filter.end + 1, most = row - filter.begin;
    const std::int64_t first =
        std::max<std::int64_t>(outputs.begin,
                               least <= 0 ? 0 : ceil_div(least, std::int64_t{stride}));
    return most >= 0 && first < outputs.end && first * stride <= most;
  }

  /// Calls f once for each row.
  template <class F>
  void each(F f) const {
    std::int64_t next = INT64_MIN;
    for (std::int64_t y = outputs.begin; y < outputs.end; ++y) {
      const std::int64_t end = y * stride + filter.end;
      for (std::int64_t row = std::max(next, y * stride + filter.begin); row < end; ++row) f(row);
      next = std::max(next, end);
    }
  }
};

/// A step of both dimensions.
struct row_step {
  const chain& outputs;
  const chain& filter;
  const place& at_outputs;
  const place& at_filter;
  std::int32_t stride = 1;
  int level = 0;

  std::int32_t active() const {
    return outputs.levels[level].active(at_outputs.box[level], at_outputs.step[level]) *
           filter.levels[level].active(at_filter.box[level], at_filter.step[level]);
  }
  /// At most one of the two is parallel.
  row_set now(std::int32_t unit) const {
    const bool by_filter = filter.levels[level].units > 1;
    return {tile_now(outputs, at_outputs, level, by_filter ? 0 : unit),
            tile_now(filter, at_filter, level, by_filter ? unit : 0),
            stride};
  }
  std::optional<row_set> before(std::int32_t unit, relation of_outputs, relation of_filter) const {
    const bool by_filter = filter.levels[level].units > 1;
    const auto o = tile_before(outputs, at_outputs, level, by_filter ? 0 : unit, of_outputs);
    const auto f = tile_before(filter, at_filter, level, by_filter ? unit : 0, of_filter);
    if (!o || !f) return std::nullopt;
    return row_set{*o, *f, stride};
  }
};

/// As held_by_units of elements.hpp.
inline std::int64_t rows_held_by_units(const row_step& s, relation of_outputs, relation of_filter) {
  std::int64_t held = 0;
  for (std::int32_t unit = 0; unit < s.active(); ++unit) {
    const auto before = s.before(unit, of_outputs, of_filter);
    if (!before) continue;
    s.now(unit).each([&](std::int64_t row) { held += before->contains(row) ? 1 : 0; });
  }
  return held;
}

/// As held_by_all of elements.hpp; relations of none: nothing is held.
inline std::int64_t rows_held_by_all(const row_step& s, relation of_outputs, relation of_filter) {
  const span outputs =
      s.outputs.levels[s.level].step_of(s.at_outputs.box[s.level], s.at_outputs.step[s.level]);
  const span filter =
      s.filter.levels[s.level].step_of(s.at_filter.box[s.level], s.at_filter.step[s.level]);
  const std::int64_t first = std::int64_t{outputs.begin} * s.stride + filter.begin;
  const std::int64_t end = std::int64_t{outputs.end - 1} * s.stride + filter.end;
  enum : char { untouched, held, lacking };
  std::vector<char> rows(static_cast<std::size_t>(end - first), untouched);
  for (std::int32_t unit = 0; unit < s.active(); ++unit) {
    const auto before = s.before(unit, of_outputs, of_filter);
    s.now(unit).each([&](std::int64_t row) {
      char& mark = rows[static_cast<std::size_t>(row - first)];
      const bool has = before && before->contains(row);
      mark = std::max(mark, static_cast<char>(has ? held : lacking));
    });
  }
  return std::ranges::count(rows, static_cast<char>(held));
}

/// Rows of one set that another has too.
inline std::int64_t shared_rows(const row_set& a, const row_set& b) {
  std::int64_t count = 0;
  a.each([&](std::int64_t row) { count += b.contains(row) ? 1 : 0; });
  return count;
}

/// Rows of a step that the whole group worked on in the step before.
inline std::int64_t rows_held_by_group(const row_step& s, relation of_outputs, relation of_filter) {
  const auto group = [&](relation o, relation f) {
    return row_set{group_before(s.outputs, s.at_outputs, s.level, o),
                   group_before(s.filter, s.at_filter, s.level, f),
                   s.stride};
  };
  return shared_rows(group(is_same, is_same), group(of_outputs, of_filter));
}

}  // namespace cugamma::exact
