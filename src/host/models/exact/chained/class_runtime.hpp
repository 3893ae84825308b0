#pragma once

#include <cstdint>

#include "models/exact/chained/held_sums.hpp"
#include "models/exact/chained/traffic.hpp"
#include "models/exact/chained/wide_runtime.hpp"

/// The runtime of a nest that leaves the filter whole, whatever the NoC: classes of steps, as
/// docs/exact-model.md has them, without lists.
namespace cugamma::exact::chained {

/// Bandwidths and delays of an accelerator.
struct machine_speeds {
  std::int64_t noc_bw;
  std::int64_t offchip_bw;
  std::int64_t delay;  ///< of the NoC, cycles
  std::int64_t lanes;
};

constexpr machine_speeds make_machine_speeds(const accelerator& a) {
  return {a.noc_bw, a.offchip_bw, std::int64_t{a.noc_hops} * a.noc_hop_latency, a.simd_lanes};
}

/// ceil(a / b), by 32 bits where they do.
CUGAMMA_HD constexpr std::int64_t quotient_up(std::int64_t a, std::int64_t b) {
  if (a <= b) return a > 0 ? 1 : 0;
  const std::int64_t sum = a + b - 1;
  if ((sum | b) >> 32 == 0) {
    return static_cast<std::uint32_t>(sum) / static_cast<std::uint32_t>(b);
  }
  return sum / b;
}

namespace detail {

/// How a dimension's loops turn between a step and its neighbour; `none`: there is no neighbour.
inline constexpr std::int8_t none = -1;
using relations = std::int8_t[whole_dims];

/// Where a group of a level stands: of the levels above it the step of each dimension and the
/// sub-cluster, and of each level down to it the kinds of its boxes.
struct group_path {
  std::uint8_t kind[most_levels + 1][whole_dims];
  extent step[most_levels][whole_dims];
  extent unit[most_levels];  ///< along the level's parallel dimension
};

/// A level's loops of more than one step in a box.
struct turning_loops {
  int count = 0;
  std::uint8_t dim[whole_dims];
};

class class_walk {
 public:
  CUGAMMA_HD constexpr class_walk(const nest& n,
                                  const element_rules& r,
                                  const window_grids& g,
                                  const machine_speeds& m)
      : n_(n), rules_(r), grids_(g), machine_(m) {
    filter_ = std::int64_t{n.of[R].length[0][0]} * n.of[S].length[0][0];
    const element_counts most = step_elements(n, 0, r);
    can_wait_off_chip_ = most.input + most.filter > m.offchip_bw || most.output > m.offchip_bw;
  }

  CUGAMMA_HD constexpr std::int64_t runtime() {
    group_path p{};
    const relations no_step = {none, none, none, none};
    return cycles<0>(p, no_step, no_step);
  }

 private:
  static constexpr int middles = 16 + 81;

  CUGAMMA_HD constexpr bool is_output_dim(int d) const {
    return d == Y || d == X || d == (rules_.is_depthwise ? C : K);
  }

  /// Cycles of a group of sub-clusters from its first to its last step. entry, exit: how the loops
  /// of the levels above turn before the first and after the last step.
  template <int Level>
  CUGAMMA_HD constexpr std::int64_t cycles(group_path& p,
                                           const relations& entry,
                                           const relations& exit) {
    turning_loops loops;
    for (int at = 0; at < dims; ++at) {
      const int d = n_.order[Level][at];
      if (d >= whole_dims) continue;
      p.step[Level][d] = 0;
      if (cut_of<Level>(p, d).steps > 1) loops.dim[loops.count++] = static_cast<std::uint8_t>(d);
    }
    if (loops.count == 0) return step_cycles<Level>(p, loops, -1, -1, entry, exit);
    // The loops turn from the outermost on, so the steps of the outermost are 0 here.
    const int last = loops.count - 1;
    std::int64_t total = step_cycles<Level>(p, loops, -1, last, entry, exit);
    total += middle<Level>(p, loops);
    for (int q = 0; q <= last; ++q) {
      p.step[Level][loops.dim[q]] = cut_of<Level>(p, loops.dim[q]).steps - 1;
    }
    return total + step_cycles<Level>(p, loops, last, -1, entry, exit);
  }

