#pragma once

#include "models/exact/waiting/box_cycles.hpp"

/// The outer level's steps.
namespace cugamma::exact::waiting {

/// Walks the classes of level 0's steps.
template <class W, class Speeds>
class waiting_walk {
 public:
  CUGAMMA_HD constexpr waiting_walk(const dimension_facts<W> (&facts)[free_dims],
                                    const W (&outer_position)[free_dims],
                                    const W (&inner_position)[free_dims],
                                    bool is_depthwise,
                                    const step_speeds<W, Speeds>& speeds)
      : facts_(facts), is_depthwise_(is_depthwise), speeds_(speeds) {
    W steps[free_dims];
    ranked_loop<W> loops[free_dims];
    for (int d = 0; d < free_dims; ++d) {
      steps[d] = facts[d].outer.steps;
      loops[d] = loop_of(facts[d].outer, roles(d));
    }
    W outside[free_dims];
    count_outside(outer_position, outside);
    places_ = turning_places_of(outside, steps);
    rank(places_, loops, loops_);
    for (int i = 0; i < loop_count; ++i) rank_held(i);
    set_masks();
    count_outside(inner_position, outside);
    rank_inner(places_of(outside));
  }

  CUGAMMA_HD constexpr W runtime() {
    const auto turns = loops_[innermost].steps > W(1);
    W total = first_step(turns);
    if (!any_of(turns)) return total;
    total = total + select(turns, last_step(), W(0));
    each_class(loops_, [&](const step_class<W>& c) { total = total + cycles_of(c); });
    return total;
  }

 private:
  /// What sub-clusters of a type hold of a loop's dimension at a group's start.
  struct held_loop {
    input_elements<W> same[2];
    input_elements<W> moved[2];
    input_elements<W> started;
  };

  CUGAMMA_HD constexpr dimension_roles roles(int d) const { return roles_of(d, is_depthwise_); }

  template <class Of>
  CUGAMMA_HD constexpr input_elements<W> pick(int place, Of of) const {
    return {places_.pick(place, [&](int d) { return spread(roles(d), of(d)).input; }),
            places_.pick(place, [&](int d) { return spread(roles(d), of(d)).filter; })};
  }

  CUGAMMA_HD constexpr void rank_inner(const loop_places<W>& places) {
    for (int kind = 0; kind < 2; ++kind) {
      ranked_loop<W> loops[free_dims];
      for (int d = 0; d < free_dims; ++d) loops[d] = loop_of(facts_[d].inner[kind], roles(d));
      rank(places, loops, inner_[kind]);
    }
    for (int j = 0; j < loop_count; ++j) {
      for (int i = 0; i < loop_count; ++i) {
        same_dimension_[j][i] = places_.holds(i, [&](int d) { return places.at[j][d]; });
      }
    }
  }

  /// What sub-clusters hold of the loop at a place. Along the parallel loop only the last that
  /// works in the last step has a smaller tile; of one step, it always has.
  CUGAMMA_HD constexpr void rank_held(int i) {
    for (int type = 0; type < unit_types; ++type) {
      held_loop& h = held_[type][i];
      const auto kind = [&](int d, int p, const W(&of)[2]) {
        const auto is_parallel = facts_[d].is_parallel;
        if (type != ending) return p == 0 ? of[0] : select(is_parallel, of[0], of[1]);
        const auto is_single = facts_[d].outer.steps <= W(1);
        return p == 1 ? of[1] : select(is_parallel & is_single, of[1], of[0]);
      };
      for (int p = 0; p < 2; ++p) {
        h.same[p] = pick(i, [&](int d) { return kind(d, p, facts_[d].held.same); });
        h.moved[p] = pick(i, [&](int d) { return kind(d, p, facts_[d].held.moved); });
      }
      h.started = pick(i, [&](int d) {
        const auto& f = facts_[d];
        return select(f.outer.steps > W(1),
                      select(f.is_parallel, f.held.started[type], f.held.started[ending]),
                      kind(d, 0, f.held.same));
      });
    }
    off_chip_moved_[i] = pick(i, [&](int d) { return facts_[d].off_chip_moved; });
    off_chip_started_[i] = pick(i, [&](int d) {
      const auto& f = facts_[d];
      return select(f.outer.steps > W(1), f.off_chip_started, f.outer.all[0]);
    });
  }

