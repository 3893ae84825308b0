#pragma once

#include <limits>

#include "models/timeloop/lanes/lane_rows.hpp"

/// As kernels/timeloop/simple/walk.hpp and slide.hpp, a mapping a lane.
namespace cugamma::timeloop {
namespace {

struct lane_mover {
  lanes outward;
  lanes at;  ///< 16 * its level + its position in the level's order; -1: there is none
  word_lanes dimension;
  lanes bound;
  lanes inside;
};

struct lane_fan {
  lane_mask has_loop[max_dimensions];  ///< of a dimension
  word_lanes order;
  lanes split;
  lanes used_x, used_y;
  int begin;  ///< of its factors; -1: the level has none
};

/// Steps in addresses by which elements side by side differ; in packed rows, up to `reach` any.
struct lane_differences {
  alignas(64) lane_row size[max_dimensions];
  int count;
  lanes reach;
  lane_mask may_be(lanes jump) const {
    const lanes a = max_of(jump, lanes(0) - jump);
    lane_mask is = a <= reach;
    for (int i = 0; i < count; ++i) is = is | (a == load(size[i]));
    return is;
  }
};

/// Two loops of a fan-out along one axis meet where `step_x` steps of the one are `step_y` of the
/// other; else 1 everywhere. As closed::detail::cross_with_diagonals.
struct lane_diagonals {
  lanes columns = lanes(1), rows = lanes(1), step_x = lanes(1), step_y = lanes(1);
  /// Runs of so many elements that meet, overlapping ones too.
  lanes runs(int length) const {
    const lanes more = number(std::int64_t{length - 1});
    return max_of(columns - more * step_x, lanes(0)) * max_of(rows - more * step_y, lanes(0));
  }
};

template <int Tensors>
struct lane_walk {
  explicit lane_walk(const tables& of) : t(of) {
    for (int k = 0; k < Tensors; ++k) {
      const auto& stride = t.tensors[static_cast<std::size_t>(k)].stride;
      for (std::size_t d = 0; d < stride.size(); ++d) {
        strides[k][d] = static_cast<double>(stride[d]);
      }
    }
  }

  const tables& t;
  double strides[Tensors][max_dimensions];
  genome_rows genomes;
  factor_rows rows;
  /// Of the temporal loop at position i of level b, row b * dimensions + i: its bound, and for each
  /// tensor its step; 0: it does not move the tensor; -1: it does along an axis of one term.
  alignas(64) lane_row bounds[max_levels * max_dimensions];
  alignas(64) lane_row steps[Tensors][max_levels * max_dimensions];
  alignas(64) lane_row words[Tensors][max_levels];  ///< that a level hands down
  alignas(64) lane_row instances[max_levels];
  lane_diagonals diagonals[Tensors][max_levels];
  bool has_diagonals[Tensors][max_levels];
  lane_mask is_fine;  ///< lanes that are simple, not rejected
  lanes outward, x, y, whole_output, output_groups;
  lane_mover movers[Tensors];
  lanes tiles[Tensors];
  lanes last[Tensors];  ///< outermost level that keeps a tensor; -1: none

