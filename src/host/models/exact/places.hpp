#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "models/exact/nest.hpp"

/// Where the sub-clusters of a level stand in one dimension, before and after a step.
namespace cugamma::exact {

/// A step of a level in one dimension: the box of each level down to it, each the tile of the one
/// above that its sub-cluster `unit` takes in `step`. The last level's unit is open: the step is of
/// all its sub-clusters.
struct place {
  std::array<span, most_levels> box{};
  std::array<std::int32_t, most_levels> step{};
  std::array<std::int32_t, most_levels> unit{};
};

/// How a dimension's loops turn between a step of some level and its neighbour.
struct relation {
  enum class kind : std::uint8_t {
    none,      ///< there is no neighbour
    same,      ///< not at all
    moves,     ///< the loop of `level` goes on, those of deeper levels start over
    restarts,  ///< the loops of `level` and of deeper levels start over
  };
  kind how = kind::none;
  std::int8_t level = 0;
  friend constexpr bool operator==(const relation&, const relation&) = default;
};
inline constexpr relation no_relation{};
inline constexpr relation is_same{relation::kind::same, 0};
constexpr relation moves(int level) {
  return {relation::kind::moves, static_cast<std::int8_t>(level)};
}
constexpr relation restarts(int level) {
  return {relation::kind::restarts, static_cast<std::int8_t>(level)};
}

/// The relations of a level as numbers from 0.
inline constexpr int most_relations = 1 + 2 * most_levels;
constexpr int number_of(relation r) {
  return r.how == relation::kind::same ? 0 : 2 * r.level + (r.how == relation::kind::moves ? 1 : 2);
}

/// The last tile that the units from `first` to `level` have in a box of level `first`; nothing if
/// they have none.
inline std::optional<span> last_tile(const chain& c,
                                     int first,
                                     span box,
                                     const std::array<std::int32_t, most_levels>& unit,
                                     int level) {
  const tiling& t = c.levels[first];
  const std::int32_t from_own = t.tiles(box) - unit[first];
  if (from_own <= 0) return std::nullopt;
  const std::int32_t last = (from_own - 1) / t.units;
  // Only a box's last tile is smaller, so who has nothing in the one before has nothing at all.
  for (std::int32_t step = last; step >= 0 && step > last - 2; --step) {
    const span tile = t.tile_of(box, step * t.units + unit[first]);
    if (first == level) return tile;
    if (const auto found = last_tile(c, first + 1, tile, unit, level)) return found;
  }
  return std::nullopt;
}

/// The tile of unit `unit` of a level's step.
inline span tile_now(const chain& c, const place& p, int level, std::int32_t unit) {
  const tiling& t = c.levels[level];
  return t.tile_of(p.box[level], p.step[level] * t.units + unit);
}

/// The tile that a unit which is active in a step had when it was last active.
inline std::optional<span> tile_before(const chain& c,
                                       const place& p,
                                       int level,
                                       std::int32_t unit,
                                       relation r) {
  if (r.how == relation::kind::none) return std::nullopt;
  if (r.how == relation::kind::same) return tile_now(c, p, level, unit);
  auto units = p.unit;
  units[level] = unit;
  if (r.how == relation::kind::restarts) return last_tile(c, r.level, p.box[r.level], units, level);
  const tiling& t = c.levels[r.level];
  const span tile = t.tile_of(p.box[r.level], (p.step[r.level] - 1) * t.units + units[r.level]);
  return r.level == level ? tile : last_tile(c, r.level + 1, tile, units, level);
}

/// Whether a relation can hold between a step and the one before it.
inline bool can_enter(const place& p, int level, relation r) {
  if (r.how == relation::kind::same) return true;
  const bool is_move = r.how == relation::kind::moves;
  if (is_move && p.step[r.level] == 0) return false;
  for (int l = r.level + (is_move ? 1 : 0); l <= level; ++l) {
    if (p.step[l] != 0) return false;
  }
  return true;
}

/// Whether the units from level `first` on have a tile in the last step of their boxes.
inline bool has_last_step(const chain& c, const place& p, int first, span box, int level) {
  for (int l = first; l < level; ++l) {
    const tiling& t = c.levels[l];
    const std::int32_t number = (t.steps(box) - 1) * t.units + p.unit[l];
    if (number >= t.tiles(box)) return false;
    box = t.tile_of(box, number);
  }
  return true;
}

/// Whether the unit that owns a level's group works in the step right before this one.
inline bool was_active(const chain& c, const place& p, int level, relation r) {
  if (r.how == relation::kind::same) return true;
  if (r.how == relation::kind::restarts) {
    return has_last_step(c, p, r.level, p.box[r.level], level);
  }
  if (r.level == level) return true;
  const tiling& t = c.levels[r.level];
  const std::int32_t number = (p.step[r.level] - 1) * t.units + p.unit[r.level];
  return has_last_step(c, p, r.level + 1, t.tile_of(p.box[r.level], number), level);
}

/// Whether the unit that owns a level's group works in the step right after this one, which is its
/// last. A loop that starts over finds all units at work that have anything to do.
inline bool is_active_next(const chain& c, const place& p, int level, relation r) {
  if (r.how != relation::kind::moves || r.level == level) return true;
  span box = p.box[r.level];
  std::int32_t step = p.step[r.level] + 1;
  for (int l = r.level; l < level; ++l) {
    const tiling& t = c.levels[l];
    const std::int32_t number = step * t.units + p.unit[l];
    if (number >= t.tiles(box)) return false;
    box = t.tile_of(box, number);
    step = 0;
  }
  return true;
}

/// Whether the boxes of the levels from `first` on are worked on in one step each.
inline bool has_single_steps(const chain& c, const place& p, int first, int level) {
  for (int l = first; l <= level; ++l) {
    if (c.levels[l].steps(p.box[l]) != 1) return false;
  }
  return true;
}

/// Indices that stand for a run of equal ones.
struct run {
  std::int32_t begin = 0;
  std::int32_t count = 1;
};

/// Few enough to stay on the stack: the runs of sub-clusters, or of steps.
struct run_list {
  static constexpr int most = 2 * most_levels + 2;
  std::array<run, most> runs{};
  int count = 0;