  CUGAMMA_HD constexpr void set_masks() {
    has_working_ = has_idle_ = no_mapping<W>();
    input_elements<W> first{W(1), W(1)};
    W outputs(1);
    for (int d = 0; d < free_dims; ++d) {
      has_working_ = has_working_ | facts_[d].has_working;
      has_idle_ = has_idle_ | facts_[d].has_idle;
      first = first * spread(roles(d), facts_[d].outer.all[0]);
      if (roles(d).outputs) outputs = outputs * facts_[d].outer.length[0];
    }
    waits_off_chip_ = any_of((speeds_.elements(first) > W(speeds_.of.most_at_once)) |
                             (outputs > W(speeds_.of.most_at_once)));
    for (int i = 0; i < loop_count; ++i) {
      const auto is_parallel = places_.holds(i, [&](int d) { return facts_[d].is_parallel; });
      parallel_[i] = is_parallel;
      single_[i] = is_parallel & (loops_[i].steps <= W(1));
      leaves_idle_[i] = places_.holds(i, [&](int d) {
        return roles(d).outputs ? no_mapping<W>() : facts_[d].has_idle;
      });
      if (any_of(parallel_[i])) any_parallel_ |= 1u << i;
      if (any_of(single_[i])) any_single_ |= 1u << i;
      const auto is_uneven = places_.holds(i, [&](int d) { return facts_[d].is_uneven; });
      if (any_of(is_uneven)) uneven_ |= 1u << i;
      leave_[i] = turn_outputs_from(loops_, i);
    }
  }

  /// The cycles in boxes that are the last of the dimensions of some loops, as bits.
  CUGAMMA_HD constexpr const box_cycles<W>& in_box(unsigned last) {
    last &= uneven_;
    if ((known_ >> last & 1) == 0) {
      known_ |= 1u << last;
      look_at_box(last);
    }
    return boxes_[last];
  }

  CUGAMMA_HD constexpr void look_at_box(unsigned last) {
    ranked_loops<W> loops;
    for (int j = 0; j < loop_count; ++j) {
      auto is_last = no_mapping<W>();
      for (int i = 0; i < loop_count; ++i) {
        if ((last >> i & 1) != 0) is_last = is_last | same_dimension_[j][i];
      }
      loops[j] = select_loop(is_last, inner_[1][j], inner_[0][j]);
    }
    put_turning_innermost(loops);
    boxes_[last] = cycles_in_box(loops, speeds_);
  }

  /// The same for sub-clusters of a type: `last` tells of all dimensions but the parallel one, and
  /// of that whether the step is like its last.
  CUGAMMA_HD constexpr box_cycles<W> in_box_of(unit_type type, unsigned last) {
    box_cycles<W> b = in_box(last);
    for (int i = 0; i < loop_count; ++i) {
      const unsigned bit = 1u << i;
      if ((uneven_ & bit) == 0) continue;
      if (type != ending && (last & any_parallel_ & bit) != 0) {
        b = select_cycles(parallel_[i], in_box(last ^ bit), b);
      }
      if (type == ending && (~last & any_single_ & bit) != 0) {
        b = select_cycles(single_[i], in_box(last | bit), b);
      }
    }
    return b;
  }

  CUGAMMA_HD constexpr W group_cycles(const box_cycles<W>& b, W held, mask_of<W> leaves) const {
    const W start = b.first_macs + speeds_.passing(b.first_elements - held);
    return max_of(start, select(leaves, b.first[1], b.first[0])) +
           select(leaves, b.rest[1], b.rest[0]);
  }

  /// Elements that are there at a group's start, after the loop `moved` has turned.
  CUGAMMA_HD constexpr W held_by(unit_type type, int moved, unsigned last) const {
    input_elements<W> held{W(1), W(1)};
    for (int i = 0; i < loop_count; ++i) {
      const held_loop& h = held_[type][i];
      const unsigned p = last >> i & 1;
      held = held * (i < moved ? h.same[p] : i == moved ? h.moved[p] : h.started);
    }
    return speeds_.elements(held);
  }

  /// The slower of the types that work in every step. f: the cycles of one
  template <class F>
  CUGAMMA_HD constexpr W slower(const F& f) const {
    const W time = f(ending);
    if (!any_of(has_working_)) return time;
    return select(has_working_, max_of(time, f(working)), time);
  }

  /// The slowest sub-cluster after the loop `moved` has turned. idle_leave: where outputs of those
  /// that will be idle leave.
  CUGAMMA_HD constexpr W slowest(int moved,
                                 unsigned last,
                                 mask_of<W> leaves,
                                 mask_of<W> idle_leave) {
    const bool may_start = moved < innermost;
    const auto cycles = [&](unit_type type, mask_of<W> leave) {
      return group_cycles(in_box_of(type, last), held_by(type, moved, last), leave);
    };
    const auto leave = may_start ? leaves : leaves | idle_leave;
    const W time = slower([&](unit_type type) { return cycles(type, leave); });
    if (!may_start || !any_of(has_idle_)) return time;
    // Only a parallel loop that has started over, of several steps, tells them from the others.
    const W of_idle = cycles(idle, leaves | idle_leave);
    return select(has_idle_ & starts_over(moved), max_of(time, of_idle), time);
  }

  /// Where the parallel loop is one of several steps inside the one that has turned.
  CUGAMMA_HD constexpr mask_of<W> starts_over(int moved) const {
    auto is = no_mapping<W>();
    for (int i = moved + 1; i < loop_count; ++i) is = is | (parallel_[i] & !single_[i]);
    return is;
  }

