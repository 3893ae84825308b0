#include "models/exact/runtime.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "models/exact/elements.hpp"
#include "models/exact/split_filter/row_sets.hpp"

namespace cugamma::exact {
namespace {

using places = std::array<place, dims>;
using relations = std::array<relation, dims>;

constexpr relations none_at_all() { return {}; }

/// Elements of input and filter that a step moves, of a union of tiles.
struct volume {
  std::int64_t input = 0;
  std::int64_t filter = 0;
  std::int64_t sum() const { return input + filter; }
};

/// Walks the classes of steps of each level instead of the steps: those whose indices are first,
/// between or last in the same dimensions take the same time.
class class_walk {
 public:
  class_walk(const loop_nest& n, const accelerator& a) : n_(n), a_(a) {
    for (int d = 0; d < dims; ++d) runs_[d] = find_runs(n.chains[d], n.level_count);
    has_split_rows_ = !is_whole(n.chains[R], n.level_count);
    has_split_columns_ = !is_whole(n.chains[S], n.level_count);
  }

  std::int64_t runtime() {
    places whole;
    for (int d = 0; d < dims; ++d) whole[d].box[0] = {0, n_.chains[d].size};
    return cycles(0, whole, none_at_all(), none_at_all());
  }

 private:
  /// A class of steps of a level: its places, how many steps it stands for, and which loop turns
  /// before and after it (-1: none of this level, a loop of a level above).
  struct step_class {
    places at;
    std::int64_t count = 1;
    int moved = -1;
    int moves_next = -1;
  };

  /// Cycles of a group of sub-clusters from its first to its last step. entry, exit: how the loops
  /// of the levels above turn before the first and after the last step.
  std::int64_t cycles(int level, const places& at, const relations& entry, const relations& exit) {
    std::int64_t total = 0;
    const auto classes = classes_of(level, at);
    if (classes.size() > 2) total = middle(level, at, classes);
    for (const step_class& s : classes) {
      if (s.moved >= 0 && s.moves_next >= 0) continue;
      total += s.count * step_cycles(level, s, entry, exit);
    }
    return total;
  }

  /// Cycles of the steps between a group's first and last: the lengths of its boxes decide them.
  std::int64_t middle(int level, const places& at, const std::vector<step_class>& classes) {
    std::array<std::int32_t, dims + 1> key{};
    for (int d = 0; d < dims; ++d) key[d] = at[d].box[level].length();
    key[dims] = level;
    if (const auto known = middles_.find(key); known != middles_.end()) return known->second;
    std::int64_t total = 0;
    for (const step_class& s : classes) {
      if (s.moved < 0 || s.moves_next < 0) continue;
      total += s.count * step_cycles(level, s, none_at_all(), none_at_all());
    }
    return middles_[key] = total;
  }

  std::vector<step_class> classes_of(int level, const places& at) const {
    std::vector<step_class> classes{{at, 1, -1, -1}};
    for (const int d : n_.order[level]) {
      const std::int32_t steps = n_.chains[d].levels[level].steps(at[d].box[level]);
      if (steps == 1) continue;
      std::vector<step_class> finer;
      for (const step_class& c : classes) {
        for (const run& r : step_runs(steps, runs_[d].has_idle[level])) {
          step_class next = c;
          next.at[d].step[level] = r.begin;
          next.count *= r.count;
          if (r.begin > 0) next.moved = d;
          if (r.begin + r.count < steps) next.moves_next = d;
          finer.push_back(next);
        }
      }
      classes = std::move(finer);
    }
    return classes;
  }

  /// The relation of each dimension when the loop of `mover` turns, or what the levels above say.
  relations relations_of(int level, int mover, const relations& above) const {
    if (mover < 0) return above;
    relations r;
    bool is_outside = true;
    for (const int d : n_.order[level]) {
      if (d == mover) {
        r[d] = moves(level);
        is_outside = false;
      } else {
        r[d] = is_outside ? is_same : restarts(level);
      }
    }
    return r;
  }

  /// The same, as the next deeper level sees it.
  static relations handed_down(relations r, int level) {
    for (relation& one : r) {
      if (one == is_same) one = restarts(level + 1);
    }
    return r;
  }

  std::int64_t step_cycles(int level,
                           const step_class& s,
                           const relations& entry_above,
                           const relations& exit_above) {
    const relations entry = relations_of(level, s.moved, entry_above);
    const relations exit = relations_of(level, s.moves_next, exit_above);
    const std::int64_t arriving = fills(level, s.at, entry);
    const std::int64_t leaving = outputs_leaving(level, s.at, exit);
    const std::int64_t ingress = delay(arriving), egress = delay(leaving);
    std::int64_t compute = work(level, s.at, entry, exit);
    if (s.moved < 0) compute += ingress;
    std::int64_t slowest = std::max({ingress, compute, egress});
    if (level == 0) {
      const std::int64_t bw = a_.offchip_bw;
      slowest = std::max(slowest, ceil_div(new_to_group(s.at, entry), bw));
      slowest = std::max(slowest, ceil_div(leaving, bw));
    }
    return slowest;
  }