  void add(std::int32_t begin, std::int32_t end) {
    if (end > begin) runs[static_cast<std::size_t>(count++)] = {begin, end - begin};
  }
  const run* begin() const { return runs.data(); }
  const run* end() const { return runs.data() + count; }
};

/// A box's steps: the first, the last, and those between, which are alike; with apart_before_last
/// the one before the last by itself.
inline run_list step_runs(std::int32_t steps, bool apart_before_last) {
  const std::int32_t tail = apart_before_last ? 2 : 1;
  run_list r;
  r.add(0, 1);
  r.add(1, steps - tail);
  for (std::int32_t s = std::max(1, steps - tail); s < steps; ++s) r.add(s, s + 1);
  return r;
}

inline void sort_few(std::int32_t* values, int count) {
  for (int i = 1; i < count; ++i) {
    for (int j = i; j > 0 && values[j] < values[j - 1]; --j) std::swap(values[j], values[j - 1]);
  }
}

/// The lengths of the boxes that each level cuts, and runs of its sub-clusters that all work alike
/// whatever the box: they are cut where a box's last step ends, and before its last tile.
struct chain_runs {
  std::array<run_list, most_levels> units;
  /// Whether some sub-cluster is idle in the last step of a box of this or of a deeper level.
  std::array<bool, most_levels> has_idle{};
};

inline chain_runs find_runs(const chain& c, int level_count) {
  chain_runs out;
  std::array<std::int32_t, most_levels + 1> lengths{c.size};
  int length_count = 1;
  for (int level = 0; level < level_count; ++level) {
    const tiling& t = c.levels[level];
    std::array<std::int32_t, run_list::most> cuts{};
    int cut_count = 0;
    std::int32_t most_active = 0, least_active = t.units;
    for (int i = 0; i < length_count; ++i) {
      const span box{0, lengths[i]};
      const std::int32_t active = t.active(box, t.steps(box) - 1);
      cuts[cut_count++] = active - 1;
      cuts[cut_count++] = active;
      most_active = std::max(most_active, t.active(box, 0));
      least_active = std::min(least_active, active);
    }
    out.has_idle[level] = least_active < most_active;
    cuts[cut_count++] = t.units;
    sort_few(cuts.data(), cut_count);
    std::int32_t begin = 0;
    for (int i = 0; i < cut_count; ++i) {
      out.units[level].add(begin, cuts[i]);
      begin = std::max(begin, cuts[i]);
    }
    std::array<std::int32_t, most_levels + 1> next{t.tile};
    int next_count = 1;
    for (int i = 0; i < length_count; ++i) {
      const std::int32_t edge = lengths[i] - (t.tiles({0, lengths[i]}) - 1) * t.tile;
      if (std::find(next.begin(), next.begin() + next_count, edge) == next.begin() + next_count) {
        next[next_count++] = edge;
      }
    }
    lengths = next;
    length_count = next_count;
  }
  for (int level = level_count - 2; level >= 0; --level) {
    out.has_idle[level] = out.has_idle[level] || out.has_idle[level + 1];
  }
  return out;
}

/// Calls f for every relation that a step of a level can have to the one before it.
template <class F>
void each_relation(int level, F f) {
  f(is_same);
  for (int l = 0; l <= level; ++l) {
    f(moves(l));
    f(restarts(l));
  }
}

/// A step of a level in one dimension, which stands for `weight` of them.
struct weighted_place {
  place at;
  std::int64_t weight = 1;
};

/// Every step of a level in one dimension, those that count alike together.
inline void list_places(const chain& c,
                        const chain_runs& runs,
                        int level,
                        int from,
                        weighted_place w,
                        std::vector<weighted_place>& out) {
  const tiling& t = c.levels[from];
  const span box = w.at.box[from];
  for (const run& steps : step_runs(t.steps(box), false)) {
    weighted_place next = w;
    next.at.step[from] = steps.begin;
    next.weight *= steps.count;
    // A level is below most_levels: without that g++ 14 warns of places beyond the last.
    if (from >= std::min(level, most_levels - 1)) {
      out.push_back(next);
      continue;
    }
    const std::int32_t active = t.active(box, steps.begin);
    for (const run& units : runs.units[from]) {
      if (units.begin >= active) break;
      weighted_place inner = next;
      inner.at.unit[from] = units.begin;
      inner.weight *= std::min(units.count, active - units.begin);
      inner.at.box[from + 1] = tile_now(c, inner.at, from, units.begin);
      list_places(c, runs, level, from + 1, inner, out);
    }
  }
}

}  // namespace cugamma::exact