  /// Cycles of the steps between a group's first and last: the kinds of its boxes decide them.
  template <int Level>
  CUGAMMA_HD constexpr std::int64_t middle(group_path& p, const turning_loops& loops) {
    if constexpr (Level == 0) {
      return sum_classes<Level>(p, loops);
    } else {
      int key = 0;
      for (int d = 0; d < whole_dims; ++d) key = key * (Level + 1) + p.kind[Level][d];
      if (Level == 2) key += 16;
      if ((known_[key / 32] >> (key % 32) & 1) == 0) {
        middle_[key] = sum_classes<Level>(p, loops);
        known_[key / 32] |= 1u << (key % 32);
      }
      return middle_[key];
    }
  }

  /// How many steps of a loop the class at index `at` stands for, and its first one. False: none.
  struct step_run {
    extent begin;
    extent count;
  };
  template <int Level>
  CUGAMMA_HD constexpr step_run run_of(const group_path& p, int d, int at) const {
    const extent steps = cut_of<Level>(p, d).steps;
    // Outputs of the step before the last may leave, if sub-clusters are idle in the last.
    const extent apart = is_output_dim(d) || !may_idle(n_.of[d], Level) || steps < 3 ? 0 : 1;
    if (at == 0) return {0, 1};
    if (at == 1) return {1, steps - 2 - apart};
    if (at == 2) return {steps - 2, apart};
    return {steps - 1, 1};
  }

  CUGAMMA_HD constexpr bool may_idle(const chain& c, int level) const {
    for (int l = level; l < n_.levels; ++l) {
      if (c.units[l] > 1) return true;
    }
    return false;
  }

  /// All classes but those of a group's first and last step.
  template <int Level>
  CUGAMMA_HD constexpr std::int64_t sum_classes(group_path& p, const turning_loops& loops) {
    const relations no_step = {none, none, none, none};
    int at[whole_dims] = {};
    std::int64_t total = 0;
    for (;;) {
      int q = loops.count - 1;
      for (; q >= 0; --q) {
        if (++at[q] < 4) break;
        at[q] = 0;
      }
      if (q < 0) return total;
      std::int64_t count = 1;
      int moved = -1, next = -1;
      for (int i = 0; i < loops.count; ++i) {
        const int d = loops.dim[i];
        const step_run r = run_of<Level>(p, d, at[i]);
        count *= r.count;
        p.step[Level][d] = r.begin;
        if (at[i] > 0) moved = i;
        if (at[i] < 3) next = i;
      }
      if (count == 0 || next < 0) continue;
      total += count * step_cycles<Level>(p, loops, moved, next, no_step, no_step);
    }
  }

  template <int Level>
  CUGAMMA_HD constexpr const cut<extent>& cut_of(const group_path& p, int d) const {
    return n_.of[d].cuts[Level][p.kind[Level][d]];
  }

  /// What a group works on in a step.
  template <int Level>
  CUGAMMA_HD constexpr extent step_length(const group_path& p, int d) const {
    const chain& c = n_.of[d];
    const extent full = c.units[Level] * c.tile[Level], before = p.step[Level][d] * full;
    return min_of(full, c.length[Level][p.kind[Level][d]] - before);
  }

  CUGAMMA_HD constexpr row_grid<extent> grid(int d) const {
    return d >= Y ? grids_.of[d - Y] : row_grid<extent>{1, 0};
  }

  /// Relations of a level's dimensions when one of its loops turns, as the next level sees them.
  template <int Level>
  CUGAMMA_HD constexpr void hand_down(const turning_loops& loops,
                                      int mover,
                                      const relations& above,
                                      relations& out) const {
    bool is_outside = true;
    for (int d = 0; d < whole_dims; ++d) out[d] = mover < 0 ? above[d] : restarts(Level + 1);
    if (mover < 0) return;
    for (int at = 0; at < dims; ++at) {
      const int d = n_.order[Level][at];
      if (d >= whole_dims) continue;
      if (!is_outside) out[d] = restarts(Level);
      if (d == loops.dim[mover]) {
        out[d] = moves(Level);
        is_outside = false;
      }
    }
  }

