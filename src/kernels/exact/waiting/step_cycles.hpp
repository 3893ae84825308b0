#pragma once

#include "exact/waiting/mapping_loops.hpp"

/// Cycles of a class of level 0's steps, by the cycles of the boxes that its groups work on.
namespace cugamma::exact::waiting {

/// A group's cycles in a box: see box_cycles.hpp.
struct box_times {
  size first_macs;
  size first_elements;
  size first[2];
  number rest[2];
};

/// The innermost level's loops in a box, at their places.
struct box_loop {
  size steps;
  size input[2];
  size filter[2];
  size outputs[2];
  size macs[2];
  size moved_input;
  size moved_filter;
  size kept_input;
  size kept_filter;
};

CUGAMMA_HD constexpr box_loop box_loop_of(const dimension_steps<size>& s,
                                          bool of_input,
                                          bool of_filter,
                                          bool of_outputs) {
  const size one(1);
  return {s.steps,
          {of_input ? s.all[0] : one, of_input ? s.all[1] : one},
          {of_filter ? s.all[0] : one, of_filter ? s.all[1] : one},
          {of_outputs ? s.length[0] : one, of_outputs ? s.length[1] : one},
          {s.tile[0], s.tile[1]},
          of_input ? s.moved : one,
          of_filter ? s.moved : one,
          of_input ? s.kept : one,
          of_filter ? s.kept : one};
}

/// Level 1 in the box that is the last of the dimensions of some loops of level 0.
struct box_loops {
  box_loop at[loop_count];
  loop_bits turns_outputs = 0;
  loop_bits ending = 0;

  CUGAMMA_HD constexpr box_loops(const mapping_loops& l, loop_bits last) {
    const auto steps_at = [&](int place) -> const dimension_steps<size>& {
      return l.inner[has(last, l.place_in_outer[place]) ? 1 : 0][place];
    };
    int turning = innermost;
    CUGAMMA_UNROLL
    for (int i = 0; i < loop_count; ++i) {
      if (steps_at(i).steps > size(1)) turning = i;
    }
    CUGAMMA_UNROLL
    for (int i = 0; i < loop_count; ++i) {
      // The innermost loop of several steps and the innermost of all change places.
      const int from = i == innermost ? turning : i == turning ? innermost : i;
      const dimension_steps<size>& s = steps_at(from);
      const bool of_outputs = has(l.roles[1].outputs, from);
      at[i] = box_loop_of(s, has(l.roles[1].input, from), has(l.roles[1].filter, from), of_outputs);
      if (of_outputs && s.steps > size(1)) turns_outputs |= 1u << i;
      if (s.length[0] > s.length[1] || s.length[0] < s.length[1]) ending |= 1u << i;
    }
  }
};

/// Cycles of all steps of a class.
template <class Speeds>
CUGAMMA_HD constexpr number cycles_of_kind(const box_loops& l,
                                           const step_kind& c,
                                           const step_speeds<size, Speeds>& v) {
  const int between = c.between();
  size count(1), outputs(1), macs(1);
  input_elements<size> elements{size(1), size(1)}, held = elements;
  CUGAMMA_UNROLL
  for (int i = 0; i < loop_count; ++i) {
    const box_loop& b = l.at[i];
    const bool last = has(c.last, i);
    const input_elements<size> of_loop{last ? b.input[1] : b.input[0],
                                       last ? b.filter[1] : b.filter[0]};
    elements = elements * of_loop;
    outputs = outputs * (last ? b.outputs[1] : b.outputs[0]);
    macs = macs * (last ? b.macs[1] : b.macs[0]);
    const input_elements<size> inside{i == c.moved ? b.moved_input : b.kept_input,
                                      i == c.moved ? b.moved_filter : b.kept_filter};
    held = held * (i < c.moved ? of_loop : inside);
    size times = b.steps - size(has(l.ending, i) ? 1 : 0);
    if (i == between) {
      times = c.moved < innermost ? times - size(1) : b.steps - size(i == innermost ? 2 : 1);
      if (c.moved < innermost && last) times = size(1);
    } else if (last || i > between) {
      times = size(1);
    }
    count = count * times;
  }
  const size arriving = v.elements(elements) - v.elements(held);
  const size leaving = l.turns_outputs >> c.next != 0 ? outputs : size(0);
  return number(count) * number(max_of(v.computing(macs), v.passing(max_of(arriving, leaving))));
}

template <class Speeds>
CUGAMMA_HD constexpr box_times times_of_box(const mapping_loops& m,
                                            loop_bits last_box,
                                            const step_speeds<size, Speeds>& v) {
  const box_loops l(m, last_box);
  size steps[loop_count];
  size first_outputs(1), last_outputs(1), first_macs(1), last_macs(1);
  input_elements<size> first{size(1), size(1)}, last = first, held = first;
  CUGAMMA_UNROLL
  for (int i = 0; i < loop_count; ++i) {
    const box_loop& b = l.at[i];
    steps[i] = b.steps;
    first = first * input_elements<size>{b.input[0], b.filter[0]};
    const input_elements<size> of_last{b.input[1], b.filter[1]};
    last = last * of_last;
    held = held * (i == innermost ? input_elements<size>{b.moved_input, b.moved_filter} : of_last);
    first_outputs = first_outputs * b.outputs[0];
    last_outputs = last_outputs * b.outputs[1];
    first_macs = first_macs * b.macs[0];
    last_macs = last_macs * b.macs[1];
  }
  box_times t{v.computing(first_macs),
              v.elements(first),
              {size(0), size(0)},
              {number(0), number(0)}};
  const bool leave = l.turns_outputs != 0, turns = steps[innermost] > size(1);
  const size out_of_first = v.passing(first_outputs);
  t.first[1] = turns && !has(l.turns_outputs, innermost) ? size(0) : out_of_first;
  if (leave) t.first[0] = t.first[1];
  if (!turns) return t;
  number middle(0);
  for (std::uint32_t kinds = kinds_between(steps, l.ending); kinds != 0; kinds &= kinds - 1) {
    middle = middle + cycles_of_kind(l, kind_of(lowest(kinds)), v);
  }
  const size at_last =
      max_of(v.computing(last_macs), v.passing(v.elements(last) - v.elements(held)));
  t.rest[1] = middle + number(max_of(at_last, v.passing(last_outputs)));
  t.rest[0] = leave ? t.rest[1] : middle + number(at_last);
  return t;
}

/// Level 0 of a mapping. Boxes: a function that gives the box_times of a box.
template <class Speeds, class Boxes>
struct outer_steps {
  const mapping_loops& l;
  const step_speeds<size, Speeds>& v;
  const Boxes& boxes;

