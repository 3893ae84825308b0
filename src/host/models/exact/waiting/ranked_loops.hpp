#pragma once

#include "models/exact/waiting/dimension_facts.hpp"
#include "models/exact/waiting/step_classes.hpp"
#include "models/two_level/genes.hpp"

/// Loops of dimensions, put in the order that a level has them in.
namespace cugamma::exact::waiting {

using core::free_dims;

/// Which tensors a dimension belongs to.
struct dimension_roles {
  bool input;
  bool filter;
  bool outputs;
};

CUGAMMA_HD constexpr dimension_roles roles_of(int d, bool is_depthwise) {
  using namespace core;
  const bool is_feature = d == K && !is_depthwise;
  return {d != K, is_feature || d == C, d >= Y || is_feature || (d == C && is_depthwise)};
}

/// Where each dimension's loop is: [place][dimension].
template <class W>
struct loop_places {
  mask_of<W> at[loop_count][free_dims];

  /// The value of the dimension at a place.
  template <class Of>
  CUGAMMA_HD constexpr W pick(int place, Of of) const {
    const auto& m = at[place];
    return select(m[0], of(0), select(m[1], of(1), select(m[2], of(2), of(3))));
  }
  /// Whether the dimension at a place is one of those for which is(d).
  template <class Is>
  CUGAMMA_HD constexpr mask_of<W> holds(int place, Is is) const {
    const auto& m = at[place];
    return (m[0] & is(0)) | (m[1] & is(1)) | (m[2] & is(2)) | (m[3] & is(3));
  }
};

/// How many loops of the four are outside each. position: in an order that has other loops too.
template <class W>
CUGAMMA_HD constexpr void count_outside(const W (&position)[free_dims], W (&outside)[free_dims]) {
  for (int d = 0; d < free_dims; ++d) {
    outside[d] = W(0);
    for (int other = 0; other < free_dims; ++other) {
      if (other == d) continue;
      outside[d] = outside[d] + select(position[other] < position[d], W(1), W(0));
    }
  }
}

/// The places in a level's order.
template <class W>
CUGAMMA_HD constexpr loop_places<W> places_of(const W (&outside)[free_dims]) {
  loop_places<W> p;
  for (int d = 0; d < free_dims; ++d) {
    for (int i = 0; i < loop_count; ++i) p.at[i][d] = is(outside[d], i);
  }
  return p;
}

/// The same, but the innermost loop of several steps changes places with the innermost of all, of
/// one step then, which changes nothing.
template <class W>
CUGAMMA_HD constexpr loop_places<W> turning_places_of(W (&outside)[free_dims],
                                                      const W (&steps)[free_dims]) {
  W turning(-1);
  for (int d = 0; d < free_dims; ++d) {
    turning = max_of(turning, select(steps[d] > W(1), outside[d], W(-1)));
  }
  turning = select(turning < W(0), W(innermost), turning);
  for (int d = 0; d < free_dims; ++d) {
    const auto is_turning = !((outside[d] < turning) | (outside[d] > turning));
    outside[d] =
        select(is_turning, W(innermost), select(is(outside[d], innermost), turning, outside[d]));
  }
  return places_of(outside);
}

/// A value for the tensors that a dimension belongs to, 1 for the others.
template <class W>
CUGAMMA_HD constexpr input_elements<W> spread(const dimension_roles& r, W value) {
  return {r.input ? value : W(1), r.filter ? value : W(1)};
}

/// A dimension's loop, by steps of a box.
template <class W>
CUGAMMA_HD constexpr ranked_loop<W> loop_of(const dimension_steps<W>& s, const dimension_roles& r) {
  const auto is_even = !((s.length[0] < s.length[1]) | (s.length[0] > s.length[1]));
  const W last = select(is_even, W(0), W(1));
  ranked_loop<W> l;
  l.steps = s.steps;
  l.times[0] = s.steps - last;
  l.times[1] = last;
  for (int p = 0; p < 2; ++p) {
    l.sizes[p] = {spread(r, s.all[p]), r.outputs ? s.length[p] : W(1), s.tile[p]};
  }
  l.moved = spread(r, s.moved);
  l.kept = spread(r, s.kept);
  l.turns_outputs = r.outputs ? s.steps > W(1) : no_mapping<W>();
  return l;
}

/// Puts the loops of dimensions in their order.
template <class W>
CUGAMMA_HD constexpr void rank(const loop_places<W>& p,
                               const ranked_loop<W> (&of)[free_dims],
                               ranked_loops<W>& out) {
  const auto elements = [&](int place, auto part) -> input_elements<W> {
    return {p.pick(place, [&](int d) { return part(of[d]).input; }),
            p.pick(place, [&](int d) { return part(of[d]).filter; })};
  };
  for (int i = 0; i < loop_count; ++i) {
    ranked_loop<W>& l = out[i];
    l.steps = p.pick(i, [&](int d) { return of[d].steps; });
    for (int k = 0; k < 2; ++k) {
      l.times[k] = p.pick(i, [&](int d) { return of[d].times[k]; });
      l.sizes[k] = {elements(i, [k](const ranked_loop<W>& x) { return x.sizes[k].elements; }),
                    p.pick(i, [&](int d) { return of[d].sizes[k].outputs; }),
                    p.pick(i, [&](int d) { return of[d].sizes[k].macs; })};
    }
    l.moved = elements(i, [](const ranked_loop<W>& x) { return x.moved; });
    l.kept = elements(i, [](const ranked_loop<W>& x) { return x.kept; });
    l.turns_outputs = p.holds(i, [&](int d) { return of[d].turns_outputs; });
  }
}

template <class W>
CUGAMMA_HD constexpr input_elements<W> select_elements(mask_of<W> m,
                                                       const input_elements<W>& a,
                                                       const input_elements<W>& b) {
  return {select(m, a.input, b.input), select(m, a.filter, b.filter)};
}

template <class W>
CUGAMMA_HD constexpr ranked_loop<W> select_loop(mask_of<W> m,
                                                const ranked_loop<W>& a,
                                                const ranked_loop<W>& b) {
  ranked_loop<W> l;
  l.steps = select(m, a.steps, b.steps);
  for (int p = 0; p < 2; ++p) {
    l.times[p] = select(m, a.times[p], b.times[p]);
    l.sizes[p] = {select_elements(m, a.sizes[p].elements, b.sizes[p].elements),
                  select(m, a.sizes[p].outputs, b.sizes[p].outputs),
                  select(m, a.sizes[p].macs, b.sizes[p].macs)};
  }
  l.moved = select_elements(m, a.moved, b.moved);
  l.kept = select_elements(m, a.kept, b.kept);
  l.turns_outputs = (m & a.turns_outputs) | ((!m) & b.turns_outputs);
  return l;
}

/// Lets the innermost loop of several steps change places with the innermost of all, of one step.
template <class W>
CUGAMMA_HD constexpr void put_turning_innermost(ranked_loops<W>& l) {
  auto is_due = l[innermost].steps <= W(1);
  for (int i = innermost - 1; i >= 0 && any_of(is_due); --i) {
    const auto here = is_due & (l[i].steps > W(1));
    const ranked_loop<W> single = l[innermost];
    l[innermost] = select_loop(here, l[i], single);
    l[i] = select_loop(here, single, l[i]);
    is_due = is_due & !here;
  }
}

}  // namespace cugamma::exact::waiting
