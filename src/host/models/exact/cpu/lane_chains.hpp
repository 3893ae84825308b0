#pragma once

#include <cstddef>
#include <cstdint>

#include "models/exact/chained/deep_numbers.hpp"
#include "models/exact/chained/traffic.hpp"
#include "models/exact/chained/wide_runtime.hpp"
#include "models/exact/closed/closed_form.hpp"
#include "models/two_level/lane_decode.hpp"
#include "numbers/lanes.hpp"

/// Mappings of three levels in SIMD lanes. To be included by files that are compiled for one
/// instruction set.
namespace cugamma::exact {
namespace {

constexpr int three = chained::most_levels;

/// lane_count nests of three levels that leave the filter whole.
struct lane_nests {
  chained::chain_of<lanes> of[free_dims];
  /// [level][a][b]: the loop of a is outside that of b.
  lane_mask outside[three][free_dims][free_dims];
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
  n.simple = n.simple & equal(hn::And(inverse, set(permutation_mask)), set(permutation));
  lanes position[free_dims];
  for (int d = 0; d < free_dims; ++d) {
    const word_lanes shift = set(32 + dimension_bits * d);
    position[d] = number(hn::And(hn::Shr(inverse, shift), set(dimension_code_mask)));
  }
  for (int a = 0; a < free_dims; ++a) {
    for (int b = 0; b < free_dims; ++b) n.outside[Level][a][b] = position[a] < position[b];
  }
  n.simple = n.simple & decode_spatial<Level>(w, c, parallel);
  if (core::has(c.present, core::R)) {
    const auto is_whole = [&](word_lanes tile, std::int32_t size) {
      return equal(tile, set(static_cast<std::uint64_t>(size)));
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
  n.simple = equal(field<genome_fields::level_count()>(w), set(three));
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
    const cut<lanes>& outer = c.cuts[0][0];
    const lane_mask temporal = chained::detail::is_temporal(c, 0, 2);
    const lane_mask none =
        (outer.steps <= one) | (g.shared((c.units[0] - one) * c.tile[0]) <= zero);
    const lanes moved = select(temporal, (outer.steps - one) * g.more, zero);
    return one_by_one(c, g, !(temporal | none), {moved, moved}, chained::held_after_move);
  }

  held after_restart(const chained::chain_of<lanes>& c,
                     const row_grid<lanes>& g,
                     held below) const {
    const lane_mask temporal = chained::detail::is_temporal(c, 0, 2);
    const lane_mask single = c.cuts[0][0].steps <= lanes(1);
    const lane_mask others = temporal | single | chained::is_far_after_restart(c, g);
    const lanes one = select(temporal, chained::detail::held_by_one(c, g, 0, 0, 2), lanes(0));
    return one_by_one(c,
                      g,
                      !others,
                      {select(single, below.by_units, one), select(single, below.by_all, one)},
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

/// Which sums make up a tensor's traffic, a dimension each.
using lane_factors = const lanes* const[free_dims];

/// What passes of a tensor at a level, as moving_elements of chained/traffic.hpp.
template <unsigned Movers>
lanes moving_elements(const lane_nests& n, int level, lane_factors& f) {
  using chained::moves, chained::restarts, chained::same;
  lanes total = f[0][same] * f[1][same] * f[2][same] * f[3][same];
  for (int l = 0; l <= level; ++l) {
    const int outside = l == level ? same : restarts(l + 1);
    for (int mover = 0; mover < free_dims; ++mover) {
      if ((Movers >> mover & 1) == 0) continue;
      lanes held = f[mover][moves(l)];
      for (int d = 0; d < free_dims; ++d) {
        if (d == mover) continue;
        held = held * select(n.outside[l][d][mover], f[d][outside], f[d][restarts(l)]);
      }
      total = total - held;
    }
  }
  return total;
}

struct lane_passing {
  lanes reads;
  lanes fills;
  lanes outputs;
};

inline lane_passing traffic_of_level(const lane_nests& n,
                                     int level,
                                     const closed_layer<double>& l) {
  using namespace core;
  chained::detail::level_sums<lanes> s;
  for (int d = 0; d < free_dims; ++d) {
    const int axis = d == X ? 1 : 0;
    const row_grid<lanes> g{lanes(l.each[axis]), lanes(l.more[axis])};
    chained::detail::sum_dimension(n.of[d], d, level, l.is_depthwise, g, deep_of_lanes{}, s);
  }
  constexpr unsigned of_input = 1u << K | 1u << Y | 1u << X, of_filter = 1u << Y | 1u << X;
  const lanes filter(l.filter);
  lane_factors read = {s.group_steps[K], s.held_by_units[C], s.held_by_all[Y], s.held_by_all[X]};
  lane_factors filled = {s.unit_steps[K],
                         s.held_by_units[C],
                         s.held_by_units[Y],
                         s.held_by_units[X]};
  lane_factors filter_read = {s.held_by_units[K],
                              s.held_by_units[C],
                              s.group_steps[Y],
                              s.group_steps[X]};
  lane_factors filter_filled = {s.held_by_units[K],
                                s.held_by_units[C],
                                s.unit_steps[Y],
                                s.unit_steps[X]};
  lane_factors outputs = {s.outputs[K], s.outputs[C], s.outputs[Y], s.outputs[X]};
  return {moving_elements<of_input>(n, level, read) +
              filter * moving_elements<of_filter>(n, level, filter_read),
          moving_elements<of_input>(n, level, filled) +
              filter * moving_elements<of_filter>(n, level, filter_filled),
          moving_elements<1u << C>(n, level, outputs)};
}

inline void set_sizes_and_runtime(const lane_nests& n,
                                  const closed_layer<double>& l,
                                  const closed_accelerator<double>& a,
                                  closed_figures<lanes>& f) {
  lanes work(l.filter), steps[three] = {lanes(1), lanes(1), lanes(1)};
  for (int d = 0; d < free_dims; ++d) {
    const auto path = chained::detail::follow_busiest(n.of[d], three);
    work = work * path.extents;
    for (int level = 0; level < three; ++level) steps[level] = steps[level] * path.steps[level];
  }
  f.runtime_cycles = work + lanes(a.first_step_delay) * (lanes(1) + steps[0] + steps[1]);
  f.is_runtime_final = a.has_quick_noc ? lanes(0) < lanes(1) : lanes(1) < lanes(0);
  for (int level = 0; level < three; ++level) {
    lanes length[free_dims];
    for (int d = 0; d < free_dims; ++d) {
      const chained::chain_of<lanes>& c = n.of[d];
      length[d] = min_of(c.units[level] * c.tile[level], c.length[level][0]);
    }
    const auto most = detail::elements_of<lanes>(l, length);
    const lanes bw(level == 0 ? a.least_bw : a.noc_bw);
    f.is_runtime_final =
        f.is_runtime_final & (most.input + most.filter <= bw) & (most.output <= bw);
    if (level == 0) f.l2_size = lanes(2) * (most.input + most.filter + most.output);
  }
  lanes tile[free_dims];
  for (int d = 0; d < free_dims; ++d) tile[d] = n.of[d].tile[three - 1];
  const auto in_pe = detail::elements_of<lanes>(l, tile);
  f.l1_size = lanes(2) * (in_pe.input + in_pe.filter + in_pe.output);
}

/// Figures of three levels; as closed_form of closed_form.hpp.
inline closed_figures<lanes> closed_form(const lane_nests& n,
                                         const closed_layer<double>& l,
                                         const closed_accelerator<double>& a) {
  closed_figures<lanes> f;
  set_sizes_and_runtime(n, l, a, f);
  const lane_passing outer = traffic_of_level(n, 0, l);
  const lane_passing middle = traffic_of_level(n, 1, l);
  const lane_passing inner = traffic_of_level(n, 2, l);
  f.l1_fills = inner.fills;
  f.l2_traffic = outer.reads + outer.outputs + outer.outputs;
  f.cluster_traffic = outer.fills + middle.reads + middle.outputs + middle.outputs + middle.fills +
                      inner.reads + inner.outputs + inner.outputs;
  f.cluster_size = lanes(0);
  return f;
}

}  // namespace
}  // namespace cugamma::exact
