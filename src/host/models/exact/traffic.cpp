#include "models/exact/traffic.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/exact/elements.hpp"
#include "models/exact/split_filter/pair_sums.hpp"

namespace cugamma::exact {
namespace {

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
