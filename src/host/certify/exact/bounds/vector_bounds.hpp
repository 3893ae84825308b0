#pragma once

#include "certify/exact/question_numbers.hpp"
#include "certify/exact/terms/loop_orders.hpp"
#include "numbers/number.hpp"

/// What the mappings of a vector of level 0 take at least where they may wait for a NoC
/// (docs/certify-exact.md "Narrow NoCs"), of one vector a number: N is double, or one vector a
/// lane.
namespace cugamma::exact {

/// first_boxes of vectors.
template <class N>
struct boxes_of_vectors {
  N steps;
  N whole;
  N last;
  core::mask_of<N> is_long;
};

namespace vector_detail {

using core::floor_div;
using core::greater;
using core::max_of;
using core::min_of;
using core::select;

/// Factors of the dimensions where their loops are inside a mover, and where they are outside.
template <class N>
struct factors {
  N inside[free_dims];
  N outside[free_dims];
};

/// The products of what moves with the mover M and the factors of the others, by the set of
/// dimensions outside it.
template <int M, class N>
constexpr void raise_to_products(N (&most)[1u << free_dims], N moved, const factors<N>& f) {
  constexpr int a = M == 0 ? 1 : 0, b = M <= 1 ? 2 : 1, c = M <= 2 ? 3 : 2;
  const N first[2] = {moved * f.inside[a], moved * f.outside[a]};
#pragma GCC unroll 2
  for (unsigned i = 0; i < 2; ++i) {
    const N second[2] = {first[i] * f.inside[b], first[i] * f.outside[b]};
#pragma GCC unroll 2
    for (unsigned j = 0; j < 2; ++j) {
      N& inside = most[i << a | j << b];
      N& outside = most[i << a | j << b | 1u << c];
      inside = max_of(inside, second[j] * f.inside[c]);
      outside = max_of(outside, second[j] * f.outside[c]);
    }
  }
}

}  // namespace vector_detail

/// Elements of input and filter that the first steps of level 1 wait for in the first sub-cluster:
/// in all starts at least, by the loop order of level 0.
template <class N>
class start_waits {
 public:
  constexpr start_waits(const question_numbers& q, const boxes_of_vectors<N> (&boxes)[free_dims])
      : q_(q), boxes_(boxes) {
    const N rows = length(core::Y, boxes[core::Y].whole),
            columns = length(core::X, boxes[core::X].whole);
    const N channels = boxes[core::C].whole;
    all_ = channels * rows * columns + boxes[core::K].whole * channels * N(q.filter);
    for (auto& row : new_) {
      for (N& x : row) x = N(0);
    }
    add<core::K>();
    add<core::C>();
    add<core::Y>();
    add<core::X>();
  }

  template <class Order>
  constexpr N in(const Order& order) const {
    return all_ + staying<N>(new_, order);
  }

  /// In the order that waits for least.
  constexpr N least() const {
    using vector_detail::min_of;
    if (q_.order_count == 0) {
      return all_ + best_staying<N>(new_, [](N a, N b) { return min_of(a, b); });
    }
    N least = in(q_.orders[0]);
    for (int i = 1; i < q_.order_count; ++i) least = min_of(least, in(q_.orders[i]));
    return least;
  }

 private:
  using factors = vector_detail::factors<N>;

  constexpr N each(int d) const { return N(d >= core::Y ? q_.each[d - core::Y] : 1); }
  constexpr N more(int d) const { return N(d >= core::Y ? q_.more[d - core::Y] : 0); }
  constexpr N length(int d, N extent) const { return each(d) * extent + more(d); }

  /// Extents, or rows, of a first step: in the first box, and summed over all boxes.
  constexpr void set_elements(int d, factors& f) const {
    const boxes_of_vectors<N>& b = boxes_[d];
    f.inside[d] = length(d, b.whole);
    f.outside[d] = (b.steps - N(1)) * f.inside[d] + length(d, b.last);
  }

  /// The same over those boxes alone in which level 1 makes three steps or more, so that nothing is
  /// there.
  constexpr void set_long_elements(int d, factors& f) const {
    using vector_detail::select;
    const boxes_of_vectors<N>& b = boxes_[d];
    f.inside[d] = length(d, b.whole);
    f.outside[d] = select(b.steps > N(1), (b.steps - N(1)) * f.inside[d], f.inside[d]);
  }

  /// Elements over all boxes but the first, without what they may share with others.
  constexpr N moving(int d, bool has_overlap) const {
    const boxes_of_vectors<N>& b = boxes_[d];
    const N shared = has_overlap ? more(d) : N(0);
    return (b.steps - N(2)) * (each(d) * b.whole + shared) + each(d) * b.last + shared;
  }

