#pragma once

#include "models/exact/closed/cuts.hpp"

/// The steps of a level's four loops by classes whose steps cost the same, for every mapping alike:
/// a class that a mapping has not is one of no steps. docs/exact-model.md, "Classes".
namespace cugamma::exact::waiting {

inline constexpr int loop_count = 4;  ///< of K, C, Y and X; the filter is whole
inline constexpr int innermost = loop_count - 1;

/// What a loop contributes to the elements of input and filter.
template <class W>
struct input_elements {
  W input;
  W filter;
};

template <class W>
CUGAMMA_HD constexpr input_elements<W> operator*(const input_elements<W>& a,
                                                 const input_elements<W>& b) {
  return {a.input * b.input, a.filter * b.filter};
}

/// What a loop contributes to a step.
template <class W>
struct step_sizes {
  input_elements<W> elements;
  W outputs;
  W macs;
};

template <class W>
CUGAMMA_HD constexpr step_sizes<W> operator*(const step_sizes<W>& a, const step_sizes<W>& b) {
  return {a.elements * b.elements, a.outputs * b.outputs, a.macs * b.macs};
}

template <class W>
CUGAMMA_HD constexpr step_sizes<W> no_loops() {
  return {{W(1), W(1)}, W(1), W(1)};
}

/// A mask that holds for no mapping.
template <class W>
CUGAMMA_HD constexpr mask_of<W> no_mapping() {
  return W(1) < W(0);
}

/// A loop at its place in the order.
template <class W>
struct ranked_loop {
  W steps;
  W times[2];               ///< how often it stands in a step like the first [0] or the last [1]
  step_sizes<W> sizes[2];   ///< of such a step
  input_elements<W> moved;  ///< elements that are there when it goes on
  input_elements<W> kept;   ///< and when it starts over
  mask_of<W> turns_outputs;
};

/// Four loops, the outermost first, where no loop of several steps is inside the innermost place
/// unless that has several steps too.
template <class W>
using ranked_loops = ranked_loop<W>[loop_count];

/// Steps between the first and the last of a level. The loop `moved` has turned before them, the
/// loop `next` turns after them.
template <class W>
struct step_class {
  int moved;
  int next;
  unsigned last;  ///< loops in a step like their last, as bits
  W outside;      ///< places of the loops that may stand anywhere
  W along;        ///< places of the one that is between its first and its last step
  step_sizes<W> sizes;
  input_elements<W> held;

  CUGAMMA_HD constexpr W count() const { return outside * along; }
};

namespace detail {

/// Calls f(count, last, sizes) for the places of the loops outside End that some mapping has.
template <int End, int I = 0, class W, class F>
CUGAMMA_HD constexpr void each_outside(const ranked_loops<W>& l,
                                       W count,
                                       unsigned last,
                                       const step_sizes<W>& sizes,
                                       const F& f) {
  if constexpr (I == End) {
    f(count, last, sizes);
  } else {
    for (unsigned p = 0; p < 2; ++p) {
      const W places = count * l[I].times[p];
      if (!any_of(places > W(0))) continue;
      each_outside<End, I + 1>(l, places, last | p << I, sizes * l[I].sizes[p], f);
    }
  }
}

/// Steps before which the loop Moved has turned, which is not the innermost: all inside start.
template <int Moved, class W, class F>
CUGAMMA_HD constexpr void each_entered(const ranked_loops<W>& l, const F& f) {
  const ranked_loop<W>& mover = l[Moved];
  step_sizes<W> inside = no_loops<W>();
  input_elements<W> kept = mover.moved;
  for (int i = Moved + 1; i < loop_count; ++i) {
    inside = inside * l[i].sizes[0];
    kept = kept * l[i].kept;
  }
  const W along[2] = {mover.times[0] - W(1), mover.times[1]};
  const bool has[2] = {any_of(along[0] > W(0)), any_of(along[1] > W(0))};
  if (!has[0] && !has[1]) return;
  each_outside<Moved>(l,
                      W(1),
                      0,
                      no_loops<W>(),
                      [&](W outside, unsigned last, const step_sizes<W>& sizes) {
                        for (unsigned p = 0; p < 2; ++p) {
                          if (!has[p]) continue;
                          f(step_class<W>{Moved,
                                          innermost,
                                          last | p << Moved,
                                          outside,
                                          along[p],
                                          sizes * mover.sizes[p] * inside,
                                          sizes.elements * kept});
                        }
                      });
}

/// Steps before which the innermost loop has turned and after which the loop Next turns: all
/// inside that end.
template <int Next, class W, class F>
CUGAMMA_HD constexpr void each_left(const ranked_loops<W>& l, const F& f) {
  step_sizes<W> inside = no_loops<W>();
  input_elements<W> held = l[innermost].moved;
  unsigned ending = 0;
  for (int i = Next + 1; i < loop_count; ++i) {
    inside = inside * l[i].sizes[1];
    if (i < innermost) held = held * l[i].sizes[1].elements;
    ending |= 1u << i;
  }
  const W turns = l[Next].steps - W(Next == innermost ? 2 : 1);
  const W along = max_of(turns, W(0));
  if (!any_of(along > W(0))) return;
  if (Next != innermost) held = held * l[Next].sizes[0].elements;
  each_outside<Next>(l,
                     W(1),
                     0,
                     no_loops<W>(),
                     [&](W outside, unsigned last, const step_sizes<W>& sizes) {
                       f(step_class<W>{innermost,
                                       Next,
                                       last | ending,
                                       outside,
                                       along,
                                       sizes * l[Next].sizes[0] * inside,
                                       sizes.elements * held});
                     });
}

}  // namespace detail

/// Calls f for the classes of all steps but the first and the last.
template <class W, class F>
CUGAMMA_HD constexpr void each_class(const ranked_loops<W>& l, const F& f) {
  detail::each_entered<0>(l, f);
  detail::each_entered<1>(l, f);
  detail::each_entered<2>(l, f);
  detail::each_left<3>(l, f);
  detail::each_left<0>(l, f);
  detail::each_left<1>(l, f);
  detail::each_left<2>(l, f);
}

}  // namespace cugamma::exact::waiting