  template <int Level>
  CUGAMMA_HD constexpr std::int64_t step_cycles(group_path& p,
                                                const turning_loops& loops,
                                                int moved,
                                                int next,
                                                const relations& entry_above,
                                                const relations& exit_above) {
    relations entry, exit;
    hand_down<Level>(loops, moved, entry_above, entry);
    hand_down<Level>(loops, next, exit_above, exit);
    extent length[whole_dims] = {};
    for (int d = 0; d < whole_dims; ++d) length[d] = step_length<Level>(p, d);
    const std::int64_t leaving = outputs_leaving<Level>(p, length, exit);
    const std::int64_t ingress = delay(arriving<Level>(p, length, entry));
    const std::int64_t egress = delay(leaving);
    std::int64_t compute = work<Level>(p, entry, exit);
    if (moved < 0) compute += ingress;
    std::int64_t slowest = max_of(max_of(ingress, egress), compute);
    if constexpr (Level == 0) {
      if (can_wait_off_chip_) {
        const std::int64_t fresh = new_to_group(p, length, entry);
        slowest = max_of(slowest, quotient_up(fresh, machine_.offchip_bw));
        slowest = max_of(slowest, quotient_up(leaving, machine_.offchip_bw));
      }
    }
    return slowest;
  }

  CUGAMMA_HD constexpr std::int64_t delay(std::int64_t elements) const {
    return elements == 0 ? 0 : machine_.delay + quotient_up(elements, machine_.noc_bw) - 1;
  }

  /// Elements of input and filter, of lengths along K, C and rows and columns.
  CUGAMMA_HD constexpr std::int64_t volume(const extent (&of)[whole_dims]) const {
    const std::int64_t channels = of[C];
    const std::int64_t features = rules_.is_depthwise ? 1 : of[K];
    return channels * of[Y] * of[X] + features * channels * filter_;
  }

  /// Elements that at least one sub-cluster of a step lacks.
  template <int Level>
  CUGAMMA_HD constexpr std::int64_t arriving(const group_path& p,
                                             const extent (&length)[whole_dims],
                                             const relations& entry) const {
    extent all[whole_dims] = {}, held[whole_dims] = {};
    for (int d = 0; d < whole_dims; ++d) all[d] = grid(d).count(length[d]);
    if (entry[0] == none) return volume(all);
    for (int d = 0; d < whole_dims; ++d) {
      held[d] = entry[d] == restarts(Level + 1) ? all[d] : held_of<Level>(p, d, entry[d]);
    }
    return volume(all) - volume(held);
  }

  /// Elements of a dimension that no sub-cluster of a step lacks; other relations than restarts(
  /// Level + 1), which is how the next level sees a dimension that does not turn.
  template <int Level>
  CUGAMMA_HD constexpr extent held_of(const group_path& p, int d, std::int8_t relation) const {
    const chain& c = n_.of[d];
    const row_grid<extent> g = grid(d);
    if (relation == moves(Level)) return g.shared((c.units[Level] - 1) * c.tile[Level]);
    const int kind = p.kind[Level][d];
    if (relation == restarts(Level)) {
      const cut<extent>& b = c.cuts[Level][kind];
      const extent box = c.length[Level][kind];
      if (d < Y) return kept_in_box(b, box, c.tile[Level], c.units[Level]);
      if (c.units[Level] == 1) return held_by_one(c, g, Level, kind, Level);
      return rows_kept_in_box(b, box, c.tile[Level], c.units[Level], g).by_all;
    }
    if constexpr (Level >= 1) {
      if (relation == moves(Level - 1)) return held_after_step<Level - 1, Level>(p, d);
      if (relation == restarts(Level - 1)) return held_after_start<Level - 1, Level>(p, d);
    }
    if constexpr (Level >= 2) {
      if (relation == moves(Level - 2)) return held_after_step<Level - 2, Level>(p, d);
      if (relation == restarts(Level - 2)) return held_after_start<Level - 2, Level>(p, d);
    }
    return 0;
  }

  /// The sub-clusters of a dimension from level From to the one above Level, and where their tiles
  /// begin together.
  template <int From, int Level>
  CUGAMMA_HD constexpr extent units_of(const group_path& p,
                                       int d,
                                       extent (&units)[most_levels]) const {
    extent begin = 0;
    for (int l = From; l < Level; ++l) {
      units[l] = n_.parallel[l] == d ? p.unit[l] : 0;
      begin += units[l] * n_.of[d].tile[l];
    }
    return begin;
  }

