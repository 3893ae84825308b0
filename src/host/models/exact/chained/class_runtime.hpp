#pragma once

#include <cstdint>

#include "models/exact/chained/held_sums.hpp"
#include "models/exact/chained/traffic.hpp"
#include "models/exact/chained/wide_runtime.hpp"
#include "problem/noc_delay.hpp"

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
  return {a.noc_bw, a.offchip_bw, noc_delay(a), a.simd_lanes};
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

/// The steps in which one dimension of a box is cut: those but the last are alike.
struct cut_facts {
  extent length[2];  ///< of what a group works on: in the last step [1], in the others [0]
  extent all[2];     ///< its elements: rows of the input
  extent tile[2];    ///< of the first sub-cluster
  extent moved;      ///< elements that no sub-cluster lacks when the loop goes on
  extent kept;       ///< when it starts over
  extent steps;
  bool is_even;  ///< the last step is as the others
};

/// Those of a box, a dimension each.
using box_facts = const cut_facts* const[whole_dims];

/// A step of the innermost level.
struct innermost_step {
  extent all[whole_dims];   ///< elements
  extent held[whole_dims];  ///< those that no sub-cluster lacks
  extent length[whole_dims];
  extent tile[whole_dims];

  /// In a dimension in its last step, or in another one.
  CUGAMMA_HD constexpr void stand_at(const box_facts& box, int d, bool is_last) {
    const cut_facts& f = *box[d];
    all[d] = held[d] = f.all[is_last ? 1 : 0];
    length[d] = f.length[is_last ? 1 : 0];
    tile[d] = f.tile[is_last ? 1 : 0];
  }
  CUGAMMA_HD constexpr void stand_at(const box_facts& box, unsigned last_dims) {
    for (int d = 0; d < whole_dims; ++d) stand_at(box, d, (last_dims >> d & 1) != 0);
  }
};

/// A level's loops of more than one step in a box, the outermost first.
struct turning_loops {
  int count = 0;
  std::uint8_t dim[whole_dims];
};