  /// Cycles of all steps of a class.
  CUGAMMA_HD constexpr number cycles_of(int kind) const {
    if (kind == first_step_kind) return first_step();
    const bool is_last = kind == last_step_kind;
    const step_kind c =
        is_last ? step_kind{innermost, innermost, (1u << loop_count) - 1} : kind_of(kind);
    const bool leave = is_last || leaves(c.next);
    const bool idle = !is_last && has(l.leaves_idle, c.next);
    const step_amounts a = amounts_of(c);
    if (is_last) return step_of(a, leave, slowest(c, leave, false));
    if (c.moved < innermost) {
      const bool idle_leave = idle && l.outer[innermost].steps <= size(2);
      return number(a.outside * a.along) * step_of(a, leave, slowest(c, leave, idle_leave));
    }
    const number time = step_of(a, leave, slowest(c, leave, false));
    if (!idle) return number(a.outside * a.along) * time;
    // Sub-clusters lose their outputs if they are idle in the next step, the loop's last.
    const number apart = step_of(a, leave, slowest(c, leave, true));
    return number(a.outside) * (number(a.along - size(1)) * time + apart);
  }

 private:
  /// How many steps a class has, and what one of them moves.
  struct step_amounts {
    size outside{1};
    size along{1};
    size arriving{0};
    size off_chip_arriving{0};
    size outputs{1};
  };

  CUGAMMA_HD constexpr bool leaves(int next) const { return l.turns_outputs >> next != 0; }

  CUGAMMA_HD constexpr void multiply(input_elements<size>& e, int i, size by) const {
    if (has(l.roles[0].input, i)) e.input = e.input * by;
    if (has(l.roles[0].filter, i)) e.filter = e.filter * by;
  }

  CUGAMMA_HD constexpr step_amounts amounts_of(const step_kind& c) const {
    const int between = c.between();
    step_amounts a;
    input_elements<size> all{size(1), size(1)}, held = all, there = all;
    for (int i = 0; i < loop_count; ++i) {
      const dimension_steps<size>& s = l.outer[i];
      const int last = has(c.last, i) ? 1 : 0;
      const size of_loop = s.all[last];
      multiply(all, i, of_loop);
      multiply(held, i, i < c.moved ? of_loop : i == c.moved ? s.moved : s.kept);
      if (l.waits_off_chip != 0) {
        multiply(there,
                 i,
                 i < c.moved    ? of_loop
                 : i == c.moved ? l.off_chip_moved[i]
                                : l.off_chip_started[i]);
      }
      if (has(l.roles[0].outputs, i)) a.outputs = a.outputs * s.length[last];
      const size times = s.steps - size(has(l.ending, i) ? 1 : 0);
      if (i < between && last == 0) a.outside = a.outside * times;
      if (i == between && c.moved == innermost) a.along = s.steps - size(i == innermost ? 2 : 1);
      if (i == between && c.moved < innermost && last == 0) a.along = times - size(1);
    }
    a.arriving = v.elements(all) - v.elements(held);
    a.off_chip_arriving = v.elements(all) - v.elements(there);
    return a;
  }

