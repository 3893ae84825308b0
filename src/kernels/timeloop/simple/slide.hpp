#pragma once

#include "timeloop/simple/walk.hpp"

namespace cugamma::timeloop::simple {

/// Whether elements of a fan-out that lie side by side may differ by a jump, so that one serves the
/// other; of a grid that is packed across the bounds of loops, whether any elements may.
template <int Tensors, class Factor>
CUGAMMA_HD bool may_serve(const walk<Tensors, Factor>& w,
                          const tensor_row& t,
                          int level,
                          const fan& f,
                          std::int64_t jump) {
  const int dimensions = w.t.shape.num_dimensions;
  const int begin = w.t.spatial_place[level] * dimensions;
  const std::int64_t columns =
      w.t.levels[level].fan_x > f.used_x ? w.t.levels[level].fan_x : f.used_x;
  const bool is_a_row = f.used_x * f.used_y <= columns;
  const bool is_irregular = !is_a_row && columns != f.used_x;
  const int split = is_a_row ? dimensions : split_of(w.g, level);
  const std::int64_t size = jump < 0 ? -jump : jump;
  std::uint64_t order = spatial_order(w.g, level);
  std::int64_t reach = 0, whole_reach = 0;
  for (int i = 0; i < dimensions; ++i, order >>= 4) {
    const auto d = static_cast<int>(order & 15);
    const auto factor = static_cast<std::int32_t>(w.rows.factor(begin + d));
    if (i == split) reach = 0;
    if (factor == 1) continue;
    const std::int64_t step = t.stride[d] * w.rows.inside(begin + d);
    if (step - reach == size || reach - step == size) return true;
    reach += step * (factor - 1);
    if ((t.sliding >> d & 1) != 0) whole_reach += step * (factor - 1);
  }
  return is_irregular && size <= whole_reach;
}

/// Words that a level hands down over the whole run of a tensor whose tile the mover shifts along
/// an axis of several terms. As closed::hand_down: a later loop brings nothing if its jump is 0 and
/// only what is new if it is the mover's step. Only the loops from the mover on along such axes
/// can; the first one along another axis ends them. False if a neighbour may serve.
template <int Tensors, class Factor>
CUGAMMA_HD bool slide(const walk<Tensors, Factor>& w,
                      const tensor_row& t,
                      const mover& m,
                      int level,
                      const fan& f,
                      std::int64_t full,
                      std::int64_t& words) {
  const int dimensions = w.t.shape.num_dimensions, levels = w.t.shape.num_levels;
  const int mover_level = m.at / 16, position = m.at % 16;
  const auto dimension = static_cast<int>(temporal_order(w.g, mover_level) >> (4 * position) & 15);
  const int row = w.t.temporal_place[mover_level] * dimensions + dimension;
  const std::int64_t bound = w.rows.factor(row), inside = w.rows.inside(row);
  const box<Factor> tile{w.rows, first_place(w.t, level) * dimensions};
  const std::int64_t part = closed::new_words(t, tile, dimension, inside);
  const std::int64_t first_step = t.stride[dimension] * inside;
  const bool has_neighbours = m.outward == w.outward && (f.dimensions & t.sliding) != 0;
  const bool is_apart = part == full;
  if (has_neighbours && is_apart && may_serve(w, t, level, f, first_step)) return false;

  const auto outward = static_cast<double>(m.outward);
  std::int64_t behind = first_step;
  double met = static_cast<double>(bound), none = 0, again = 0;
  bool slides = true;
  for (int b = mover_level, i = position + 1; b < levels && slides; ++b, i = 0) {
    const int begin = w.t.temporal_place[b] * dimensions;
    std::uint64_t order = temporal_order(w.g, b) >> (4 * i);
    for (; i < dimensions && slides; ++i, order >>= 4) {
      const auto d = static_cast<int>(order & 15);
      const auto factor = static_cast<std::int32_t>(w.rows.factor(begin + d));
      if (factor == 1) continue;
      const bool is_relevant = (t.relevant >> d & 1) != 0;
      slides = !is_relevant || (t.sliding >> d & 1) != 0;
      if (!slides) continue;
      const std::int64_t step = is_relevant ? t.stride[d] * w.rows.inside(begin + d) : 0;
      const std::int64_t jump = step - behind;
      behind += step;
      met *= factor;
      const bool is_alike = jump != 0 && (jump == first_step || is_apart);
      if (has_neighbours && is_alike && may_serve(w, t, level, f, jump)) return false;
      if (jump != 0 && jump != first_step) continue;
      (jump == 0 ? none : again) += outward / met * (factor - 1);
    }
  }
  const std::int64_t next = static_cast<std::int64_t>(outward / static_cast<double>(bound));
  words = full * next + part * (m.outward - next) - full * static_cast<std::int64_t>(none) -
          (full - part) * static_cast<std::int64_t>(again);
  return true;
}

/// Words of a tensor that a level, not the innermost, hands down. False if a neighbour may serve.
template <int Tensors, class Factor>
CUGAMMA_HD bool hand_down(const walk<Tensors, Factor>& w,
                          int tensor,
                          int level,
                          const fan& f,
                          std::int64_t full,
                          std::int64_t& words) {
  const tensor_row& t = w.t.tensors[tensor];
  const mover& m = w.movers[tensor];
  words = full * m.outward;
  if (t.sliding == 0 || m.at < 0) return true;
  const unsigned d = temporal_order(w.g, m.at / 16) >> (4 * (m.at % 16)) & 15;
  // Along an axis of one term each step brings a whole new tile.
  return (t.sliding >> d & 1) == 0 || slide(w, t, m, level, f, full, words);
}

}  // namespace cugamma::timeloop::simple
