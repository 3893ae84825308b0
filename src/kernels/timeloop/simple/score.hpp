#pragma once

#include <type_traits>

#include "timeloop/simple/slide.hpp"

/// Costs of simple mappings: MACs share no words, all groups of a fan-out have one size, and no
/// neighbour serves. Then a level hands down each tensor in a single record, and few numbers need
/// an index of the run. Most mappings are simple; the closed form takes the others.
namespace cugamma::timeloop::simple {

/// Meets all loops. Leaves in rows.amount(tensor * levels + level) the words that the level hands
/// down, in those past the last tensor its instances in use. False if the mapping is not simple.
template <int Tensors, class Factor>
CUGAMMA_HD bool walk_inward(walk<Tensors, Factor>& w) {
  const tables& t = w.t;
  const int levels = t.shape.num_levels, tensors = t.shape.num_tensors;
  const int dimensions = t.shape.num_dimensions;
  const box<Factor> whole{w.rows, t.shape.num_places * dimensions};
  CUGAMMA_UNROLL
  for (int i = 0; i < Tensors; ++i) {
    w.last[i] = -1;
    if (i >= tensors) continue;
    w.tiles[i] = closed::volume(t.tensors[i], whole);
    if (t.tensors[i].is_output) w.whole_output = w.tiles[i];
  }
  for (int level = levels; level-- > 0;) {
    fan f;
    if (!read_fan(w, level, f) || (level == 0 && f.dimensions != 0)) return false;
    check(w, level, f);
    meet_loops(w, level);
    const box<Factor> tile{w.rows, first_place(t, level) * dimensions};
    CUGAMMA_UNROLL
    for (int i = 0; i < Tensors; ++i) {
      if (i >= tensors) continue;
      std::int64_t words = w.outward;
      if (level > 0) {
        const std::int64_t full = closed::volume(t.tensors[i], tile);
        if (!hand_down(w, i, level, f, full, words)) return false;
        w.tiles[i] = full;
      }
      w.rows.amount(i * levels + level) = static_cast<double>(words);
    }
    w.rows.amount(tensors * levels + level) = static_cast<double>(w.x * w.y);
    w.x *= f.used_x;
    w.y *= f.used_y;
  }
  return true;
}

/// Why a mapping is rejected, once all its loops are met.
template <int Tensors, class Factor>
CUGAMMA_HD refusal verdict(const walk<Tensors, Factor>& w) {
  CUGAMMA_UNROLL
  for (int i = 0; i < Tensors; ++i) {
    if (i < w.t.shape.num_tensors && w.last[i] < 0) {
      return {rejection::tensor_kept_nowhere, -1, closed::no_measure};
    }
  }
  const refusal macs = closed::check_macs(w.t, w.x, w.y);
  if (macs.why != rejection::none) return macs;
  return w.by_level.why != rejection::none ? w.by_level : w.by_fan_out;
}

/// To how many groups a level hands each tensor down, to how many elements in all.
template <int Tensors>
struct spread {
  double groups[Tensors];
  double used;
};

template <int Tensors, class Factor>
CUGAMMA_HD spread<Tensors> spread_of(const tables& t, thread_rows<Factor>& rows, int level) {
  spread<Tensors> s;
  s.used = 1;
  CUGAMMA_UNROLL
  for (int i = 0; i < Tensors; ++i) s.groups[i] = 1;
  const int dimensions = t.shape.num_dimensions, place = t.spatial_place[level];
  if (place < 0) return s;
  for (int d = 0; d < dimensions; ++d) {
    const auto factor = static_cast<double>(rows.factor(place * dimensions + d));
    s.used *= factor;
    CUGAMMA_UNROLL
    for (int i = 0; i < Tensors; ++i) {
      if ((t.tensors[i].relevant >> d & 1) != 0) s.groups[i] *= factor;
    }
  }
  return s;
}

/// What the levels met so far, from the inside, come to.
template <int Tensors>
struct running {
  double content[Tensors];  ///< accesses of the level at hand to a tensor
  double part;              ///< of the output, of one instance of it
  std::int64_t busy_cycles;
};

/// Counts a level as closed::count_tensor does, and goes on to the next outer one.
template <int Tensors, class Factor>
CUGAMMA_HD void count_level(const walk<Tensors, Factor>& w,
                            int level,
                            running<Tensors>& r,
                            closed::level_counts (&counts)[Tensors]) {
  const tables& t = w.t;
  const int levels = t.shape.num_levels, next = level + 1 < levels ? level + 1 : level;
  const unsigned keep = kept_tensors(w.g, level);
  const spread<Tensors> s = spread_of<Tensors>(t, w.rows, next);
  double output_groups = 1;
  CUGAMMA_UNROLL
  for (int i = 0; i < Tensors; ++i) {
    counts[i] = {};
    if (i >= t.shape.num_tensors || level > w.last[i]) continue;
    const bool is_output = t.tensors[i].is_output, is_kept = (keep >> i & 1) != 0;
    const double part = is_output ? r.part : 0, handed = w.rows.amount(i * levels + next);
    if (is_output) output_groups = s.groups[i];
    const bool is_last = level == w.last[i];
    if (is_kept) {
      closed::detail::set_counts(is_output,
                                 is_last,
                                 r.content[i],
                                 is_last ? 0 : handed,
                                 0,
                                 part,
                                 counts[i]);
      r.content[i] = s.groups[i] * handed;
    } else {
      r.content[i] = s.groups[i] * handed * (r.content[i] * s.used / (handed * s.used));
    }
  }
  r.part *= output_groups;
}

/// Whether a level may take more than so many cycles; with a margin for what rounding adds.
template <int Tensors>
CUGAMMA_HD bool may_slow_down(const level_row& l,
                              const closed::level_counts (&counts)[Tensors],
                              std::int64_t busy_cycles) {
  double read = 0, written = 0;
  CUGAMMA_UNROLL
  for (int i = 0; i < Tensors; ++i) {
    read += static_cast<double>(counts[i].reads) * l.scales[i];
    written += static_cast<double>(counts[i].fills + counts[i].updates) * l.scales[i];
  }
  const double margin = static_cast<double>(busy_cycles) * (1 - 0x1p-40);
  return read > l.read_bandwidth * margin || written > l.write_bandwidth * margin ||
         read + written > l.shared_bandwidth * margin;
}

/// preconditions: all loops are met, nothing rejects the mapping
template <int Tensors, class Factor>
CUGAMMA_HD void price(const walk<Tensors, Factor>& w, cost& out) {
  const tables& t = w.t;
  const int levels = t.shape.num_levels, tensors = t.shape.num_tensors;
  running<Tensors> r;
  CUGAMMA_UNROLL
  for (int i = 0; i < Tensors; ++i) r.content[i] = static_cast<double>(w.outward);
  r.part = static_cast<double>(w.whole_output) / static_cast<double>(w.output_groups);
  r.busy_cycles = w.outward;
  for (int b = 0; b < levels; ++b) {
    const level_row& l = t.levels[b];
    const auto instances = static_cast<std::int64_t>(w.rows.amount(tensors * levels + b));
    closed::level_counts counts[Tensors];
    count_level(w, b, r, counts);
    if (l.has_bandwidth && may_slow_down(l, counts, r.busy_cycles)) {
      constexpr std::integral_constant<int, Tensors> all;
      const std::int64_t own = closed::detail::level_cycles(l, counts, all, 1, w.outward);
      r.busy_cycles = own > r.busy_cycles ? own : r.busy_cycles;
    }
    std::int64_t accesses = 0;
    CUGAMMA_UNROLL
    for (int i = 0; i < Tensors; ++i) {
      if (i >= tensors) continue;
      const closed::level_counts& c = counts[i];
      w.rows.amount(i * levels + b) =
          closed::detail::stored_pj(l, c, t.tensors[i].is_output, instances);
      accesses += c.reads + c.fills + c.updates;
    }
    out.accesses[b] = accesses * instances;
  }
  out.cycles = r.busy_cycles + t.latency_cycles;
  double energy_pj = t.compute_pj;
  for (int b = 0; b < levels; ++b) {
    const auto instances = static_cast<std::int64_t>(w.rows.amount(tensors * levels + b));
    const double leak = closed::detail::leak_share(t.levels[b], r.busy_cycles, instances, tensors);
    CUGAMMA_UNROLL
    for (int i = 0; i < Tensors; ++i) {
      if (i < tensors) energy_pj += w.rows.amount(i * levels + b) + leak;
    }
  }
  out.energy_pj = energy_pj;
}

/// Scores a mapping. False, with out unwritten, if it is not simple. preconditions: the tables'
/// mappings may be simple and have at most `Tensors` tensors; the genome is of their shape
template <int Tensors, class Factor>
CUGAMMA_HD bool score(const tables& t,
                      const genome_words& g,
                      thread_rows<Factor>& rows,
                      cost& out) {
  read_factors(t.shape, g, rows);
  walk<Tensors, Factor> w{t, g, rows};
  if (!walk_inward(w)) return false;
  const refusal r = verdict(w);
  out = closed::cost_of(r);
  if (r.why == rejection::none) price(w, out);
  return true;
}

}  // namespace cugamma::timeloop::simple