  /// Cycles of the slowest sub-cluster of a step.
  std::int64_t work(int level, const places& at, const relations& entry, const relations& exit) {
    if (level + 1 == n_.level_count) {
      std::int64_t macs = 1;
      for (int d = 0; d < dims; ++d) macs *= tile_now(n_.chains[d], at[d], level, 0).length();
      return ceil_div(macs, std::int64_t{a_.simd_lanes});
    }
    places inner = at;
    for (int d = 0; d < dims; ++d) {
      inner[d].unit[level] = 0;
      inner[d].box[level + 1] = tile_now(n_.chains[d], at[d], level, 0);
    }
    const auto p = static_cast<std::size_t>(n_.parallel[level]);
    const std::int32_t active =
        n_.chains[p].levels[level].active(at[p].box[level], at[p].step[level]);
    std::int64_t slowest = 0;
    for (const run& units : runs_[p].units[level]) {
      if (units.begin >= active) break;
      inner[p].unit[level] = units.begin;
      inner[p].box[level + 1] = tile_now(n_.chains[p], at[p], level, units.begin);
      slowest =
          std::max(slowest,
                   cycles(level + 1, inner, handed_down(entry, level), handed_down(exit, level)));
    }
    return slowest;
  }

  std::int64_t delay(std::int64_t elements) const {
    if (elements == 0) return 0;
    return std::int64_t{a_.noc_hops} * a_.noc_hop_latency +
           ceil_div(elements, std::int64_t{a_.noc_bw}) - 1;
  }

  /// Elements of input and filter that at least one sub-cluster of a step lacks.
  std::int64_t fills(int level, const places& at, const relations& entry) const {
    relations all;
    all.fill(is_same);
    return held(level, at, all).sum() - held(level, at, entry).sum();
  }

  /// Elements of a step's tiles that no sub-cluster lacks.
  volume held(int level, const places& at, const relations& entry) const {
    if (entry[0].how == relation::kind::none) return {};
    const auto plain = [&](int d) {
      return held_by_all(n_.chains[d], runs_[d].units[level], plain_grid, at[d], level, entry[d]);
    };
    const std::int64_t rows = held_rows(level, at, entry, Y, R, n_.rows, has_split_rows_);
    const std::int64_t columns = held_rows(level, at, entry, X, S, n_.columns, has_split_columns_);
    const std::int64_t channels = plain(C);
    return {channels * rows * columns,
            (n_.depthwise ? 1 : plain(K)) * channels * plain(R) * plain(S)};
  }

  std::int64_t held_rows(int level,
                         const places& at,
                         const relations& entry,
                         int outputs,
                         int filter,
                         window w,
                         bool is_split) const {
    const chain& o = n_.chains[outputs];
    if (!is_split) {
      return held_by_all(o,
                         runs_[outputs].units[level],
                         grid_of(w),
                         at[outputs],
                         level,
                         entry[outputs]);
    }
    const bool by_filter = n_.chains[filter].levels[level].units > 1;
    const int own = by_filter ? filter : outputs, other = by_filter ? outputs : filter;
    const chain& c = n_.chains[other];
    const tile_change change = change_of(tile_now(c, at[other], level, 0),
                                         tile_before(c, at[other], level, 0, entry[other]));
    return rows_held_by_all({n_.chains[own],
                             runs_[own].units[level],
                             at[own],
                             entry[own],
                             change,
                             by_filter,
                             w.stride,
                             level});
  }

  /// Elements of input and filter in the tiles of level 0 that were in none of the step before.
  std::int64_t new_to_group(const places& at, const relations& entry) const {
    relations all;
    all.fill(is_same);
    return shared_with_group(at, all).sum() - shared_with_group(at, entry).sum();
  }

  volume shared_with_group(const places& at, const relations& entry) const {
    if (entry[0].how == relation::kind::none) return {};
    const auto now = [&](int d) { return group_before(n_.chains[d], at[d], 0, is_same); };
    const auto before = [&](int d) { return group_before(n_.chains[d], at[d], 0, entry[d]); };
    const auto plain = [&](int d) { return overlap(plain_grid, now(d), before(d)); };
    const auto rows = [&](int outputs, int filter, window w, bool is_split) {
      if (!is_split) return overlap(grid_of(w), now(outputs), before(outputs));
      return exact::held_rows(change_of(now(outputs), before(outputs)),
                              change_of(now(filter), before(filter)),
                              w.stride);
    };
    const std::int64_t channels = plain(C);
    return {channels * rows(Y, R, n_.rows, has_split_rows_) *
                rows(X, S, n_.columns, has_split_columns_),
            (n_.depthwise ? 1 : plain(K)) * channels * plain(R) * plain(S)};
  }

  /// Outputs of a step that the group does not work on in its next one.
  std::int64_t outputs_leaving(int level, const places& at, const relations& exit) const {
    std::int64_t all = 1, kept = exit[0].how == relation::kind::none ? 0 : 1;
    for (int d = 0; d < dims; ++d) {
      const chain& c = n_.chains[d];
      if (!is_active_next(c, at[d], level, exit[d])) kept = 0;
      const bool is_own = d == Y || d == X || d == (n_.depthwise ? C : K);
      if (!is_own) continue;
      all *= group_before(c, at[d], level, is_same).length();
      const bool stays =
          exit[d].how == relation::kind::same || (exit[d].how == relation::kind::restarts &&
                                                  has_single_steps(c, at[d], exit[d].level, level));
      if (!stays) kept = 0;
    }
    return kept == 0 ? all : 0;
  }

  const loop_nest& n_;
  const accelerator& a_;
  std::array<chain_runs, dims> runs_;
  bool has_split_rows_ = false;
  bool has_split_columns_ = false;
  std::map<std::array<std::int32_t, dims + 1>, std::int64_t> middles_;
};

}  // namespace

std::int64_t runtime_of(const loop_nest& n, const accelerator& a) {
  return class_walk(n, a).runtime();
}

}  // namespace cugamma::exact