  int dimensions() const { return t.shape.num_dimensions; }
  int first_place(int level) const {
    const int spatial = t.spatial_place[static_cast<std::size_t>(level)];
    return spatial >= 0 ? spatial : t.temporal_place[static_cast<std::size_t>(level)];
  }
  lane_fan read_fan(int level) const;
  void find_diagonals(int tensor, int level, const lane_fan& f);
  void check(int level, const lane_fan& f);
  void meet_loops(int level);
  lanes slide(int tensor, int level, const lane_fan& f, lanes full);
  lane_differences differences(int tensor, int level, const lane_fan& f) const;
  void walk_inward();
};

/// Words of a tensor in what is inside of a place.
inline lanes volume(const tensor_row& t, const lane_row* box) {
  lanes words(1), extent(1);
  for (int i = 0; i < t.num_terms; ++i) {
    const closed::term_row& x = t.terms[static_cast<std::size_t>(i)];
    const lanes length = load(box[x.dimension]);
    if (i < t.num_indices) {
      words = words * length;
      continue;
    }
    extent = extent + number(std::int64_t{x.coefficient}) * (length - lanes(1));
    if (!x.ends_axis) continue;
    words = words * extent;
    extent = lanes(1);
  }
  return words;
}

/// As closed::new_words; a step of the mover along axes of several terms.
inline lanes new_words(const tensor_row& t, const lane_row* box, const lane_mover& m, lanes full) {
  lanes kept(1), extent(1), move(0);
  for (int i = 0; i < t.num_terms; ++i) {
    const closed::term_row& x = t.terms[static_cast<std::size_t>(i)];
    const lanes coefficient = number(std::int64_t{x.coefficient});
    const lane_mask is_mover = equal(m.dimension, word(static_cast<std::uint64_t>(x.dimension)));
    extent = extent + coefficient * (load(box[x.dimension]) - lanes(1));
    move = move + select(is_mover, coefficient * m.inside, lanes(0));
    if (!x.ends_axis) continue;
    kept = kept * max_of(extent - move, lanes(0));
    extent = lanes(1);
    move = lanes(0);
  }
  return full - kept;
}

template <int Tensors>
lane_fan lane_walk<Tensors>::read_fan(int level) const {
  lane_fan f;
  f.used_x = f.used_y = lanes(1);
  for (lane_mask& m : f.has_loop) m = no_lanes();
  const int place = t.spatial_place[static_cast<std::size_t>(level)];
  f.begin = place < 0 ? -1 : place * dimensions();
  if (place < 0) return f;
  const auto b = static_cast<unsigned>(level);
  f.order = genomes.from(offsetof(genome, spatial_orders) + 5 * b);
  f.split = number(genomes.byte(offsetof(genome, split) + b));
  for (int i = 0; i < dimensions(); ++i) {
    const lanes factor = pick(rows.factor + f.begin, digit(f.order, i));
    const lane_mask is_on_x = f.split > number(std::int64_t{i});
    f.used_x = f.used_x * select(is_on_x, factor, lanes(1));
    f.used_y = f.used_y * select(is_on_x, lanes(1), factor);
  }
  for (int d = 0; d < dimensions(); ++d) f.has_loop[d] = load(rows.factor[f.begin + d]) > lanes(1);
  return f;
}

inline lanes greatest_divisor(lanes a, lanes b) {
  for (lane_mask goes_on = b > lanes(0); any_of(goes_on); goes_on = b > lanes(0)) {
    const lanes divisor = select(goes_on, b, lanes(1));
    const lanes rest = a - whole(a / divisor) * divisor;
    a = select(goes_on, b, a);
    b = select(goes_on, rest, b);
  }
  return a;
}

/// Loops of a fan-out that meet along an axis, unless the one's whole reach is below a step of the
/// other. Lanes with more than two along an axis, or with two such axes, are not simple.
template <int Tensors>
void lane_walk<Tensors>::find_diagonals(int tensor, int level, const lane_fan& f) {
  lane_diagonals& all = diagonals[tensor][level];
  all = {};
  lanes pairs(0);
  for (const unsigned axis : t.tensors[static_cast<std::size_t>(tensor)].sliding_axes) {
    lanes met(0), step(0), bound(1);
    for (int d = 0; axis >> d != 0; ++d) {
      if ((axis >> d & 1) == 0) continue;
      const lane_mask is = f.has_loop[d];
      const lanes next = lanes(strides[tensor][d]) * load(rows.inside[f.begin + d]);
      const lanes next_bound = load(rows.factor[f.begin + d]);
      met = met + select(is, lanes(1), lanes(0));
      const lane_mask is_pair = is & (met > lanes(1)) & (step * (bound - lanes(1)) >= next) &
                                (next * (next_bound - lanes(1)) >= step);
      if (any_of(is_pair)) {
        const lanes divisor = greatest_divisor(select(is_pair, step, lanes(1)), next);
        all.columns = select(is_pair, bound, all.columns);
        all.rows = select(is_pair, next_bound, all.rows);
        all.step_x = select(is_pair, next / divisor, all.step_x);
        all.step_y = select(is_pair, step / divisor, all.step_y);
        pairs = pairs + select(is_pair, lanes(1), lanes(0));
      }
      step = select(is, next, step);
      bound = select(is, next_bound, bound);
    }
    is_fine = is_fine & (met < lanes(3));
  }
  has_diagonals[tensor][level] = any_of(pairs > lanes(0));
  is_fine = is_fine & (pairs < lanes(2));
}

template <int Tensors>
void lane_walk<Tensors>::check(int level, const lane_fan& f) {
  const level_row& l = t.levels[static_cast<std::size_t>(level)];
  const word_lanes keep = genomes.byte(offsetof(genome, keep) + static_cast<unsigned>(level));
  lanes kept_words(0);
  for (int k = 0; k < Tensors; ++k) {
    if (k >= t.shape.num_tensors) continue;
    const lane_mask is_kept = is_bit_set(keep, word(static_cast<unsigned>(k)));
    kept_words = kept_words + select(is_kept, tiles[k], lanes(0));
    last[k] = select(is_kept & (last[k] < lanes(0)), number(std::int64_t{level}), last[k]);
  }
  is_fine = is_fine & (kept_words <= number(l.usable)) & (kept_words >= lanes(l.least)) &
            (x * y <= number(l.instances)) & (x <= number(l.mesh_x)) & (y <= number(l.mesh_y)) &
            (f.used_x <= number(l.fan_x)) & (f.used_y <= number(l.fan_y));
}

template <int Tensors>
void lane_walk<Tensors>::meet_loops(int level) {
  const int begin = t.temporal_place[static_cast<std::size_t>(level)] * dimensions();
  const word_lanes order =
      genomes.from(offsetof(genome, temporal_orders) + 5u * static_cast<unsigned>(level));
  for (int i = dimensions(); i-- > 0;) {
    const word_lanes d = digit(order, i);
    const lanes bound = pick(rows.factor + begin, d);
    const int row = level * dimensions() + i;
    store(bounds[row], bound);
    outward = outward * bound;
    const lane_mask is_loop = bound > lanes(1);
    for (int k = 0; k < Tensors; ++k) {
      const tensor_row& tensor = t.tensors[static_cast<std::size_t>(k)];
      const lane_mask moves = is_loop & is_bit_set(word(tensor.relevant), d);
      lane_mover& m = movers[k];
      m.outward = select(moves, outward, m.outward);
      if (tensor.sliding == 0) continue;
      const lanes inside = pick(rows.inside + begin, d);
      m.at = select(moves, number(std::int64_t{16 * level + i}), m.at);
      m.dimension = select(moves, d, m.dimension);
      m.bound = select(moves, bound, m.bound);
      m.inside = select(moves, inside, m.inside);
      const lane_mask slides = is_bit_set(word(tensor.sliding), d);
      const lanes step = select(slides, lookup(strides[k], number(d)) * inside, lanes(-1));
      store(steps[k][row], select(moves, step, lanes(0)));
    }
  }
}

/// As simple::may_serve.
template <int Tensors>
lane_differences lane_walk<Tensors>::differences(int tensor, int level, const lane_fan& f) const {
  const level_row& l = t.levels[static_cast<std::size_t>(level)];
  const word_lanes sliding = word(t.tensors[static_cast<std::size_t>(tensor)].sliding);
  const lanes columns = max_of(number(l.fan_x), f.used_x);
  const lane_mask is_a_row = f.used_x * f.used_y <= columns;
  lane_differences all;
  all.count = dimensions();
  lanes reach(0), whole_reach(0);
  for (int i = 0; i < dimensions(); ++i) {
    const word_lanes d = digit(f.order, i);
    const lanes factor = pick(rows.factor + f.begin, d);
    const lanes step = lookup(strides[tensor], number(d)) * pick(rows.inside + f.begin, d);
    reach = select(!is_a_row & (f.split == number(std::int64_t{i})), lanes(0), reach);
    const lanes size = max_of(step - reach, reach - step);
    store(all.size[i], select(factor > lanes(1), size, lanes(-1)));
    const lanes more = step * (factor - lanes(1));
    reach = reach + more;
    whole_reach = whole_reach + select(is_bit_set(sliding, d), more, lanes(0));
  }
  all.reach = select(!is_a_row & (columns > f.used_x), whole_reach, lanes(-1));
  return all;
}

/// Words of a tensor that a level hands down, as simple::slide.
template <int Tensors>
lanes lane_walk<Tensors>::slide(int tensor, int level, const lane_fan& f, lanes full) {
  const tensor_row& row = t.tensors[static_cast<std::size_t>(tensor)];
  const lane_mover& m = movers[tensor];
  const lanes unshifted = full * m.outward;
  const lane_mask slides = (m.at >= lanes(0)) & is_bit_set(word(row.sliding), m.dimension);
  if (!any_of(slides)) return unshifted;
  const lanes part = new_words(row, rows.inside + first_place(level) * dimensions(), m, full);
  const lanes first_step = lookup(strides[tensor], number(m.dimension)) * m.inside;
  lane_mask has_neighbours = no_lanes();
  for (int d = 0; f.begin >= 0 && d < dimensions(); ++d) {
    if ((row.sliding >> d & 1) != 0) has_neighbours = has_neighbours | f.has_loop[d];
  }
  has_neighbours = has_neighbours & slides & (m.outward == outward);
  const lane_mask is_apart = part == full;
  lane_differences near;
  if (any_of(has_neighbours)) {
    near = differences(tensor, level, f);
    is_fine = is_fine & !(has_neighbours & is_apart & near.may_be(first_step));
  }
  lanes behind = first_step, met = m.bound, none(0), again(0);
  lane_mask goes_on = slides;
  for (int at = level * dimensions(); at < t.shape.num_levels * dimensions(); ++at) {
    const int position = at / dimensions() * 16 + at % dimensions();
    const lanes bound = load(bounds[at]), step = load(steps[tensor][at]);
    const lane_mask is_outside = (number(std::int64_t{position}) > m.at) & (bound > lanes(1));
    goes_on = goes_on & !(is_outside & (step < lanes(0)));
    if (!any_of(goes_on)) break;
    const lane_mask is = goes_on & is_outside;
    const lanes jump = step - behind;
    behind = select(is, behind + step, behind);
    met = select(is, met * bound, met);
    const lane_mask is_none = is & (jump == lanes(0)), is_again = is & (jump == first_step);
    const lane_mask is_alike = is & has_neighbours & !is_none & (is_again | is_apart);
    if (any_of(is_alike)) is_fine = is_fine & !(is_alike & near.may_be(jump));
    if (!any_of(is_none | is_again)) continue;
    const lanes repeats = m.outward / met * (bound - lanes(1));
    none = none + select(is_none, repeats, lanes(0));
    again = again + select(is_again, repeats, lanes(0));
  }
  const lanes next = m.outward / m.bound;
  const lanes shifted =
      full * next + part * (m.outward - next) - full * none - (full - part) * again;
  return select(slides, shifted, unshifted);
}

template <int Tensors>
void lane_walk<Tensors>::walk_inward() {
  const int levels = t.shape.num_levels, tensors = t.shape.num_tensors;
  rows.read(t.shape, genomes);
  is_fine = !no_lanes();
  outward = x = y = whole_output = output_groups = lanes(1);
  for (int k = 0; k < Tensors; ++k) {
    last[k] = lanes(-1);
    movers[k] = {lanes(1), lanes(-1), word(0), lanes(1), lanes(1)};
    if (k >= tensors) continue;
    const tensor_row& row = t.tensors[static_cast<std::size_t>(k)];
    tiles[k] = volume(row, rows.inside + t.shape.num_places * dimensions());
    if (row.is_output) whole_output = tiles[k];
  }
  for (int level = levels; level-- > 0;) {
    const lane_fan f = read_fan(level);
    for (int k = 0; k < tensors && k < Tensors; ++k) {
      has_diagonals[k][level] = false;
      if (f.begin >= 0) find_diagonals(k, level, f);
    }
    check(level, f);
    meet_loops(level);
    const lane_row* box = rows.inside + first_place(level) * dimensions();
    for (int k = 0; k < tensors && k < Tensors; ++k) {
      const tensor_row& row = t.tensors[static_cast<std::size_t>(k)];
      lanes handed = outward;
      if (level > 0) {
        const lanes full = volume(row, box);
        handed = row.sliding == 0 ? full * movers[k].outward : slide(k, level, f, full);
        tiles[k] = full;
      }
      store(words[k][level], handed);
    }
    store(instances[level], x * y);
    x = x * f.used_x;
    y = y * f.used_y;
    for (int d = 0; f.begin >= 0 && d < dimensions(); ++d) {
      const lanes factor = load(rows.factor[f.begin + d]);
      if ((t.output_dimensions >> d & 1) != 0) output_groups = output_groups * factor;
      if (level == 0) is_fine = is_fine & !f.has_loop[d];
    }
  }
  for (int k = 0; k < tensors && k < Tensors; ++k) is_fine = is_fine & (last[k] >= lanes(0));
  is_fine = is_fine & (x * y <= number(t.mac_instances)) & (x <= number(t.mac_mesh_x)) &
            (y <= number(t.mac_mesh_y));
}

}  // namespace
}  // namespace cugamma::timeloop
