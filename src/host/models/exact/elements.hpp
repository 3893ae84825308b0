#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/exact/places.hpp"

/// How many elements the tiles of one dimension have, share and lack.
namespace cugamma::exact {

/// How elements lie along a dimension: index i has those from i * each to i * each + each + more -
/// 1, so neighbours share `more` of them. Channels and outputs: one each. Input rows of an output
/// row under a whole filter: as many as its window has, moved on by the stride.
struct element_grid {
  std::int64_t each = 1;
  std::int64_t more = 0;

  constexpr std::int64_t begin(span s) const { return s.begin * each; }
  constexpr std::int64_t end(span s) const { return s.end * each + more; }
  constexpr std::int64_t count(span s) const { return end(s) - begin(s); }
};

inline constexpr element_grid plain_grid{};

/// Rows that no window reads are left out of the count: a window no larger than the stride shares
/// none with the next.
constexpr element_grid grid_of(window w) {
  return {std::min(w.stride, w.size), std::max(0, w.size - w.stride)};
}

/// Elements that a tile shares with another of its dimension, which is the same or lies beside it.
constexpr std::int64_t overlap(element_grid g, span a, span b) {
  return std::max<std::int64_t>(0, std::min(g.end(a), g.end(b)) - std::max(g.begin(a), g.begin(b)));
}

/// Elements as intervals [begin, end), few.
class interval_list {
 public:
  void add(std::int64_t begin, std::int64_t end) {
    if (begin >= end) return;
    int at = count_++;
    for (; at > 0 && ends_[at - 1].first > begin; --at) ends_[at] = ends_[at - 1];
    ends_[at] = {begin, end};
  }
  /// Elements in at least one of them.
  std::int64_t count() const {
    std::int64_t total = 0, covered = INT64_MIN;
    for (int i = 0; i < count_; ++i) {
      total += std::max<std::int64_t>(0, ends_[i].second - std::max(ends_[i].first, covered));
      covered = std::max(covered, ends_[i].second);
    }
    return total;
  }

 private:
  std::array<std::pair<std::int64_t, std::int64_t>, run_list::most> ends_{};
  int count_ = 0;
};

/// Elements that the active sub-clusters of a step share with what each of them holds, copies
/// counted.
inline std::int64_t held_by_units(const chain& c,
                                  const run_list& units,
                                  element_grid g,
                                  const place& p,
                                  int level,
                                  relation r) {
  const std::int32_t active = c.levels[level].active(p.box[level], p.step[level]);
  std::int64_t held = 0;
  for (const run& u : units) {
    if (u.begin >= active) break;
    const auto before = tile_before(c, p, level, u.begin, r);
    if (!before) continue;
    held +=
        std::min(u.count, active - u.begin) * overlap(g, tile_now(c, p, level, u.begin), *before);
  }
  return held;
}

/// Elements of a step's tiles that no sub-cluster lacks: all of the union but what is new to at
/// least one of them.
inline std::int64_t held_by_all(const chain& c,
                                const run_list& units,
                                element_grid g,
                                const place& p,
                                int level,
                                relation r) {
  const tiling& t = c.levels[level];
  const std::int64_t all = g.count(t.step_of(p.box[level], p.step[level]));
  if (r.how == relation::kind::same) return all;
  if (r.how == relation::kind::none) return 0;
  const std::int32_t active = t.active(p.box[level], p.step[level]);
  interval_list lacking;
  for (const run& u : units) {
    if (u.begin >= active) break;
    const std::int32_t last = std::min(u.begin + u.count, active) - 1;
    const span tile = tile_now(c, p, level, u.begin);
    const std::int64_t end = g.end(tile_now(c, p, level, last));
    const auto before = tile_before(c, p, level, u.begin, r);
    const std::int64_t held = before ? overlap(g, tile, *before) : 0;
    if (before && *before == tile) continue;
    // What a tile shares with an earlier one lies at its beginning, with a later one at its end;
    // no more than neighbours share, so the lacking parts of a run have no gap between them.
    const bool at_begin = before && before->begin < tile.begin;
    lacking.add(g.begin(tile) + (at_begin ? held : 0), end - (at_begin ? 0 : held));
  }
  return all - lacking.count();
}

/// What the whole group works on in the step before a level's step, as one span.
inline span group_before(const chain& c, const place& p, int level, relation r) {
  const tiling& t = c.levels[level];
  switch (r.how) {
    case relation::kind::same:
      return t.step_of(p.box[level], p.step[level]);
    case relation::kind::moves:
      if (r.level == level) return t.step_of(p.box[level], p.step[level] - 1);
      break;
    case relation::kind::restarts:
      if (r.level == level) return t.step_of(p.box[level], t.steps(p.box[level]) - 1);
      break;
    case relation::kind::none:
      break;
  }
  return {};
}

}  // namespace cugamma::exact
