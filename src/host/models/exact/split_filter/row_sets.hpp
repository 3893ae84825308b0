#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/exact/elements.hpp"

/// Input rows (columns likewise) where a level cuts the filter's: they follow from the tiles of
/// both dimensions, so nothing can be said of one alone.
namespace cugamma::exact {

/// How the tile of one dimension differs from the one before it.
struct tile_change {
  std::int64_t now = 0;     ///< length
  std::int64_t before = 0;  ///< length; 0: there is none
  std::int64_t shift = 0;   ///< from the begin of the one before to the begin of this one
  friend constexpr bool operator==(const tile_change&, const tile_change&) = default;
};

constexpr tile_change change_of(span now, std::optional<span> before) {
  if (!before) return {now.length(), 0, 0};
  return {now.length(), before->length(), std::int64_t{now.begin} - before->begin};
}

/// The input rows of a tile of output rows and one of filter rows: intervals of one length, a
/// stride apart. Where neighbouring windows touch, they are one interval.
struct row_set {
  std::int64_t begin = 0;
  std::int64_t intervals = 0;
  std::int64_t length = 0;  ///< of an interval

  constexpr std::int64_t count() const { return intervals * length; }
  /// Rows below `end`.
  constexpr std::int64_t count_below(std::int64_t end, std::int64_t stride) const {
    const std::int64_t way = end - begin;
    if (way <= 0) return 0;
    const std::int64_t whole = std::min(intervals, way / stride);
    return whole * length + (whole < intervals ? std::min(length, way - whole * stride) : 0);
  }
  friend constexpr bool operator==(const row_set&, const row_set&) = default;
};

/// A tile's begin and length in one dimension.
struct tile_place {
  std::int64_t begin = 0;
  std::int64_t length = 0;
};

constexpr row_set rows_of(tile_place outputs, tile_place filter, std::int64_t stride) {
  if (outputs.length == 0 || filter.length == 0) return {};
  const std::int64_t begin = outputs.begin * stride + filter.begin;
  if (filter.length >= stride || outputs.length == 1) {
    return {begin, 1, (outputs.length - 1) * stride + filter.length};
  }
  return {begin, outputs.length, filter.length};
}

/// Rows that are in both sets.
constexpr std::int64_t shared_rows(const row_set& a, const row_set& b, std::int64_t stride) {
  if (b.intervals == 0) return 0;
  if (b.intervals == 1) {
    return a.intervals == 1
               ? std::max<std::int64_t>(
                     0,
                     std::min(a.begin + a.length, b.begin + b.length) - std::max(a.begin, b.begin))
               : a.count_below(b.begin + b.length, stride) - a.count_below(b.begin, stride);
  }
  if (a.intervals == 1) return shared_rows(b, a, stride);
  // An interval of one set meets at most two neighbours of the other.
  const std::int64_t way = b.begin - a.begin;
  const std::int64_t floor = way > 0 ? -ceil_div(way, stride) : -way / stride;
  std::int64_t count = 0;
  for (std::int64_t next = floor; next <= floor + 1; ++next) {
    const std::int64_t begin = way + next * stride;
    const std::int64_t shared =
        std::min(a.length, begin + b.length) - std::max<std::int64_t>(0, begin);
    const std::int64_t pairs =
        std::min(a.intervals, b.intervals - next) - std::max<std::int64_t>(0, -next);
    if (shared > 0 && pairs > 0) count += shared * pairs;
  }
  return count;
}

/// Rows that a sub-cluster, or a group, holds of its new tiles.
constexpr std::int64_t held_rows(const tile_change& outputs,
                                 const tile_change& filter,
                                 std::int64_t stride) {
  return shared_rows(rows_of({outputs.shift, outputs.now}, {filter.shift, filter.now}, stride),
                     rows_of({0, outputs.before}, {0, filter.before}, stride),
                     stride);
}

/// Rows as intervals [begin, end), many.
class row_intervals {
 public:
  /// Adds the rows of one set that another lacks.
  void add_difference(const row_set& all, const row_set& without, std::int64_t stride) {
    for (std::int64_t i = 0; i < all.intervals; ++i) {
      std::int64_t begin = all.begin + i * stride;
      const std::int64_t end = begin + all.length;
      const std::int64_t way = begin - without.begin - without.length;
      for (std::int64_t j = way < 0 ? 0 : way / stride; j < without.intervals; ++j) {
        const std::int64_t hole = without.begin + j * stride;
        if (hole >= end) break;
        if (begin < hole) ends_.emplace_back(begin, hole);
        begin = std::max(begin, hole + without.length);
      }
      if (begin < end) ends_.emplace_back(begin, end);
    }
  }
  std::size_t size() const { return ends_.size(); }
  /// Adds the intervals from number `first` on `times` times, each time moved on by `step`.
  void repeat(std::size_t first, std::int64_t times, std::int64_t step) {
    const std::size_t last = ends_.size();
    for (std::size_t i = first; i < last; ++i) {
      const auto [begin, end] = ends_[i];
      if (end - begin >= step) {
        ends_[i].second += times * step;
        continue;
      }
      for (std::int64_t time = 1; time <= times; ++time) {
        ends_.emplace_back(begin + time * step, end + time * step);
      }
    }
  }
  /// Rows in at least one of them.
  std::int64_t count() {
    std::ranges::sort(ends_);
    std::int64_t total = 0, covered = INT64_MIN;
    for (const auto& [begin, end] : ends_) {
      total += std::max<std::int64_t>(0, end - std::max(begin, covered));
      covered = std::max(covered, end);
    }
    return total;
  }

 private:
  std::vector<std::pair<std::int64_t, std::int64_t>> ends_;
};

/// A window's dimension that may be parallel in a level, and how the other one's tile changes.
struct window_step {
  const chain& c;
  const run_list& units;
  const place& at;
  relation turned;
  tile_change other;
  bool is_filter;  ///< c is the filter's dimension
  std::int64_t stride;
  int level;

  row_set rows(tile_place own, tile_place others) const {
    return is_filter ? rows_of(others, own, stride) : rows_of(own, others, stride);
  }
};

/// Rows of a step that none of its sub-clusters lacks.
inline std::int64_t rows_held_by_all(const window_step& s) {
  const auto place_of = [](span tile) { return tile_place{tile.begin, tile.length()}; };
  const tiling& t = s.c.levels[s.level];
  const span box = s.at.box[s.level];
  const std::int32_t active = t.active(box, s.at.step[s.level]);
  const tile_place other_now{s.other.shift, s.other.now}, other_before{0, s.other.before};
  row_intervals lacking;
  for (const run& u : s.units) {
    if (u.begin >= active) break;
    const auto before = tile_before(s.c, s.at, s.level, u.begin, s.turned);
    const std::size_t first = lacking.size();
    lacking.add_difference(s.rows(place_of(tile_now(s.c, s.at, s.level, u.begin)), other_now),
                           before ? s.rows(place_of(*before), other_before) : row_set{},
                           s.stride);
    const std::int64_t step = t.tile * (s.is_filter ? 1 : s.stride);
    lacking.repeat(first, std::min(u.count, active - u.begin) - 1, step);
  }
  return s.rows(place_of(t.step_of(box, s.at.step[s.level])), other_now).count() - lacking.count();
}

}  // namespace cugamma::exact
