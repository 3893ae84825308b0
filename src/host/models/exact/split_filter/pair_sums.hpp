#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "models/exact/split_filter/row_sets.hpp"

/// Sums over pairs of steps: of a window's output dimension and of its filter dimension.
namespace cugamma::exact {

/// Sums over the steps of one dimension, one for each relation to the step before.
using sums = std::array<std::int64_t, most_relations>;

/// Sums over the steps of a window's two dimensions, for each pair of their relations.
struct window_sums {
  std::array<sums, most_relations> held_by_units{};  ///< [outputs' relation][filter's]
  std::array<sums, most_relations> held_by_all{};
  std::array<sums, most_relations> held_by_group{};
};

/// Changes of a dimension's tile that several steps have in common.
struct weighted_change {
  tile_change change;
  std::int64_t weight = 1;
};

/// The changes of one dimension, by the relation to the step before.
class change_lists {
 public:
  /// Lists f(place, add) for every place, where add(change, weight) adds one.
  template <class F>
  change_lists(int level, const std::vector<weighted_place>& places, F f) {
    each_relation(level, [&](relation r) {
      const auto first = all_.size();
      for (const auto& [at, weight] : places) {
        if (!can_enter(at, level, r)) continue;
        f(at, r, [&, weight = weight](const tile_change& change, std::int64_t times) {
          add(first, change, weight * times);
        });
      }
      lists_[static_cast<std::size_t>(number_of(r))] = {first, all_.size()};
    });
  }

  std::span<const weighted_change> of(relation r) const {
    const auto [first, last] = lists_[static_cast<std::size_t>(number_of(r))];
    return {all_.data() + first, last - first};
  }

 private:
  void add(std::size_t first, const tile_change& change, std::int64_t weight) {
    for (std::size_t i = first; i < all_.size(); ++i) {
      if (all_[i].change != change) continue;
      all_[i].weight += weight;
      return;
    }
    all_.push_back({change, weight});
  }

  std::vector<weighted_change> all_;
  std::array<std::pair<std::size_t, std::size_t>, most_relations> lists_{};
};

inline change_lists changes_of_units(const chain& c,
                                     const run_list& units,
                                     int level,
                                     const std::vector<weighted_place>& places) {
  return {level, places, [&](const place& at, relation r, auto add) {
            const std::int32_t active = c.levels[level].active(at.box[level], at.step[level]);
            for (const run& u : units) {
              if (u.begin >= active) break;
              add(change_of(tile_now(c, at, level, u.begin), tile_before(c, at, level, u.begin, r)),
                  std::min(u.count, active - u.begin));
            }
          }};
}

inline change_lists changes_of_groups(const chain& c,
                                      int level,
                                      const std::vector<weighted_place>& places) {
  return {level, places, [&](const place& at, relation r, auto add) {
            add(change_of(group_before(c, at, level, is_same), group_before(c, at, level, r)), 1);
          }};
}

/// Rows that are held, summed over pairs of changes.
inline std::int64_t sum_pairs(std::span<const weighted_change> outputs,
                              std::span<const weighted_change> filter,
                              std::int64_t stride) {
  std::int64_t total = 0;
  for (const weighted_change& o : outputs) {
    for (const weighted_change& f : filter) {
      if (o.change.before == 0 || f.change.before == 0) continue;
      total += o.weight * f.weight * held_rows(o.change, f.change, stride);
    }
  }
  return total;
}

/// One dimension of a window: how it is cut, and the steps of a level.
struct window_dimension {
  const chain& c;
  const run_list& units;
  const std::vector<weighted_place>& places;
};

/// Rows that no sub-cluster lacks, summed over the steps, where one of the dimensions is parallel.
inline std::int64_t sum_held_by_all(const window_dimension& parallel,
                                    relation turned,
                                    std::span<const weighted_change> others,
                                    bool is_filter,
                                    std::int64_t stride,
                                    int level) {
  std::int64_t total = 0;
  for (const auto& [at, weight] : parallel.places) {
    if (!can_enter(at, level, turned)) continue;
    for (const auto& [other, times] : others) {
      if (other.before == 0) continue;
      total += weight * times *
               rows_held_by_all(
                   {parallel.c, parallel.units, at, turned, other, is_filter, stride, level});
    }
  }
  return total;
}

/// Under a filter that is cut: sums over pairs of the relations that `turns` has.
inline window_sums sum_split(const window_dimension& outputs,
                             const window_dimension& filter,
                             std::int64_t stride,
                             int level,
                             std::span<const std::pair<relation, relation>> turns) {
  window_sums s;
  const auto of_units = [&](const window_dimension& d) {
    return changes_of_units(d.c, d.units, level, d.places);
  };
  const change_lists output_units = of_units(outputs), filter_units = of_units(filter);
  const change_lists output_groups = changes_of_groups(outputs.c, level, outputs.places);
  const change_lists filter_groups = changes_of_groups(filter.c, level, filter.places);
  const bool by_outputs = outputs.c.levels[level].units > 1;
  const bool by_filter = filter.c.levels[level].units > 1;
  for (const auto& [o, f] : turns) {
    const auto i = static_cast<std::size_t>(number_of(o)),
               j = static_cast<std::size_t>(number_of(f));
    const std::int64_t by_units = sum_pairs(output_units.of(o), filter_units.of(f), stride);
    s.held_by_units[i][j] = by_units;
    s.held_by_group[i][j] = sum_pairs(output_groups.of(o), filter_groups.of(f), stride);
    s.held_by_all[i][j] =
        by_outputs  ? sum_held_by_all(outputs, o, filter_units.of(f), false, stride, level)
        : by_filter ? sum_held_by_all(filter, f, output_units.of(o), true, stride, level)
                    : by_units;
  }
  return s;
}

}  // namespace cugamma::exact