  /// In the first step of a box after the loop of level Upper has gone on.
  template <int Upper, int Level>
  CUGAMMA_HD constexpr extent held_after_step(const group_path& p, int d) const {
    const chain& c = n_.of[d];
    const row_grid<extent> g = grid(d);
    const extent moved = c.units[Upper] * c.tile[Upper];
    if (g.shared(moved - c.tile[Upper]) == 0) return 0;
    if (is_temporal(c, Upper + 1, Level)) return g.shared(moved - c.tile[Upper]);
    extent units[most_levels] = {};
    const extent begin = moved + units_of<Upper + 1, Level>(p, d, units);
    return held_by_group<Level>(c,
                                find_runs(c, Level),
                                g,
                                begin,
                                p.kind[Level][d],
                                units,
                                [&](const extent(&unit)[most_levels], part& out) {
                                  return last_tile<Upper + 1, Level>(c, 0, unit, out);
                                })
        .by_all;
  }

  /// In the first step of a box after the loop of level Upper has started over.
  template <int Upper, int Level>
  CUGAMMA_HD constexpr extent held_after_start(const group_path& p, int d) const {
    const chain& c = n_.of[d];
    const int kind = p.kind[Upper][d];
    if (d < Y && c.cuts[Upper][kind].steps > 2) return 0;
    const row_grid<extent> g = grid(d);
    if (is_temporal(c, Upper, Level)) return held_by_one(c, g, Upper, kind, Level);
    extent units[most_levels] = {};
    const extent begin = units_of<Upper, Level>(p, d, units);
    return held_by_group<Level>(c,
                                find_runs(c, Level),
                                g,
                                begin,
                                p.kind[Level][d],
                                units,
                                [&](const extent(&unit)[most_levels], part& out) {
                                  return last_tile<Upper, Level>(c, kind, unit, out);
                                })
        .by_all;
  }

  /// Elements of level 0's tiles that were in none of the step before.
  CUGAMMA_HD constexpr std::int64_t new_to_group(const group_path& p,
                                                 const extent (&length)[whole_dims],
                                                 const relations& entry) const {
    extent all[whole_dims] = {}, shared[whole_dims] = {};
    for (int d = 0; d < whole_dims; ++d) {
      const chain& c = n_.of[d];
      const extent steps = cut_of<0>(p, d).steps;
      all[d] = shared[d] = grid(d).count(length[d]);
      if (entry[d] == moves(0)) shared[d] = grid(d).shared(0);
      if (entry[d] == restarts(0) && steps > 1) {
        shared[d] = grid(d).shared((steps - 2) * c.units[0] * c.tile[0]);
      }
    }
    return volume(all) - (entry[0] == none ? 0 : volume(shared));
  }

  /// Outputs of a step that the group does not work on in its next one.
  template <int Level>
  CUGAMMA_HD constexpr std::int64_t outputs_leaving(const group_path& p,
                                                    const extent (&length)[whole_dims],
                                                    const relations& exit) const {
    std::int64_t all = 1;
    bool stay = exit[0] != none;
    for (int d = 0; d < whole_dims; ++d) {
      if (is_output_dim(d)) {
        all *= length[d];
        stay = stay && outputs_stay<Level>(p, d, exit[d]);
      } else {
        stay = stay && is_active_next<Level>(p, d, exit[d]);
      }
    }
    return stay ? 0 : all;
  }

  template <int Level>
  CUGAMMA_HD constexpr bool outputs_stay(const group_path& p, int d, std::int8_t relation) const {
    if (relation % 2 != 0) return false;  // its loop goes on
    const chain& c = n_.of[d];
    for (int l = relation / 2 - 1; l <= Level; ++l) {
      if (c.cuts[l][p.kind[l][d]].steps != 1) return false;
    }
    return true;
  }

  /// Whether the sub-cluster that owns the group works in the next step.
  template <int Level>
  CUGAMMA_HD constexpr bool is_active_next(const group_path& p, int d, std::int8_t relation) const {
    if (relation % 2 == 0 || relation == moves(Level)) return true;
    const chain& c = n_.of[d];
    const int first = relation / 2;
    int kind = p.kind[first][d];
    for (int l = first; l < Level; ++l) {
      const extent step = l == first ? p.step[l][d] + 1 : 0;
      const extent number = step * c.units[l] + (n_.parallel[l] == d ? p.unit[l] : 0);
      const extent tiles = c.cuts[l][kind].tiles;
      if (number >= tiles) return false;
      kind = number == tiles - 1 ? kind + 1 : 0;
    }
    return true;
  }

