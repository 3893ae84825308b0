#pragma once

#include "models/timeloop/closed/price.hpp"
#include "timeloop/simple/rows.hpp"

namespace cugamma::timeloop::simple {

using closed::level_row;
using closed::refusal;
using closed::tables;
using closed::tensor_row;

/// The innermost temporal loop that moves a tensor's tile, of those met so far.
struct mover {
  std::int64_t outward = 1;  ///< steps of it and of all loops outside of it
  int at = -1;  ///< 16 * its level + its position in the level's order; -1: there is none
};

/// The spatial loops of a level.
struct fan {
  unsigned dimensions = 0;  ///< of loops above 1, as bits
  std::int64_t used_x = 1;
  std::int64_t used_y = 1;
};

/// A mapping whose loops are met from the outside in.
template <int Tensors, class Factor>
struct walk {
  const tables& t;
  const genome_words& g;
  thread_rows<Factor>& rows;
  std::int64_t outward = 1;  ///< steps of the temporal loops met so far
  mover movers[Tensors] = {};
  std::int64_t tiles[Tensors] = {};  ///< words that the level at hand works on at a time
  int last[Tensors] = {};            ///< outermost level that keeps a tensor; -1: none
  std::int64_t x = 1, y = 1;         ///< instances in use of the level at hand
  std::int64_t whole_output = 1;     ///< words
  std::int64_t output_groups = 1;    ///< instances of MACs that share the output out
  refusal by_level = {};             ///< what of the innermost level that rejects the mapping
  refusal by_fan_out = {};           ///< this is asked last
};

/// Iterations inside of a place, dimension by dimension.
template <class Factor>
struct box {
  thread_rows<Factor>& rows;
  int begin;
  CUGAMMA_HD std::int32_t operator[](int dimension) const {
    return static_cast<std::int32_t>(rows.inside(begin + dimension));
  }
};

/// The innermost place of a level.
CUGAMMA_HD inline int first_place(const tables& t, int level) {
  return t.spatial_place[level] >= 0 ? t.spatial_place[level] : t.temporal_place[level];
}

/// An order of a level's dimensions, four bits each, the innermost lowest.
CUGAMMA_HD inline std::uint64_t temporal_order(const genome_words& g, int level) {
  return g.from(offsetof(genome, temporal_orders) + 5u * static_cast<unsigned>(level));
}

CUGAMMA_HD inline std::uint64_t spatial_order(const genome_words& g, int level) {
  return g.from(offsetof(genome, spatial_orders) + 5u * static_cast<unsigned>(level));
}

CUGAMMA_HD inline unsigned kept_tensors(const genome_words& g, int level) {
  return static_cast<unsigned>(g.from(offsetof(genome, keep) + static_cast<unsigned>(level)));
}

CUGAMMA_HD inline int split_of(const genome_words& g, int level) {
  return static_cast<int>(g.from(offsetof(genome, split) + static_cast<unsigned>(level)) & 255);
}

/// Fills the rows' factors and what is inside of each place.
template <class Factor>
CUGAMMA_HD void read_factors(const genome_shape& s,
                             const genome_words& g,
                             thread_rows<Factor>& rows) {
  const int dimensions = s.num_dimensions, end = s.num_places * dimensions;
  for (int i = 0; i < end; ++i) rows.factor(i) = 1;
  std::uint64_t places = 0;
  for (int i = 0; i < s.num_primes; ++i, places >>= 4) {
    if (i % 16 == 0) places = g.from(offsetof(genome, places) + static_cast<unsigned>(i) / 2);
    auto& factor = rows.factor(static_cast<int>(places & 15) * dimensions + s.dimension_of[i]);
    factor *= s.primes[i];
  }
  for (int d = 0; d < dimensions; ++d) rows.inside(d) = 1;
  for (int i = 0; i < end; ++i) rows.inside(dimensions + i) = rows.inside(i) * rows.factor(i);
}

/// Whether elements may share words because loops of a fan-out run along one axis: all but two
/// loops of which the one's whole reach is below a step of the other. dimensions: those of the
/// loops
template <int Tensors, class Factor>
CUGAMMA_HD bool may_meet(const walk<Tensors, Factor>& w,
                         const tensor_row& t,
                         int place,
                         unsigned dimensions) {
  if ((dimensions & (dimensions - 1)) == 0) return false;
  std::int64_t reach = 0, step = 0;
  bool is_clear = false;
  for (int d = 0, met = 0; dimensions >> d != 0; ++d) {
    if ((dimensions >> d & 1) == 0) continue;
    const int row = place * w.t.shape.num_dimensions + d;
    const std::int64_t next = t.stride[d] * w.rows.inside(row);
    const std::int64_t next_reach = next * (w.rows.factor(row) - 1);
    is_clear = ++met == 2 && (reach < next || next_reach < step);
    step = next;
    reach = next_reach;
  }
  return !is_clear;
}

/// The spatial loops of a level. False if groups of unequal size may form.
template <int Tensors, class Factor>
CUGAMMA_HD bool read_fan(walk<Tensors, Factor>& w, int level, fan& f) {
  const int dimensions = w.t.shape.num_dimensions, place = w.t.spatial_place[level];
  if (place < 0) return true;
  const int split = split_of(w.g, level);
  std::uint64_t order = spatial_order(w.g, level);
  for (int i = 0; i < dimensions; ++i, order >>= 4) {
    const auto d = static_cast<int>(order & 15);
    const auto factor = static_cast<std::int32_t>(w.rows.factor(place * dimensions + d));
    f.dimensions |= (factor > 1 ? 1u : 0u) << d;
    (i < split ? f.used_x : f.used_y) *= factor;
    w.output_groups *= (w.t.output_dimensions >> d & 1) != 0 ? factor : 1;
  }
  CUGAMMA_UNROLL
  for (int i = 0; i < Tensors; ++i) {
    for (int axis = 0; w.t.tensors[i].sliding_axes[axis] != 0; ++axis) {
      const unsigned along = f.dimensions & w.t.tensors[i].sliding_axes[axis];
      if (may_meet(w, w.t.tensors[i], place, along)) return false;
    }
  }
  return true;
}

/// Meets the temporal loops of a level.
template <int Tensors, class Factor>
CUGAMMA_HD void meet_loops(walk<Tensors, Factor>& w, int level) {
  const int dimensions = w.t.shape.num_dimensions;
  const int begin = w.t.temporal_place[level] * dimensions;
  const std::uint64_t order = temporal_order(w.g, level);
  for (int i = dimensions; i-- > 0;) {
    const auto d = static_cast<int>(order >> (4 * i) & 15);
    const auto factor = static_cast<std::int32_t>(w.rows.factor(begin + d));
    w.outward *= factor;
    CUGAMMA_UNROLL
    for (int k = 0; k < Tensors; ++k) {  // without a branch that nothing predicts
      const bool moves = (factor > 1) & (w.t.tensors[k].relevant >> d & 1);
      const std::int64_t all = -static_cast<std::int64_t>(moves);
      mover& m = w.movers[k];
      m.outward ^= (m.outward ^ w.outward) & all;
      m.at ^= (m.at ^ (16 * level + i)) & static_cast<int>(all);
    }
  }
}

/// Notes what rejects the mapping at a level, and which tensors it is the first to keep.
template <int Tensors, class Factor>
CUGAMMA_HD void check(walk<Tensors, Factor>& w, int level, const fan& f) {
  const unsigned keep = kept_tensors(w.g, level);
  std::int64_t kept_words = 0;
  CUGAMMA_UNROLL
  for (int i = 0; i < Tensors; ++i) {
    if (i >= w.t.shape.num_tensors || (keep >> i & 1) == 0) continue;
    kept_words += w.tiles[i];
    if (w.last[i] < 0) w.last[i] = level;
  }
  const level_row& l = w.t.levels[level];
  const refusal own = closed::check_level(l, level, kept_words, w.x, w.y);
  if (own.why != rejection::none) w.by_level = own;
  const refusal fan_out = closed::check_fan_out(l, level, f.used_x, f.used_y);
  if (fan_out.why != rejection::none) w.by_fan_out = fan_out;
}

}  // namespace cugamma::timeloop::simple
