#pragma once

#include <cstddef>
#include <cstdint>

#include "models/exact/chained/deep_numbers.hpp"
#include "models/exact/chained/idle_held.hpp"
#include "models/exact/chained/three_levels.hpp"
#include "models/exact/closed/closed_form.hpp"
#include "models/two_level/lane_decode.hpp"
#include "numbers/lanes.hpp"

/// Mappings of three levels in SIMD lanes. To be included by files that are compiled for one
/// instruction set.
namespace cugamma::exact {
namespace {

using chained::three;

/// lane_count nests of three levels that leave the filter whole.
struct lane_nests {
  chained::chain_of<lanes> of[free_dims];
  chained::three_orders<lanes> order;
  lane_mask simple;  ///< three levels and a whole filter, parallel in K, C, Y or X, and sound
  lane_mask has_clusters;
};

/// Reads a level. Narrows `simple` down; parallel: by dimension.
template <int Level>
void read_level(const word_rows& w,
                const core::gene_context& l,
                lane_nests& n,
                lane_mask (&parallel)[free_dims]) {
  const core::couplings& c = l.tensors;
  for (int d = 0; d < free_dims; ++d) {
    constexpr genome_field tile = genome_fields::tile(Level, 0);
    const word_lanes tiles = row(w, genome_fields::tile(Level, d).wide_word());
    const lanes size = core::has(c.present, d) ? number(field<tile>(tiles)) : lanes(1);
    n.simple = n.simple & (size >= lanes(1));
    n.of[d].tile[Level] = max_of(size, lanes(1));
  }
  const word_lanes inverse = invert_order(field<genome_fields::order(Level)>(w));
  n.simple = n.simple & equal(hn::And(inverse, word(permutation_mask)), word(permutation));
  lanes position[free_dims];
  for (int d = 0; d < free_dims; ++d) {
    const word_lanes shift = word(32 + dimension_bits * d);
    position[d] = number(hn::And(hn::Shr(inverse, shift), word(dimension_code_mask)));
  }
  n.order.set(Level, position);
  n.simple = n.simple & decode_spatial<Level>(w, c, parallel);
  if (core::has(c.present, core::R)) {
    const auto is_whole = [&](word_lanes tile, std::int32_t size) {
      return equal(tile, word(static_cast<std::uint64_t>(size)));
    };
    n.simple = n.simple & is_whole(field<genome_fields::tile(Level, core::R)>(w), l.filter_rows) &
               is_whole(field<genome_fields::tile(Level, core::S)>(w), l.filter_columns);
  }
}

inline lane_nests read_nests(const genome* g,
                             const closed_layer<double>& l,
                             const core::gene_context& genes,
                             double machine_pes) {
  const word_rows w = transpose(g);
  lane_nests n;
  lane_mask parallel[three][free_dims];
  n.simple = equal(field<genome_fields::level_count()>(w), word(three));
  read_level<0>(w, genes, n, parallel[0]);
  read_level<1>(w, genes, n, parallel[1]);
  read_level<2>(w, genes, n, parallel[2]);
  const lanes own = number(field<genome_fields::own_pes()>(w));
  const lanes pes = select(own > lanes(0), own, lanes(machine_pes));
  const lanes middle = number(field<genome_fields::cluster_size(1)>(w));
  const lanes inner = number(field<genome_fields::cluster_size(2)>(w));
  n.simple = n.simple & (middle >= lanes(1)) & (inner >= lanes(1));
  const lanes below = max_of(middle * inner, lanes(1));
  n.has_clusters = below <= pes;
  const lanes units[three] = {max_of(floor_div(pes, below), lanes(1)),
                              max_of(middle, lanes(1)),
                              max_of(inner, lanes(1))};
  for (int d = 0; d < free_dims; ++d) {
    for (int level = 0; level < three; ++level) {
      n.of[d].units[level] = select(parallel[level][d], units[level], lanes(1));
    }
    chained::cut_boxes(lanes(l.outputs[d]), three, n.of[d]);
  }
  return n;
}

/// What is held two levels below a loop that turns: in lanes where no level is parallel in the
/// dimension and where the tiles are too far apart, else a mapping after the other.
struct deep_of_lanes {
  using held = chained::held_of<lanes>;

