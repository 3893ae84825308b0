#pragma once

#include "exact/score_body.hpp"
#include "exact/waiting/step_kinds.hpp"
#include "models/exact/waiting/ranked_loops.hpp"

/// A mapping's loops at their places, as the threads that work on it share them.
namespace cugamma::exact::waiting {

/// Loops of a level that are of the tensors.
struct placed_roles {
  std::uint8_t input;
  std::uint8_t filter;
  std::uint8_t outputs;
};

/// Two levels of a mapping. Level 0's innermost loop of several steps is at the innermost place.
struct mapping_loops {
  dimension_steps<size> outer[loop_count];
  dimension_steps<size> inner[2][loop_count];  ///< in a whole tile of level 0, and in its last
  held_at_start<size> held[loop_count];        ///< by the places of level 0, as those below
  size off_chip_moved[loop_count];
  size off_chip_started[loop_count];
  size filter;          ///< R x S
  std::uint32_t kinds;  ///< classes of level 0's steps
  placed_roles roles[2];
  std::uint8_t place_in_outer[loop_count];  ///< of the dimension at a place of level 1
  std::uint8_t ending;                      ///< loops whose last step differs from the others
  std::uint8_t uneven;                      ///< whose last tile is smaller
  std::uint8_t parallel;                    ///< whose tiles several sub-clusters take
  std::uint8_t single;                      ///< and all of them at once
  std::uint8_t turns_outputs;
  std::uint8_t leaves_idle;  ///< some are idle in its last step and lose their outputs
  std::uint8_t has_working;  ///< several sub-clusters work in the last step of the parallel loop
  std::uint8_t has_idle;     ///< not all do
  std::uint8_t waits_off_chip;
  std::uint8_t turns;  ///< there are several steps
};

/// Facts of a dimension of a mapping that score_two_level() finds legal.
CUGAMMA_HD constexpr dimension_facts<size> read_dimension(const genome& g,
                                                          int d,
                                                          const layer_row& l,
                                                          std::int32_t machine_pes) {
  const size whole(l.closed.outputs[d]);
  const size pes(own_pes(g) != 0 ? own_pes(g) : machine_pes), in_cluster(cluster_size(g, 1));
  const size clusters = floor_div(pes, in_cluster);
  const auto units = [&](int level, size all) {
    return size(units_along(g, level, d, static_cast<std::int32_t>(all.v), l));
  };
  const size outer = min_of(size(tile_along(g, 0, d, l)), whole);
  const two_cuts<size> cuts = cut_twice(whole,
                                        outer,
                                        min_of(size(tile_along(g, 1, d, l)), outer),
                                        units(0, clusters),
                                        units(1, in_cluster));
  return facts_of(cuts, grid_of(l, d), d >= Y);
}

/// How many of the four loops of a level are outside each.
CUGAMMA_HD constexpr void read_places(const genome& g, int level, int (&outside)[free_dims]) {
  const std::uint32_t places = core::invert_order(g, level);
  const auto position = [&](int d) { return places >> (dimension_bits * d) & dimension_code_mask; };
  CUGAMMA_UNROLL
  for (int d = 0; d < free_dims; ++d) {
    outside[d] = 0;
    CUGAMMA_UNROLL
    for (int other = 0; other < free_dims; ++other) {
      outside[d] += position(other) < position(d) ? 1 : 0;
    }
  }
}

/// Where a dimension's loops are. steps: level 0's of each dimension.
struct dimension_places {
  int outer;
  int inner;
};

CUGAMMA_HD constexpr dimension_places places_of(const genome& g,
                                                int d,
                                                const size (&steps)[free_dims]) {
  int outside[free_dims] = {};
  read_places(g, 0, outside);
  int turning = -1, outer = 0, inner = 0;
  CUGAMMA_UNROLL
  for (int i = 0; i < free_dims; ++i) {
    if (steps[i] > size(1) && outside[i] > turning) turning = outside[i];
    if (i == d) outer = outside[i];
  }
  if (turning < 0) turning = innermost;
  read_places(g, 1, outside);
  CUGAMMA_UNROLL
  for (int i = 0; i < free_dims; ++i) {
    if (i == d) inner = outside[i];
  }
  return {outer == turning ? innermost : outer == innermost ? turning : outer, inner};
}

/// What a dimension says of its loops besides sizes: bits for gather_loops(), and above them its
/// place in level 1.
enum trait { in_input, in_filter, in_outputs, uneven, parallel, with_working, with_idle, traits };

/// Puts a dimension where its loops are. The result is for gather_loops().
CUGAMMA_HD constexpr std::uint32_t put_dimension(const dimension_facts<size>& f,
                                                 int d,
                                                 bool is_depthwise,
                                                 dimension_places at,
                                                 mapping_loops& out) {
  out.outer[at.outer] = f.outer;
  out.inner[0][at.inner] = f.inner[0];
  out.inner[1][at.inner] = f.inner[1];
  out.held[at.outer] = f.held;
  out.off_chip_moved[at.outer] = f.off_chip_moved;
  out.off_chip_started[at.outer] = f.outer.steps > size(1) ? f.off_chip_started : f.outer.all[0];
  out.place_in_outer[at.inner] = static_cast<std::uint8_t>(at.outer);
  const dimension_roles r = roles_of(d, is_depthwise);
  const bool has[traits] =
      {r.input, r.filter, r.outputs, f.is_uneven, f.is_parallel, f.has_working, f.has_idle};
  std::uint32_t bits = static_cast<std::uint32_t>(at.inner) << traits;
  CUGAMMA_UNROLL
  for (int t = 0; t < traits; ++t) bits |= (has[t] ? 1u : 0u) << t;
  return bits;
}

/// Completes a mapping's loops once its four dimensions are there. bits: by the places of level 0.
/// Also says which classes of steps level 0 has, the first and the last among them.
template <class Speeds>
CUGAMMA_HD constexpr void gather_loops(const std::uint32_t (&bits)[loop_count],
                                       const step_speeds<size, Speeds>& v,
                                       mapping_loops& out) {
  loop_bits ending = 0, several = 0, of[traits] = {}, inner[in_outputs + 1] = {};
  size steps[loop_count];
  input_elements<size> first{size(1), size(1)};
  size outputs(1);
  CUGAMMA_UNROLL
  for (int i = 0; i < loop_count; ++i) {
    const dimension_steps<size>& s = out.outer[i];
    steps[i] = s.steps;
    ending |= (s.length[0] < s.length[1] || s.length[0] > s.length[1] ? 1u : 0u) << i;
    several |= (s.steps > size(1) ? 1u : 0u) << i;
    CUGAMMA_UNROLL
    for (int t = 0; t < traits; ++t) of[t] |= (bits[i] >> t & 1) << i;
    CUGAMMA_UNROLL
    for (int t = 0; t <= in_outputs; ++t) inner[t] |= (bits[i] >> t & 1) << (bits[i] >> traits);
    if (has(of[in_input], i)) first.input = first.input * s.all[0];
    if (has(of[in_filter], i)) first.filter = first.filter * s.all[0];
    if (has(of[in_outputs], i)) outputs = outputs * s.length[0];
  }
  const auto byte = [](loop_bits b) { return static_cast<std::uint8_t>(b); };
  const size at_once(v.of.most_at_once);
  out.roles[0] = {byte(of[in_input]), byte(of[in_filter]), byte(of[in_outputs])};
  out.roles[1] = {byte(inner[in_input]), byte(inner[in_filter]), byte(inner[in_outputs])};
  out.ending = byte(ending);
  out.uneven = byte(of[uneven]);
  out.parallel = byte(of[parallel]);
  out.single = byte(of[parallel] & ~several);
  out.turns_outputs = byte(of[in_outputs] & several);
  out.leaves_idle = byte(of[with_idle] & ~of[in_outputs]);
  out.has_working = of[with_working] != 0;
  out.has_idle = of[with_idle] != 0;
  out.waits_off_chip = v.elements(first) > at_once || outputs > at_once;
  out.turns = several != 0;
  out.kinds = kinds_between(steps, ending) | 1u << first_step_kind |
              (several != 0 ? 1u << last_step_kind : 0u);
}

}  // namespace cugamma::exact::waiting