  /// The kind of the box that a sub-cluster of a level works on in a step; of kinds of the same
  /// length the first.
  template <int Level>
  CUGAMMA_HD constexpr std::uint8_t inner_kind(const group_path& p, int d, extent unit) const {
    const chain& c = n_.of[d];
    const int kind = p.kind[Level][d];
    const extent number = p.step[Level][d] * c.units[Level] + unit;
    if (number != c.cuts[Level][kind].tiles - 1) return 0;
    const extent edge = c.length[Level + 1][kind + 1];
    for (int k = 0; k <= kind; ++k) {
      if (c.length[Level + 1][k] == edge) return static_cast<std::uint8_t>(k);
    }
    return static_cast<std::uint8_t>(kind + 1);
  }

  /// Cycles of the slowest sub-cluster of a step.
  template <int Level>
  CUGAMMA_HD constexpr std::int64_t work(group_path& p,
                                         const relations& entry,
                                         const relations& exit) {
    for (int d = 0; d < whole_dims; ++d) p.kind[Level + 1][d] = inner_kind<Level>(p, d, 0);
    if constexpr (Level + 1 < most_levels) {
      if (Level + 1 < n_.levels) return slowest_unit<Level>(p, entry, exit);
    }
    std::int64_t macs = filter_;
    for (int d = 0; d < whole_dims; ++d) macs *= n_.of[d].length[Level + 1][p.kind[Level + 1][d]];
    return machine_.lanes == 1 ? macs : quotient_up(macs, machine_.lanes);
  }

  template <int Level>
  CUGAMMA_HD constexpr std::int64_t slowest_unit(group_path& p,
                                                 const relations& entry,
                                                 const relations& exit) {
    const int d = n_.parallel[Level];
    if (d >= whole_dims || n_.of[d].units[Level] == 1) {
      p.unit[Level] = 0;
      return cycles<Level + 1>(p, entry, exit);
    }
    const chain& c = n_.of[d];
    const extent step = p.step[Level][d];
    const extent active = min_of(c.units[Level], cut_of<Level>(p, d).tiles - step * c.units[Level]);
    std::int64_t slowest = 0;
    const auto try_unit = [&](extent unit) {
      p.unit[Level] = unit;
      p.kind[Level + 1][d] = inner_kind<Level>(p, d, unit);
      slowest = max_of(slowest, cycles<Level + 1>(p, entry, exit));
    };
    if (!units_differ<Level>(p, d, entry[d], exit[d])) {
      const extent last = active - 1;
      try_unit(0);
      if (last > 0 && inner_kind<Level>(p, d, last) != 0) try_unit(last);
      return slowest;
    }
    each_run(find_runs(c, Level), active, [&](extent first, extent) { try_unit(first); });
    return slowest;
  }

  /// Whether sub-clusters with tiles of the same length may take different times: what they hold,
  /// or whether they work in the next step, may depend on their place.
  template <int Level>
  CUGAMMA_HD constexpr bool units_differ(const group_path& p,
                                         int d,
                                         std::int8_t entry,
                                         std::int8_t exit) const {
    const bool entry_differs =
        entry != none && entry != moves(Level) && entry != restarts(Level + 1);
    const bool exit_differs =
        exit != none && exit % 2 != 0 &&
        (exit != moves(Level) || p.step[Level][d] + 2 == cut_of<Level>(p, d).steps);
    return entry_differs || exit_differs;
  }

  const nest& n_;
  const element_rules& rules_;
  const window_grids& grids_;
  const machine_speeds& machine_;
  std::int64_t filter_ = 1;
  bool can_wait_off_chip_ = false;
  std::uint32_t known_[(middles + 31) / 32] = {};
  std::int64_t middle_[middles];
};

}  // namespace detail

/// precondition: the nest leaves the filter whole
CUGAMMA_HD constexpr std::int64_t class_runtime(const nest& n,
                                                const element_rules& r,
                                                const window_grids& g,
                                                const machine_speeds& m) {
  return detail::class_walk(n, r, g, m).runtime();
}

}  // namespace cugamma::exact::chained