  held after_move(const chained::chain_of<lanes>& c, const row_grid<lanes>& g) const {
    const lanes one(1), zero(0);
    const lane_mask none = (c.cuts[0][0].steps <= one) | chained::is_far_after_move(c, g);
    const lane_mask plain = c.units[2] <= one;
    const lanes moved = select(none, zero, chained::rows_moved_above_one(c, g));
    return one_by_one(c, g, !(plain | none), {moved, moved}, chained::held_after_move);
  }

  held after_restart(const chained::chain_of<lanes>& c,
                     const row_grid<lanes>& g,
                     held below) const {
    const lane_mask temporal = chained::detail::is_temporal(c, 0, 2);
    const lane_mask single = c.cuts[0][0].steps <= lanes(1);
    const lane_mask far = chained::is_far_after_restart(c, g);
    const lanes one = chained::detail::held_by_one(c, g, 0, 0, 2), zero(0);
    const auto idle = chained::known_after_restart(c, g);
    const auto which = [&](lanes b, lanes i) {
      return select(single, b, select(temporal, one, select(far, zero, i)));
    };
    return one_by_one(
        c,
        g,
        !(temporal | single | far | idle.is_known),
        {which(below.by_units, idle.held.by_units), which(below.by_all, idle.held.by_all)},
        chained::held_after_restart);
  }

 private:
  using one_mapping = chained::held_elements (*)(const chained::cut_numbers&,
                                                 const row_grid<chained::extent>&);

  static held one_by_one(const chained::chain_of<lanes>& c,
                         const row_grid<lanes>& g,
                         lane_mask which,
                         held others,
                         one_mapping f) {
    unsigned left = bits(which);
    if (left == 0) return others;
    alignas(64) double by_units[lane_count], by_all[lane_count], size[lane_count];
    alignas(64) double tile[three][lane_count], units[three][lane_count];
    const lane_tag d;
    hn::Store(others.by_units.v, d, by_units);
    hn::Store(others.by_all.v, d, by_all);
    hn::Store(c.length[0][0].v, d, size);
    for (int level = 0; level < three; ++level) {
      hn::Store(c.tile[level].v, d, tile[level]);
      hn::Store(c.units[level].v, d, units[level]);
    }
    const auto whole = [](double x) {
      return static_cast<chained::extent>(static_cast<std::int64_t>(x));
    };
    const row_grid<chained::extent> grid{whole(hn::GetLane(g.each.v)),
                                         whole(hn::GetLane(g.more.v))};
    for (std::size_t lane = 0; left != 0; ++lane, left >>= 1) {
      if ((left & 1) == 0) continue;
      chained::cut_numbers one{whole(size[lane]), {}, {}};
      for (int level = 0; level < three; ++level) {
        one.tile[level] = whole(tile[level][lane]);
        one.units[level] = whole(units[level][lane]);
      }
      const chained::held_elements h = f(one, grid);
      by_units[lane] = h.by_units;
      by_all[lane] = h.by_all;
    }
    return {lanes(hn::Load(d, by_units)), lanes(hn::Load(d, by_all))};
  }
};

/// Figures of three levels; as closed_form of closed_form.hpp.
inline closed_figures<lanes> closed_form(const lane_nests& n,
                                         const closed_layer<double>& l,
                                         const closed_accelerator<double>& a) {
  using namespace core;
  closed_figures<lanes> f;
  const chained::axis_lengths<lanes> lengths[free_dims] = {chained::lengths_of(n.of[K]),
                                                           chained::lengths_of(n.of[C]),
                                                           chained::lengths_of(n.of[Y]),
                                                           chained::lengths_of(n.of[X])};
  chained::set_sizes_and_runtime(lengths, l, lanes(l.filter), a, f);
  chained::level_passing<lanes> levels[three];
  for (int level = 0; level < three; ++level) {
    chained::level_sums<lanes> s;
    sum_channels(n.of[K], K, level, true, deep_of_lanes{}, s);
    sum_channels(n.of[C], C, level, l.is_depthwise, deep_of_lanes{}, s);
    for (int d = Y; d <= X; ++d) {
      const row_grid<lanes> g{lanes(l.each[d - Y]), lanes(l.more[d - Y])};
      sum_window_axis(n.of[d], d, level, g, deep_of_lanes{}, s);
    }
    levels[level] = chained::passing_of(n.order, level, s, lanes(l.filter));
  }
  chained::set_traffic(levels, f);
  return f;
}

}  // namespace
}  // namespace cugamma::exact