/// Steps of a level that cost the same: how many, which loops are in their last step, as bits, and
/// the loops that turn before and after it (-1: a loop of a level above).
struct step_class {
  std::int64_t count;
  unsigned last;
  int moved;
  int next;
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
    for (int level = 0; level < n.levels; ++level) {
      for (int at = 0, to = 0; at < dims; ++at) {
        if (n.order[level][at] < whole_dims) order_[level][to++] = n.order[level][at];
      }
      for (int d = 0; d < whole_dims; ++d) {
        for (int kind = 0; kind <= level; ++kind) set_facts(level, d, kind);
      }
    }
  }

  CUGAMMA_HD constexpr std::int64_t runtime() {
    group_path p{};
    const relations no_step = {none, none, none, none};
    return cycles<0>(p, no_step, no_step);
  }

 private:
  static constexpr int middles = 1 + 16 + 81;  ///< combinations of kinds of boxes, by level
  static_assert(middles <= 32 * 4);

  CUGAMMA_HD constexpr bool is_output_dim(int d) const {
    return d == Y || d == X || d == (rules_.is_depthwise ? C : K);
  }

  /// What the steps of a dimension are in a box.
  CUGAMMA_HD_CALLED constexpr void set_facts(int level, int d, int kind) {
    const chain& c = n_.of[d];
    const cut<extent>& b = c.cuts[level][kind];
    const row_grid<extent> g = grid(d);
    const extent box = c.length[level][kind], full = c.units[level] * c.tile[level];
    cut_facts& f = facts_[level][d][kind];
    f.steps = b.steps;
    f.length[0] = min_of(full, box);
    f.length[1] = box - (b.steps - 1) * full;
    f.tile[0] = min_of(c.tile[level], box);
    f.tile[1] = b.active == 1 ? b.edge : f.tile[0];
    for (int i = 0; i < 2; ++i) f.all[i] = g.count(f.length[i]);
    f.moved = g.shared((c.units[level] - 1) * c.tile[level]);
    f.is_even = f.length[0] == f.length[1];
    if (d < Y) {
      f.kept = kept_in_box(b, box, c.tile[level], c.units[level]);
    } else if (c.units[level] == 1) {
      f.kept = held_by_one(c, g, level, kind, level);
    } else {
      f.kept = rows_kept_in_box(b, box, c.tile[level], c.units[level], g).by_all;
    }
  }

  template <int Level>
  CUGAMMA_HD constexpr const cut_facts& facts(const group_path& p, int d) const {
    return facts_[Level][d][p.kind[Level][d]];
  }

  template <int Level>
  CUGAMMA_HD constexpr turning_loops loops_of(const group_path& p) const {
    turning_loops loops;
    for (int at = 0; at < whole_dims; ++at) {
      const int d = order_[Level][at];
      if (facts<Level>(p, d).steps > 1) loops.dim[loops.count++] = static_cast<std::uint8_t>(d);
    }
    return loops;
  }

  /// Cycles of a group of sub-clusters from its first to its last step. entry, exit: how the loops
  /// of the levels above turn before the first and after the last step.
  ///
  /// Loops of one step aside, two neighbouring steps differ so: unless the innermost loop has moved
  /// before a step, all loops inside the one that has are in their first step, and the innermost
  /// moves next. If it has moved and is in its last step, all loops inside the one that moves next
  /// are in their last step. Loops outside are anywhere.
  template <int Level>
  CUGAMMA_HD_CALLED constexpr std::int64_t cycles(group_path& p,
                                                  const relations& entry,
                                                  const relations& exit) {
    if (Level > 0 && Level + 1 == n_.levels) return innermost_cycles<Level>(p, entry, exit);
    const turning_loops loops = loops_of<Level>(p);
    for (int d = 0; d < whole_dims; ++d) p.step[Level][d] = 0;
    const int inner = loops.count - 1;
    const int stages = inner < 0 ? 1 : 2 * loops.count + 1;
    const int key = key_of<Level>(p);
    const bool is_known = is_in(known_, key);
    std::int64_t middle = is_known ? middle_[key] : 0, ends = 0;
    for (int stage = 0; stage < stages; ++stage) {
      const bool is_end = stage == 0 || stage == stages - 1;
      if (is_known && !is_end) continue;
      step_class c{};
      const int free = open_stage(stage, inner, c);
      for (unsigned last = 0; last < 1u << free; ++last) {
        step_class one = c;
        one.last |= last;
        if (!place<Level>(p, loops, free, one)) continue;
        const bool is_apart = !is_end && one.moved == inner && leaves_by_idling<Level>(loops, one);
        for (int part = 0; part <= (is_apart ? 1 : 0); ++part) {
          const extent count = is_end ? 1 : place_next<Level>(p, loops, one, is_apart, part);
          if (count == 0) continue;
          const std::int64_t time = step_cycles<Level>(p, loops, one, entry, exit);
          (is_end ? ends : middle) += one.count * count * time;
        }
      }
    }
    if (!is_known) {
      middle_[key] = middle;
      put_in(known_, key);
    }
    return middle + ends;
  }

  /// The same of the innermost level, whose steps take what a PE's MACs take.
  template <int Level>
  CUGAMMA_HD constexpr std::int64_t innermost_cycles(const group_path& p,
                                                     const relations& entry,
                                                     const relations& exit) {
    const box_facts box = {&facts<Level>(p, K),
                           &facts<Level>(p, C),
                           &facts<Level>(p, Y),
                           &facts<Level>(p, X)};
    innermost_step first{};
    first.stand_at(box, 0);
    if (entry[0] != none) {
      for (int d = 0; d < whole_dims; ++d) first.held[d] = shared_of<Level>(p, d, entry[d]);
    }
    const std::int64_t ingress =
        delay(volume(first.all) - (entry[0] == none ? 0 : volume(first.held)));
    const int key = key_of<Level>(p);
    if (!is_in(known_, key)) look_at_box(Level, key, box, first);
    if (is_in(quiet_, key)) return middle_[key] + ingress;
    int inner = -1;  // the innermost loop of more than one step
    for (int at = 0; at < whole_dims; ++at) {
      if (box[order_[Level][at]]->steps > 1) inner = order_[Level][at];
    }
    const bool stay = exit[0] != none && stay_above<Level>(p, exit);
    if (inner < 0) return time_of(first, ingress, !stay, true);
    const std::int64_t start = time_of(first, ingress, is_output_dim(inner), true);
    innermost_step last{};
    last.stand_at(box, (1u << whole_dims) - 1);
    last.held[inner] = box[inner]->moved;
    const std::int64_t arriving = volume(last.all) - volume(last.held);
    return start + middle_[key] + time_of(last, delay(arriving), !stay, false);
  }

  using key_set = std::uint32_t[4];
  CUGAMMA_HD static constexpr bool is_in(const key_set& set, int key) {
    return (set[key / 32] >> (key % 32) & 1) != 0;
  }
  CUGAMMA_HD static constexpr void put_in(key_set& set, int key) {
    set[key / 32] |= 1u << (key % 32);
  }

  /// What is to be known of the innermost level's boxes of some kinds: whether no step ever waits
  /// for the NoC, and the cycles of all steps then, else of those between the first and the last.
  CUGAMMA_HD constexpr void look_at_box(int level,
                                        int key,
                                        const box_facts& box,
                                        const innermost_step& first) {
    innermost_step last{};
    last.stand_at(box, (1u << whole_dims) - 1);
    const std::int64_t least = macs_of(last);
    put_in(known_, key);
    if (machine_.lanes == 1 && delay(volume(first.all)) <= least &&
        delay(outputs_of(first)) <= least) {
      put_in(quiet_, key);
      middle_[key] = macs_of_all(box);
    } else {
      middle_[key] = innermost_middle(level, box);
    }
  }

  /// Cycles of a step of the innermost level.
  CUGAMMA_HD constexpr std::int64_t time_of(const innermost_step& s,
                                            std::int64_t ingress,
                                            bool leaves,
                                            bool is_first) const {
    const std::int64_t compute = macs_of(s) + (is_first ? ingress : 0);
    const std::int64_t longest = max_of(compute, ingress);
    return leaves ? max_of(longest, delay(outputs_of(s))) : longest;
  }

  CUGAMMA_HD constexpr std::int64_t macs_of(const innermost_step& s) const {
    const std::int64_t macs = filter_ * s.tile[K] * s.tile[C] * s.tile[Y] * s.tile[X];
    return machine_.lanes == 1 ? macs : quotient_up(macs, machine_.lanes);
  }

  CUGAMMA_HD constexpr std::int64_t outputs_of(const innermost_step& s) const {
    return std::int64_t{s.length[rules_.is_depthwise ? C : K]} * s.length[Y] * s.length[X];
  }

  /// Cycles of the steps between the first and the last.
  CUGAMMA_HD_CALLED constexpr std::int64_t innermost_middle(int level, const box_facts& box) const {
    turning_loops loops;
    for (int at = 0; at < whole_dims; ++at) {
      const int d = order_[level][at];
      if (box[d]->steps > 1) loops.dim[loops.count++] = static_cast<std::uint8_t>(d);
    }
    std::int64_t total = 0;
    for (int stage = 1; stage < 2 * loops.count; ++stage) {
      total += stage_cycles(box, loops, stage);
    }
    return total;
  }

  /// MACs of the first sub-cluster in all steps.
  CUGAMMA_HD constexpr std::int64_t macs_of_all(const box_facts& box) const {
    std::int64_t macs = filter_;
    for (int d = 0; d < whole_dims; ++d) {
      macs *= (box[d]->steps - 1) * box[d]->tile[0] + box[d]->tile[1];
    }
    return macs;
  }

  /// Cycles of the steps of a stage of cycles(), at the innermost level.
  CUGAMMA_HD constexpr std::int64_t stage_cycles(const box_facts& box,
                                                 const turning_loops& loops,
                                                 int stage) const {
    const int inner = loops.count - 1;
    step_class c{};
    const int free = open_stage(stage, inner, c);
    innermost_step s{};
    s.stand_at(box, dims_of(loops, c.last));
    for (int i = c.moved + 1; i <= inner; ++i) s.held[loops.dim[i]] = box[loops.dim[i]]->kept;
    bool leaves = false;
    for (int i = c.next; i <= inner; ++i) leaves = leaves || is_output_dim(loops.dim[i]);
    if (c.moved == inner) c.count = box[loops.dim[c.next]]->steps - (c.next == inner ? 2 : 1);
    if (c.count == 0) return 0;
    std::int64_t total = 0;
    for (unsigned last = 0; last < 1u << free; ++last) {
      std::int64_t count = c.count;
      for (int i = 0; i < free; ++i) {
        const cut_facts& f = *box[loops.dim[i]];
        const bool is_last = (last >> i & 1) != 0, is_mover = i == c.moved;
        s.stand_at(box, loops.dim[i], is_last);
        count *= is_last ? (f.is_even ? 0 : 1) : f.steps - (f.is_even ? 0 : 1) - (is_mover ? 1 : 0);
      }
      if (count == 0) continue;
      s.held[loops.dim[c.moved]] = box[loops.dim[c.moved]]->moved;
      total += count * time_of(s, delay(volume(s.all) - volume(s.held)), leaves, false);
    }
    return total;
  }

  CUGAMMA_HD static constexpr unsigned dims_of(const turning_loops& loops, unsigned set) {
    unsigned of_dims = 0;
    for (int i = 0; i < loops.count; ++i) of_dims |= (set >> i & 1) << loops.dim[i];
    return of_dims;
  }

  template <int Level>
  CUGAMMA_HD constexpr int key_of(const group_path& p) const {
    int key = 0;
    for (int d = 0; d < whole_dims; ++d) key = key * (Level + 1) + p.kind[Level][d];
    return key + (Level == 0 ? 0 : Level == 1 ? 1 : 17);
  }

  /// Which loops turn around the steps of a stage of cycles(), and which are in their last step.
  /// Returns how many of the outermost loops may stand anywhere.
  CUGAMMA_HD static constexpr int open_stage(int stage, int inner, step_class& c) {
    const int loops = inner + 1;
    c = {1, 0, -1, inner};
    if (stage == 0) return 0;  // the first step
    if (stage <= inner) {      // all loops inside that which moved are in their first step
      c.moved = stage - 1;
      return stage;
    }
    c.moved = inner;
    if (stage == loops) return inner;  // the innermost has moved and moves on
    const int next = stage == 2 * loops ? -1 : stage - loops - 1;
    c.next = next;
    c.last = (1u << loops) - (1u << (next + 1));
    return next < 0 ? 0 : next;
  }

  /// Counts the steps of a class but for the loop that moves next, and places the loops. False:
  /// there are none, or another class has them too.
  template <int Level>
  CUGAMMA_HD constexpr bool place(group_path& p,
                                  const turning_loops& loops,
                                  int free,
                                  step_class& c) const {
    unsigned last_dims = 0;
    for (int i = 0; i < loops.count; ++i) {
      const int d = loops.dim[i];
      const cut_facts& f = facts<Level>(p, d);
      const bool is_last = (c.last >> i & 1) != 0, is_mover = i == c.moved && i < c.next;
      p.step[Level][d] = is_last ? f.steps - 1 : is_mover ? 1 : 0;
      last_dims |= is_last ? 1u << d : 0;
      if (i >= free) continue;
      if (is_last && f.is_even) return false;
      if (is_last) continue;
      const extent steps = f.steps - (f.is_even ? 0 : 1) - (is_mover ? 1 : 0);
      if (steps == 0) return false;
      c.count *= steps;
    }
    c.last = last_dims;
    return true;
  }

  /// Places the loop that moves next, of a class that is not a group's first or last step: in all
  /// steps that it may stand in (part 0; but the one before the last if that is apart), or in the
  /// one before the last (part 1). Returns how many these are.
  template <int Level>
  CUGAMMA_HD constexpr extent place_next(group_path& p,
                                         const turning_loops& loops,
                                         const step_class& c,
                                         bool is_apart,
                                         int part) const {
    const int inner = loops.count - 1;
    if (c.moved < inner) return 1;  // it is in its first step
    const int d = loops.dim[c.next];
    const extent steps = facts<Level>(p, d).steps;
    const extent first = c.next == inner ? 1 : 0;
    p.step[Level][d] = part == 0 ? first : steps - 2;
    if (part == 1) return first <= steps - 2 ? 1 : 0;
    const extent count = steps - 1 - first;
    return is_apart && count > 0 ? count - 1 : count;
  }

  /// Whether sub-clusters may be idle when the loop comes to its last step that moves after the
  /// steps of a class, so that their outputs leave although none of the loop's are its own.
  template <int Level>
  CUGAMMA_HD constexpr bool leaves_by_idling(const turning_loops& loops,
                                             const step_class& c) const {
    if (Level + 1 >= n_.levels || c.next < 0) return false;
    const int d = loops.dim[c.next];
    return !is_output_dim(d) && !is_temporal(n_.of[d], Level, n_.levels - 2);
  }

  template <int Level>
  CUGAMMA_HD constexpr const cut<extent>& cut_of(const group_path& p, int d) const {
    return n_.of[d].cuts[Level][p.kind[Level][d]];
  }

  CUGAMMA_HD constexpr row_grid<extent> grid(int d) const {
    return d >= Y ? grids_.of[d - Y] : row_grid<extent>{1, 0};
  }

  /// Relations of a level's dimensions when one of its loops turns, as the next level sees them. A
  /// loop of one step is as good as one that does not turn.
  template <int Level>
  CUGAMMA_HD constexpr void hand_down(const turning_loops& loops,
                                      int mover,
                                      const relations& above,
                                      relations& out) const {
    for (int d = 0; d < whole_dims; ++d) out[d] = mover < 0 ? above[d] : restarts(Level + 1);
    if (mover < 0) return;
    out[loops.dim[mover]] = moves(Level);
    for (int i = mover + 1; i < loops.count; ++i) out[loops.dim[i]] = restarts(Level);
  }

  template <int Level>
  CUGAMMA_HD constexpr std::int64_t step_cycles(group_path& p,
                                                const turning_loops& loops,
                                                const step_class& c,
                                                const relations& entry_above,
                                                const relations& exit_above) {
    extent length[whole_dims] = {};
    for (int d = 0; d < whole_dims; ++d) length[d] = facts<Level>(p, d).length[c.last >> d & 1];
    const std::int64_t leaving = outputs_leaving<Level>(p, loops, c.next, length, exit_above);
    const std::int64_t ingress = delay(arriving<Level>(p, loops, c, entry_above));
    const std::int64_t egress = delay(leaving);
    std::int64_t compute = work<Level>(p, loops, c, entry_above, exit_above);
    if (c.moved < 0) compute += ingress;
    std::int64_t slowest = max_of(max_of(ingress, egress), compute);
    if constexpr (Level == 0) {
      if (can_wait_off_chip_) {
        slowest = max_of(slowest, quotient_up(new_to_group(p, loops, c), machine_.offchip_bw));
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
                                             const turning_loops& loops,
                                             const step_class& c,
                                             const relations& entry) const {
    extent all[whole_dims] = {}, held[whole_dims] = {};
    for (int d = 0; d < whole_dims; ++d) {
      all[d] = held[d] = facts<Level>(p, d).all[c.last >> d & 1];
    }
    if (c.moved >= 0) {
      held[loops.dim[c.moved]] = facts<Level>(p, loops.dim[c.moved]).moved;
      for (int i = c.moved + 1; i < loops.count; ++i) {
        held[loops.dim[i]] = facts<Level>(p, loops.dim[i]).kept;
      }
      return volume(all) - volume(held);
    }
    if (entry[0] == none) return volume(all);
    for (int d = 0; d < whole_dims; ++d) held[d] = shared_of<Level>(p, d, entry[d]);
    return volume(all) - volume(held);
  }

  /// Elements of a dimension that no sub-cluster of a group's first step lacks.
  template <int Level>
  CUGAMMA_HD_CALLED constexpr extent shared_of(const group_path& p,
                                               int d,
                                               std::int8_t relation) const {
    if (relation == restarts(Level)) return facts<Level>(p, d).kept;
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

  /// What a group's sub-clusters hold all together in the first step of a box, if the box of level
  /// From that it is in begins `moved` behind the one before, whose kind is given.
  template <int From, int Level>
  CUGAMMA_HD constexpr extent held_below(const group_path& p, int d, extent moved, int kind) const {
    const chain& c = n_.of[d];
    extent units[most_levels] = {};
    const extent begin = moved + units_of<From, Level>(p, d, units);
    return held_by_group<Level>(c,
                                find_runs(c, Level),
                                grid(d),
                                begin,
                                p.kind[Level][d],
                                units,
                                [&](const extent(&unit)[most_levels], part& out) {
                                  return last_tile<From, Level>(c, kind, unit, out);
                                })
        .by_all;
  }

  /// In the first step of a box after the loop of level Upper has gone on.
  template <int Upper, int Level>
  CUGAMMA_HD constexpr extent held_after_step(const group_path& p, int d) const {
    const chain& c = n_.of[d];
    const row_grid<extent> g = grid(d);
    const extent moved = c.units[Upper] * c.tile[Upper];
    if (g.shared(moved - c.tile[Upper]) == 0) return 0;
    if (is_temporal(c, Upper + 1, Level)) return g.shared(moved - c.tile[Upper]);
    return held_below<Upper + 1, Level>(p, d, moved, 0);
  }

  /// In the first step of a box after the loop of level Upper has started over.
  template <int Upper, int Level>
  CUGAMMA_HD constexpr extent held_after_start(const group_path& p, int d) const {
    const chain& c = n_.of[d];
    const int kind = p.kind[Upper][d];
    if (d < Y && c.cuts[Upper][kind].steps > 2) return 0;
    const row_grid<extent> g = grid(d);
    if (is_temporal(c, Upper, Level)) return held_by_one(c, g, Upper, kind, Level);
    return held_below<Upper, Level>(p, d, 0, kind);
  }

  /// Elements of level 0's tiles that were in none of the step before.
  CUGAMMA_HD constexpr std::int64_t new_to_group(const group_path& p,
                                                 const turning_loops& loops,
                                                 const step_class& c) const {
    extent all[whole_dims] = {}, shared[whole_dims] = {};
    for (int d = 0; d < whole_dims; ++d) all[d] = shared[d] = facts<0>(p, d).all[c.last >> d & 1];
    if (c.moved < 0) return volume(all);
    for (int i = c.moved; i < loops.count; ++i) {
      const int d = loops.dim[i];
      const extent full = n_.of[d].units[0] * n_.of[d].tile[0];
      shared[d] = grid(d).shared(i == c.moved ? 0 : (facts<0>(p, d).steps - 2) * full);
    }
    return volume(all) - volume(shared);
  }

  /// Outputs of a step that the group does not work on in its next one. next: the loop that moves
  /// then.
  template <int Level>
  CUGAMMA_HD constexpr std::int64_t outputs_leaving(const group_path& p,
                                                    const turning_loops& loops,
                                                    int next,
                                                    const extent (&length)[whole_dims],
                                                    const relations& exit) const {
    bool stay = next >= 0 || (exit[0] != none && stay_above<Level>(p, exit));
    if (next >= 0) {
      for (int i = next; i < loops.count; ++i) stay = stay && !is_output_dim(loops.dim[i]);
    }
    if (stay) return 0;
    return std::int64_t{length[rules_.is_depthwise ? C : K]} * length[Y] * length[X];
  }

  /// Whether a group goes on with its outputs after its last step.
  template <int Level>
  CUGAMMA_HD constexpr bool stay_above(const group_path& p, const relations& exit) const {
    bool stay = true;
    for (int d = 0; d < whole_dims; ++d) {
      stay = stay && (is_output_dim(d) ? outputs_stay<Level>(p, d, exit[d])
                                       : is_active_next<Level>(p, d, exit[d]));
    }
    return stay;
  }

  template <int Level>
  CUGAMMA_HD constexpr bool outputs_stay(const group_path& p, int d, std::int8_t relation) const {
    if (relation <= 0 || relation % 2 != 0) return false;  // its loop goes on
    const chain& c = n_.of[d];
    for (int l = relation / 2 - 1; l <= Level; ++l) {
      if (c.cuts[l][p.kind[l][d]].steps != 1) return false;
    }
    return true;
  }

  /// Whether the sub-cluster that owns the group works in the next step.
  template <int Level>
  CUGAMMA_HD constexpr bool is_active_next(const group_path& p, int d, std::int8_t relation) const {
    if (relation <= 0 || relation % 2 == 0) return true;  // its loop does not go on
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
                                         const turning_loops& loops,
                                         const step_class& c,
                                         const relations& entry_above,
                                         const relations& exit_above) {
    if constexpr (Level + 1 < most_levels) {
      if (Level + 1 < n_.levels) {
        relations entry = {}, exit = {};
        hand_down<Level>(loops, c.moved, entry_above, entry);
        hand_down<Level>(loops, c.next, exit_above, exit);
        for (int d = 0; d < whole_dims; ++d) p.kind[Level + 1][d] = inner_kind<Level>(p, d, 0);
        return slowest_unit<Level>(p, entry, exit);
      }
    }
    std::int64_t macs = filter_;
    for (int d = 0; d < whole_dims; ++d) macs *= facts<Level>(p, d).tile[c.last >> d & 1];
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
  std::uint8_t order_[most_levels][whole_dims] = {};
  cut_facts facts_[most_levels][whole_dims][most_levels];
  key_set known_ = {};
  key_set quiet_ = {};
  std::int64_t middle_[middles];
};

}  // namespace detail

/// precondition: the nest leaves the filter whole
CUGAMMA_HD_CALLED constexpr std::int64_t class_runtime(const nest& n,
                                                       const element_rules& r,
                                                       const window_grids& g,
                                                       const machine_speeds& m) {
  return detail::class_walk(n, r, g, m).runtime();
}

}  // namespace cugamma::exact::chained