  CUGAMMA_HD constexpr number step_of(const step_amounts& a, bool leave, number groups) const {
    const size leaving = leave ? a.outputs : size(0);
    const number cycles = max_of(number(v.passing(max_of(a.arriving, leaving))), groups);
    if (l.waits_off_chip == 0) return cycles;
    return max_of(cycles, number(v.off_chip(max_of(a.off_chip_arriving, leaving))));
  }

  /// The box that sub-clusters of a type work on. Along the parallel loop only the last that works
  /// in the last step has a smaller tile; of one step, it always has.
  CUGAMMA_HD constexpr loop_bits box_of(unit_type type, loop_bits last) const {
    return (type == ending ? last | l.single : last & ~std::uint32_t{l.parallel}) & l.uneven;
  }

  CUGAMMA_HD constexpr number group_cycles(unit_type type,
                                           loop_bits last,
                                           size held,
                                           bool leave) const {
    const box_times b = boxes(box_of(type, last));
    const size start = b.first_macs + v.passing(b.first_elements - held);
    return number(max_of(start, b.first[leave ? 1 : 0])) + b.rest[leave ? 1 : 0];
  }

  /// Elements that are there at a group's start, after the loop `moved` has turned.
  CUGAMMA_HD constexpr size held_by(unit_type type, const step_kind& c) const {
    input_elements<size> e{size(1), size(1)};
    for (int i = 0; i < loop_count; ++i) {
      const held_at_start<size>& h = l.held[i];
      const bool is_parallel = has(l.parallel, i);
      const auto kind = [&](bool last) {
        return type == ending ? last || has(l.single, i) : last && !is_parallel;
      };
      const int here = kind(has(c.last, i)) ? 1 : 0;
      size held = i < c.moved ? h.same[here] : h.moved[here];
      if (i > c.moved) {
        held = l.outer[i].steps > size(1) ? h.started[is_parallel ? type : ending]
                                          : h.same[kind(false) ? 1 : 0];
      }
      multiply(e, i, held);
    }
    return v.elements(e);
  }

  /// The slowest sub-cluster. idle_leave: outputs of those that will be idle leave.
  CUGAMMA_HD constexpr number slowest(const step_kind& c, bool leave, bool idle_leave) const {
    const bool may_start = c.moved < innermost;
    const bool of_all = leave || (!may_start && idle_leave);
    number time = group_cycles(ending, c.last, held_by(ending, c), of_all);
    if (l.has_working != 0) {
      time = max_of(time, group_cycles(working, c.last, held_by(working, c), of_all));
    }
    // Only a parallel loop that has started over, of several steps, tells the idle from the others.
    const loop_bits inside = ~((2u << c.moved) - 1);
    if (l.has_idle != 0 && (l.parallel & ~std::uint32_t{l.single} & inside) != 0) {
      time = max_of(time, group_cycles(idle, c.last, held_by(idle, c), leave || idle_leave));
    }
    return time;
  }

  CUGAMMA_HD constexpr number first_step() const {
    input_elements<size> all{size(1), size(1)};
    size outputs(1);
    for (int i = 0; i < loop_count; ++i) {
      multiply(all, i, l.outer[i].all[0]);
      if (has(l.roles[0].outputs, i)) outputs = outputs * l.outer[i].length[0];
    }
    step_amounts a;
    a.arriving = a.off_chip_arriving = v.elements(all);
    a.outputs = outputs;
    const bool leave = leaves(innermost) || l.turns == 0;
    const bool idle_leave = has(l.leaves_idle, innermost) && l.outer[innermost].steps <= size(2);
    number groups = group_cycles(ending, 0, size(0), leave || idle_leave);
    if (l.has_working != 0) {
      groups = max_of(groups, group_cycles(working, 0, size(0), leave || idle_leave));
    }
    return step_of(a, leave, groups + number(v.passing(a.arriving)));
  }
};

}  // namespace cugamma::exact::waiting