  /// Cycles of a step but for what waits off chip.
  CUGAMMA_HD constexpr W step_cycles(W arriving, W outputs, mask_of<W> leave, W groups) const {
    const W leaving = select(leave, outputs, W(0));
    return max_of(speeds_.passing(max_of(arriving, leaving)), groups);
  }

  CUGAMMA_HD constexpr W with_off_chip(W cycles, W arriving, W outputs, mask_of<W> leave) const {
    const W leaving = select(leave, outputs, W(0));
    return max_of(cycles, speeds_.off_chip(max_of(arriving, leaving)));
  }

  CUGAMMA_HD constexpr W first_step(mask_of<W> turns) {
    step_sizes<W> s = no_loops<W>();
    for (int i = 0; i < loop_count; ++i) s = s * loops_[i].sizes[0];
    const W arriving = speeds_.elements(s.elements);
    const auto leave = leave_[innermost] | !turns;
    const auto idle = leaves_idle_[innermost] & (loops_[innermost].steps <= W(2));
    const W groups = slower(
        [&](unit_type type) { return group_cycles(in_box_of(type, 0), W(0), leave | idle); });
    const W cycles = step_cycles(arriving, s.outputs, leave, groups + speeds_.passing(arriving));
    return waits_off_chip_ ? with_off_chip(cycles, arriving, s.outputs, leave) : cycles;
  }

  CUGAMMA_HD constexpr W last_step() {
    step_sizes<W> s = no_loops<W>();
    for (int i = 0; i < innermost; ++i) s = s * loops_[i].sizes[1];
    const step_class<W> c{innermost,
                          innermost,
                          (1u << loop_count) - 1,
                          W(1),
                          W(1),
                          s * loops_[innermost].sizes[1],
                          s.elements * loops_[innermost].moved};
    const auto never = no_mapping<W>(), always = !never;
    return step_of(c, always, slowest(c.moved, c.last, always, never));
  }

  /// Cycles of a class's steps.
  CUGAMMA_HD constexpr W cycles_of(const step_class<W>& c) {
    const auto leave = leave_[c.next];
    const auto never = no_mapping<W>();
    const auto idle = leaves_idle_[c.next];
    if (c.moved < innermost) {
      const W groups = slowest(c.moved, c.last, leave, idle & (loops_[innermost].steps <= W(2)));
      return c.count() * step_of(c, leave, groups);
    }
    const W groups = slowest(c.moved, c.last, leave, never);
    const W time = step_of(c, leave, groups);
    if (!any_of(idle)) return c.count() * time;
    // Sub-clusters lose their outputs if they are idle in the next step, the loop's last.
    const W apart = step_of(c, leave, slowest(c.moved, c.last, leave, idle));
    return c.outside * ((c.along - W(1)) * time + apart) * select(c.along > W(0), W(1), W(0));
  }

  CUGAMMA_HD constexpr W step_of(const step_class<W>& c, mask_of<W> leave, W groups) const {
    const W all = speeds_.elements(c.sizes.elements);
    const W cycles = step_cycles(all - speeds_.elements(c.held), c.sizes.outputs, leave, groups);
    if (!waits_off_chip_) return cycles;
    input_elements<W> there{W(1), W(1)};
    for (int i = 0; i < loop_count; ++i) {
      const unsigned p = c.last >> i & 1;
      there = there * (i < c.moved    ? loops_[i].sizes[p].elements
                       : i == c.moved ? off_chip_moved_[i]
                                      : off_chip_started_[i]);
    }
    return with_off_chip(cycles, all - speeds_.elements(there), c.sizes.outputs, leave);
  }

  const dimension_facts<W> (&facts_)[free_dims];
  bool is_depthwise_;
  const step_speeds<W, Speeds>& speeds_;
  loop_places<W> places_;
  ranked_loops<W> loops_;
  ranked_loops<W> inner_[2];  ///< level 1's loops in a whole tile of level 0, and in its last
  mask_of<W> same_dimension_[loop_count][loop_count];  ///< [place in level 1][in level 0]
  held_loop held_[unit_types][loop_count];
  input_elements<W> off_chip_moved_[loop_count];
  input_elements<W> off_chip_started_[loop_count];
  mask_of<W> has_working_;
  mask_of<W> has_idle_;
  mask_of<W> parallel_[loop_count];     ///< several sub-clusters of level 0 take the loop's tiles
  mask_of<W> single_[loop_count];       ///< and all of them at once
  mask_of<W> leaves_idle_[loop_count];  ///< some are idle in its last step and lose their outputs
  mask_of<W> leave_[loop_count];        ///< outputs leave when the loop turns
  unsigned any_parallel_ = 0;
  unsigned any_single_ = 0;
  unsigned uneven_ = 0;  ///< loops whose last tile is smaller in some mapping
  bool waits_off_chip_ = false;
  unsigned known_ = 0;
  box_cycles<W> boxes_[1 << loop_count];
};

}  // namespace cugamma::exact::waiting
