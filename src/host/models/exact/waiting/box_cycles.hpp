#pragma once

#include "models/exact/waiting/ranked_loops.hpp"
#include "models/exact/waiting/step_speeds.hpp"

/// The innermost level's steps in a box.
namespace cugamma::exact::waiting {

/// Cycles of a group's steps: the first takes its MACs after its elements have arrived, and not
/// less than `first`; `rest` are the others. [0]: the group goes on with its outputs afterwards;
/// [1]: they leave.
template <class W>
struct box_cycles {
  W first_macs;
  W first_elements;
  W first[2];
  W rest[2];
};

template <class W>
CUGAMMA_HD constexpr box_cycles<W> select_cycles(mask_of<W> m,
                                                 const box_cycles<W>& a,
                                                 const box_cycles<W>& b) {
  return {select(m, a.first_macs, b.first_macs),
          select(m, a.first_elements, b.first_elements),
          {select(m, a.first[0], b.first[0]), select(m, a.first[1], b.first[1])},
          {select(m, a.rest[0], b.rest[0]), select(m, a.rest[1], b.rest[1])}};
}

/// Whether outputs leave when the loop at a place turns, with those inside it.
template <class W>
CUGAMMA_HD constexpr mask_of<W> turn_outputs_from(const ranked_loops<W>& l, int place) {
  auto turns = l[innermost].turns_outputs;
  for (int i = place; i < innermost; ++i) turns = turns | l[i].turns_outputs;
  return turns;
}

/// The innermost level in a box.
template <class W, class Speeds>
CUGAMMA_HD constexpr box_cycles<W> cycles_in_box(const ranked_loops<W>& l,
                                                 const step_speeds<W, Speeds>& v) {
  W middle(0);
  const mask_of<W> leave[loop_count] = {turn_outputs_from(l, 0),
                                        turn_outputs_from(l, 1),
                                        turn_outputs_from(l, 2),
                                        turn_outputs_from(l, 3)};
  each_class(l, [&](const step_class<W>& c) {
    const W arriving = v.elements(c.sizes.elements) - v.elements(c.held);
    const W leaving = select(leave[c.next], c.sizes.outputs, W(0));
    const W passing = v.passing(max_of(arriving, leaving));
    middle = middle + c.count() * max_of(v.computing(c.sizes.macs), passing);
  });
  step_sizes<W> first = l[0].sizes[0], last = l[0].sizes[1];
  input_elements<W> held = last.elements;
  for (int i = 1; i < loop_count; ++i) {
    first = first * l[i].sizes[0];
    last = last * l[i].sizes[1];
    held = held * (i == innermost ? l[i].moved : l[i].sizes[1].elements);
  }
  const auto turns = l[innermost].steps > W(1);
  const W out_of_first = v.passing(first.outputs);
  const W at_last =
      max_of(v.computing(last.macs), v.passing(v.elements(last.elements) - v.elements(held)));
  box_cycles<W> b;
  b.first_macs = v.computing(first.macs);
  b.first_elements = v.elements(first.elements);
  b.first[1] = select(turns & !l[innermost].turns_outputs, W(0), out_of_first);
  b.rest[1] = select(turns, middle + max_of(at_last, v.passing(last.outputs)), W(0));
  b.first[0] = select(leave[0], b.first[1], W(0));
  b.rest[0] = select(leave[0], b.rest[1], select(turns, middle + at_last, W(0)));
  return b;
}

}  // namespace cugamma::exact::waiting
