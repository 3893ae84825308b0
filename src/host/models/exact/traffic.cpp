#include "models/exact/traffic.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "models/exact/elements.hpp"
#include "models/exact/split_window.hpp"

namespace cugamma::exact {
namespace {

/// A step of a level in one dimension, which stands for `weight` of them.
struct weighted_place {
  place at;
  std::int64_t weight = 1;
};

/// Every step of a level in one dimension, those that count alike together.
void list_places(const chain& c,
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

/// Sums over the steps of one dimension, one for each relation to the step before.
using sums = std::array<std::int64_t, most_relations>;

/// What one dimension contributes to a level's traffic.
struct dimension_sums {
  sums held_by_units{};  ///< elements that sub-clusters hold of their new tiles, copies counted
  sums held_by_all{};    ///< elements that none of the sub-clusters lacks
  sums held_by_group{};  ///< elements that the group worked on in the step before
  sums unit_steps{};     ///< steps of sub-clusters
  sums group_steps{};    ///< steps of groups
  sums kept_outputs{};   ///< outputs that a group works on again
  sums working_steps{};  ///< steps of groups that worked in the step before too
};

template <class F>
void each_relation(int level, F f) {
  f(is_same);
  for (int l = 0; l <= level; ++l) {
    f(moves(l));
    f(restarts(l));
  }
}

dimension_sums sum_up(const chain& c,
                      const chain_runs& runs,
                      int level,
                      const std::vector<weighted_place>& places) {
  dimension_sums s;
  for (const auto& [at, weight] : places) {
    each_relation(level, [&, &at = at, weight = weight](relation r) {
      if (!can_enter(at, level, r)) return;
      const auto i = static_cast<std::size_t>(number_of(r));
      const tiling& t = c.levels[level];
      const bool is_kept =
          r.how == relation::kind::same ||
          (r.how == relation::kind::restarts && has_single_steps(c, at, r.level, level));
      s.held_by_units[i] += weight * held_by_units(c, runs.units[level], plain_grid, at, level, r);
      s.held_by_all[i] += weight * held_by_all(c, runs.units[level], plain_grid, at, level, r);
      s.held_by_group[i] += weight * overlap(plain_grid,
                                             t.step_of(at.box[level], at.step[level]),
                                             group_before(c, at, level, r));
      s.unit_steps[i] += weight * t.active(at.box[level], at.step[level]);
      s.group_steps[i] += weight;
      s.kept_outputs[i] += is_kept ? weight * t.step_of(at.box[level], at.step[level]).length() : 0;
      s.working_steps[i] += was_active(c, at, level, r) ? weight : 0;
    });
  }
  return s;
}

/// Sums over the steps of a window's two dimensions, for each pair of their relations.
struct window_sums {
  std::array<sums, most_relations> held_by_units{};  ///< [outputs' relation][filter's]
  std::array<sums, most_relations> held_by_all{};
  std::array<sums, most_relations> held_by_group{};
};

/// Under a filter that no level cuts the rows follow from the outputs alone.
window_sums sum_whole(const chain& c,
                      const chain_runs& runs,
                      window w,
                      int level,
                      const std::vector<weighted_place>& places,
                      const dimension_sums& filter) {
  window_sums s;
  for (const auto& [at, weight] : places) {
    each_relation(level, [&, &at = at, weight = weight](relation r) {
      if (!can_enter(at, level, r)) return;
      const auto i = static_cast<std::size_t>(number_of(r));
      const std::int64_t by_units =
          weight * held_by_units(c, runs.units[level], grid_of(w), at, level, r);
      const std::int64_t by_all =
          weight * held_by_all(c, runs.units[level], grid_of(w), at, level, r);
      const std::int64_t by_group =
          weight *
          overlap(grid_of(w), group_before(c, at, level, is_same), group_before(c, at, level, r));
      for (std::size_t f = 0; f < most_relations; ++f) {
        s.held_by_units[i][f] += by_units * filter.group_steps[f];
        s.held_by_all[i][f] += by_all * filter.group_steps[f];
        s.held_by_group[i][f] += by_group * filter.group_steps[f];
      }
    });
  }
  return s;
}

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

change_lists changes_of_units(const chain& c,
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

change_lists changes_of_groups(const chain& c,
                               int level,
                               const std::vector<weighted_place>& places) {
  return {level, places, [&](const place& at, relation r, auto add) {
            add(change_of(group_before(c, at, level, is_same), group_before(c, at, level, r)), 1);
          }};
}

/// Rows that are held, summed over pairs of changes.
std::int64_t sum_pairs(std::span<const weighted_change> outputs,
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
std::int64_t sum_held_by_all(const window_dimension& parallel,
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
window_sums sum_split(const window_dimension& outputs,
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

/// The sums of one level.
struct level_sums {
  std::array<dimension_sums, dims> of;
  window_sums rows;
  window_sums columns;
};

/// A relation of every dimension.
using relations = std::array<relation, dims>;

struct volumes {
  std::int64_t input = 0;
  std::int64_t filter = 0;
};

std::int64_t entry(const sums& s, relation r) { return s[static_cast<std::size_t>(number_of(r))]; }
std::int64_t entry(const std::array<sums, most_relations>& s, relation outputs, relation filter) {
  return entry(s[static_cast<std::size_t>(number_of(outputs))], filter);
}

/// The sums of one kind, for steps that are so related to the step before: what is there of input
/// and filter, if a dimension that is not theirs has `steps` steps.
volumes held(const level_sums& s,
             const relations& r,
             bool depthwise,
             sums dimension_sums::*held_of,
             std::array<sums, most_relations> window_sums::*rows_of,
             sums dimension_sums::*steps_of) {
  const auto held = [&](int d) { return entry(s.of[d].*held_of, r[d]); };
  const auto steps = [&](int d) { return entry(s.of[d].*steps_of, r[d]); };
  return {steps(K) * held(C) * entry(s.rows.*rows_of, r[Y], r[R]) *
              entry(s.columns.*rows_of, r[X], r[S]),
          (depthwise ? steps(K) : held(K)) * held(C) * held(R) * held(S) * steps(Y) * steps(X)};
}

volumes held_by_units(const level_sums& s, const relations& r, bool depthwise) {
  return held(s,
              r,
              depthwise,
              &dimension_sums::held_by_units,
              &window_sums::held_by_units,
              &dimension_sums::unit_steps);
}
volumes held_by_all(const level_sums& s, const relations& r, bool depthwise) {
  return held(s,
              r,
              depthwise,
              &dimension_sums::held_by_all,
              &window_sums::held_by_all,
              &dimension_sums::group_steps);
}
volumes held_by_group(const level_sums& s, const relations& r, bool depthwise) {
  return held(s,
              r,
              depthwise,
              &dimension_sums::held_by_group,
              &window_sums::held_by_group,
              &dimension_sums::group_steps);
}

std::int64_t kept_outputs(const level_sums& s, const relations& r, bool depthwise) {
  const auto kept = [&](int d) { return entry(s.of[d].kept_outputs, r[d]); };
  const auto steps = [&](int d) { return entry(s.of[d].working_steps, r[d]); };
  return (depthwise ? steps(K) * kept(C) : kept(K) * steps(C)) * kept(Y) * kept(X) * steps(R) *
         steps(S);
}

/// How the dimensions' loops turn between a level's steps, one for each loop that can go on.
std::vector<relations> turns_of(const loop_nest& n, int level) {
  std::vector<relations> turns;
  for (int l = 0; l <= level; ++l) {
    for (int mover = 0; mover < dims; ++mover) {
      relations& r = turns.emplace_back();
      for (int at = 0; at < dims; ++at) {
        const auto d = static_cast<std::size_t>(n.order[l][at]);
        if (at < mover) r[d] = l == level ? is_same : restarts(l + 1);
        if (at == mover) r[d] = moves(l);
        if (at > mover) r[d] = restarts(l);
      }
    }
  }
  return turns;
}

/// The pairs of relations that two dimensions have, each once.
std::vector<std::pair<relation, relation>> pairs_of(const std::vector<relations>& turns,
                                                    std::size_t one,
                                                    std::size_t other) {
  std::vector<std::pair<relation, relation>> pairs{{is_same, is_same}};
  for (const relations& r : turns) {
    const std::pair pair{r[one], r[other]};
    if (std::ranges::find(pairs, pair) == pairs.end()) pairs.push_back(pair);
  }
  return pairs;
}

/// A level's traffic: all that its steps work on, less what is there from the step before. Steps
/// are summed by the loop that moves between them.
level_traffic traffic_of_level(const std::vector<relations>& turns,
                               bool depthwise,
                               const level_sums& s) {
  relations all_same;
  all_same.fill(is_same);
  const auto filled = held_by_units(s, all_same, depthwise);
  const auto read = held_by_all(s, all_same, depthwise);
  level_traffic t{read.input,
                  read.filter,
                  filled.input,
                  filled.filter,
                  kept_outputs(s, all_same, depthwise),
                  read.input,
                  read.filter};
  for (const relations& r : turns) {
    const auto units = held_by_units(s, r, depthwise);
    const auto all = held_by_all(s, r, depthwise);
    t.input_reads -= all.input;
    t.filter_reads -= all.filter;
    t.input_fills -= units.input;
    t.filter_fills -= units.filter;
    t.outputs -= kept_outputs(s, r, depthwise);
    const auto group = held_by_group(s, r, depthwise);
    t.new_input -= group.input;
    t.new_filter -= group.filter;
  }
  return t;
}

}  // namespace

std::array<level_traffic, most_levels> traffic_of(const loop_nest& n) {
  std::array<chain_runs, dims> runs;
  for (int d = 0; d < dims; ++d) runs[d] = find_runs(n.chains[d], n.level_count);
  std::array<level_traffic, most_levels> all;
  for (int level = 0; level < n.level_count; ++level) {
    level_sums s;
    std::array<std::vector<weighted_place>, dims> places;
    for (int d = 0; d < dims; ++d) {
      weighted_place first;
      first.at.box[0] = {0, n.chains[d].size};
      list_places(n.chains[d], runs[d], level, 0, first, places[d]);
      s.of[d] = sum_up(n.chains[d], runs[d], level, places[d]);
    }
    const std::vector<relations> turns = turns_of(n, level);
    const auto sum_window = [&](std::size_t outputs, std::size_t filter, window w) {
      const chain& o = n.chains[outputs];
      if (is_whole(n.chains[filter], n.level_count)) {
        return sum_whole(o, runs[outputs], w, level, places[outputs], s.of[filter]);
      }
      const auto of = [&](std::size_t d) {
        return window_dimension{n.chains[d], runs[d].units[level], places[d]};
      };
      return sum_split(of(outputs), of(filter), w.stride, level, pairs_of(turns, outputs, filter));
    };
    s.rows = sum_window(Y, R, n.rows);
    s.columns = sum_window(X, S, n.columns);
    all[level] = traffic_of_level(turns, n.depthwise, s);
  }
  return all;
}

}  // namespace cugamma::exact