  template <int M>
  constexpr void add() {
    using vector_detail::select;
    const boxes_of_vectors<N>& b = boxes_[M];
    const auto turns = b.steps > N(1);
    // Where the loop does not turn, nothing moves.
    const auto where = [&](const auto& mask, N moved) { return select(mask & turns, moved, N(0)); };
    const auto any = b.steps > N(0);
    N of_filter[1u << free_dims], of_input[1u << free_dims];
    for (N& x : of_filter) x = N(0);
    for (N& x : of_input) x = N(0);

    factors f;
    for (const int d : {core::Y, core::X}) {
      f.inside[d] = N(1);
      f.outside[d] = boxes_[d].steps;
    }
    const N filter(q_.filter);
    if constexpr (M == core::K || M == core::C) {
      set_elements(core::K, f);
      set_elements(core::C, f);
      vector_detail::raise_to_products<M>(of_filter, where(any, filter * moving(M, false)), f);
    } else {
      const N moved = filter * (b.steps - N(1));
      set_long_elements(core::K, f);
      set_elements(core::C, f);
      vector_detail::raise_to_products<M>(of_filter, where(boxes_[core::K].is_long, moved), f);
      set_elements(core::K, f);
      set_long_elements(core::C, f);
      vector_detail::raise_to_products<M>(of_filter, where(boxes_[core::C].is_long, moved), f);
    }

    f.inside[core::K] = N(1);
    f.outside[core::K] = boxes_[core::K].steps;
    set_elements(core::Y, f);
    set_elements(core::X, f);
    if constexpr (M != core::K) {
      set_elements(core::C, f);
      vector_detail::raise_to_products<M>(of_input, where(any, moving(M, false)), f);
    }
    if constexpr (M != core::C) {
      set_long_elements(core::C, f);
      const N moved = M == core::K ? b.steps - N(1) : moving(M, true);
      vector_detail::raise_to_products<M>(of_input, where(boxes_[core::C].is_long, moved), f);
    }
    for (unsigned set = 0; set < 1u << free_dims; ++set) {
      if ((set >> M & 1) == 0) new_[M][set] = of_filter[set] + of_input[set];
    }
  }

  const question_numbers& q_;
  const boxes_of_vectors<N> (&boxes_)[free_dims];
  N all_;                              ///< of the first start
  N new_[free_dims][1u << free_dims];  ///< of starts after a loop of level 0 has gone on
};

/// Under a list, for tiles of PEs of a range.
struct list_question {
  int inner;                 ///< the inner parallel dimension
  double extent[free_dims];  ///< that the busiest sub-cluster has at least, but of the inner one
  double inner_extent;  ///< that the busiest PE has at least of the inner one; 1 if there is none
  double work;          ///< cycles of that PE
};

/// Cycles of level 0's NoC; see moved_cycles.
template <class N>
struct moves_of_vectors {
  N in, out, out_added;
};

/// question::cycles() of vectors. work: cycles of the busiest PE; first, starts: elements; further:
/// cycles.
template <class N>
constexpr N cycles_of(const question_numbers& q, N work, N steps, N first, N starts, N further) {
  using vector_detail::floor_div;
  using vector_detail::greater;
  using vector_detail::max_of;
  const N bandwidth(q.bandwidth);
  const N none(0);
  // Rounded up, as the first step waits for whole cycles.
  N transfer = floor_div(first, bandwidth);
  transfer = transfer + greater(first, transfer * bandwidth);
  const N waits =
      max_of(transfer - N(1), none) + max_of(starts / bandwidth - steps, none) + further;
  return max_of(work + N(q.start_cycles) * (steps + N(1)) + waits, N(q.transfer_cycles));
}

/// No mapping of a vector takes fewer cycles (N3 and N4). steps: of all dimensions, and of each.
template <class N>
constexpr N cycles_with_moves(const question_numbers& q,
                              const list_question& l,
                              N all_steps,
                              const N (&steps)[free_dims],
                              N first,
                              const moves_of_vectors<N>& moves) {
  using vector_detail::floor_div;
  using vector_detail::max_of;
  using vector_detail::min_of;
  using vector_detail::select;
  double others = 1;
  N longest(1);
  for (int d = 0; d < free_dims; ++d) {
    if (d == l.inner) continue;
    others *= l.extent[d];
    const N between = max_of(steps[d] - N(1), N(1));
    longest =
        longest * select(steps[d] > N(1), floor_div(N(l.extent[d] - 1), between), N(l.extent[d]));
  }
  const bool has_inner = l.inner != nothing_parallel;
  const N inner_steps = has_inner ? steps[l.inner % free_dims] : N(1);
  const N per_step = max_of(inner_steps - N(1), N(1));
  const N step = select(inner_steps > N(1), N(l.inner_extent - 1) / per_step, N(l.inner_extent));
  const double delay = (q.start_cycles < 1 ? q.start_cycles : 1) - 1;
  // The more the busiest PE has along the inner parallel dimension, the more it works and hides.
  const auto leaving = [&](N cycles, N count, N of_first) {
    const N work = longest * step * N(q.filter / q.simd_lanes);
    const N hidden = count * (N(q.start_cycles - delay) + work) + N(q.simd_lanes > 1 ? 1 : 0);
    const N worked = has_inner ? N(others) * per_step / (count * longest) : N(1);
    const N further = max_of(cycles - hidden, N(0)) * min_of(N(1), worked);
    return cycles_of(q, N(l.work), all_steps, of_first, N(0), further);
  };
  N bound = leaving(moves.out - N(q.start_cycles), all_steps, N(0));
  N out = moves.out;
  if (!q.is_depthwise) {
    // The loop of C adds up outputs.
    const N adding = steps[core::C];
    const auto adds = adding > N(1);
    bound = select(adds, min_of(bound, leaving(moves.out_added, all_steps / adding, first)), bound);
    out = select(adds, min_of(out, moves.out_added), out);
  }
  const N delays = N(delay) * all_steps;
  return max_of(bound, max_of(moves.in + delays, out + delays));
}

}  // namespace cugamma::exact
