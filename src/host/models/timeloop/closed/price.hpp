#pragma once

#include "cugamma/models/timeloop/scoring.hpp"
#include "models/timeloop/closed/counts.hpp"

namespace cugamma::timeloop::closed {

/// Why a mapping is rejected; as cost.
struct refusal {
  rejection why = rejection::none;
  std::int8_t at = -1;
  float excess = 0;
};

CUGAMMA_HD inline cost cost_of(const refusal& r) {
  cost c;
  c.why = r.why;
  c.at = r.at;
  c.excess = r.excess;
  return c;
}

/// The excess of mappings that are rejected for another reason than a number.
inline constexpr float no_measure = 2;

namespace detail {

CUGAMMA_HD inline refusal refused(rejection why, int at, double excess) {
  return {why, static_cast<std::int8_t>(at), static_cast<float>(excess)};
}

CUGAMMA_HD inline refusal refused(rejection why,
                                  int at,
                                  std::int64_t asked,
                                  std::int64_t there_is) {
  return refused(why, at, static_cast<double>(asked) / static_cast<double>(there_is));
}

}  // namespace detail

/// What of x columns and y rows of MACs does not fit.
CUGAMMA_HD inline refusal check_macs(const tables& t, std::int64_t x, std::int64_t y) {
  using enum rejection;
  if (x * y > t.mac_instances) return detail::refused(mac_instances, -1, x * y, t.mac_instances);
  if (x > t.mac_mesh_x) return detail::refused(mac_mesh_x, -1, x, t.mac_mesh_x);
  if (y > t.mac_mesh_y) return detail::refused(mac_mesh_y, -1, y, t.mac_mesh_y);
  return {};
}

/// What of a level does not fit. tiles: words of all tensors that it keeps; x, y: instances in use
CUGAMMA_HD inline refusal check_level(const level_row& l,
                                      int level,
                                      std::int64_t tiles,
                                      std::int64_t x,
                                      std::int64_t y) {
  using enum rejection;
  if (tiles > l.usable) return detail::refused(capacity, level, tiles, l.usable);
  if (static_cast<double>(tiles) < l.least) {
    return detail::refused(min_utilization, level, l.least / static_cast<double>(tiles));
  }
  if (x * y > l.instances) return detail::refused(instances, level, x * y, l.instances);
  if (x > l.mesh_x) return detail::refused(mesh_x, level, x, l.mesh_x);
  if (y > l.mesh_y) return detail::refused(mesh_y, level, y, l.mesh_y);
  return {};
}

/// What exceeds a level's fan-out, as Timeloop's mapper asks.
CUGAMMA_HD inline refusal check_fan_out(const level_row& l,
                                        int level,
                                        std::int64_t used_x,
                                        std::int64_t used_y) {
  using enum rejection;
  if (used_x > l.fan_x) return detail::refused(fan_out_x, level, used_x, l.fan_x);
  if (used_y > l.fan_y) return detail::refused(fan_out_y, level, used_y, l.fan_y);
  return {};
}

namespace detail {

CUGAMMA_HD inline std::int64_t kept_words(const tables& t,
                                          const genome& g,
                                          const nest& n,
                                          int level) {
  std::int64_t words = 0;
  for (int i = 0; i < t.shape.num_tensors; ++i) {
    if (keeps(g, level, i)) words += n.words[i][level + 1];
  }
  return words;
}

/// What does not fit the accelerator; then what exceeds a fan-out.
CUGAMMA_HD inline refusal check_fit(const tables& t, const genome& g, const nest& n) {
  const refusal macs = check_macs(t, n.instances_x[0], n.instances_y[0]);
  if (macs.why != rejection::none) return macs;
  for (int b = 0; b < t.shape.num_levels; ++b) {
    const refusal r = check_level(t.levels[b],
                                  b,
                                  kept_words(t, g, n, b),
                                  n.instances_x[b + 1],
                                  n.instances_y[b + 1]);
    if (r.why != rejection::none) return r;
  }
  for (int b = 0; b < t.shape.num_levels; ++b) {
    const refusal r = check_fan_out(t.levels[b], b, n.fans[b].used_x, n.fans[b].used_y);
    if (r.why != rejection::none) return r;
  }
  return {};
}

/// Cycles that a level's bandwidth allows; compute_cycles at least. Count: of tensors, a type whose
/// value may be constant
template <class Count>
CUGAMMA_HD inline std::int64_t level_cycles(const level_row& l,
                                            const level_counts* const counts,
                                            Count tensors,
                                            int stride,
                                            std::int64_t compute_cycles) {
  const auto cycles = static_cast<double>(compute_cycles);
  double read = 0, written = 0;
  CUGAMMA_UNROLL
  for (int t = 0; t < tensors; ++t) {
    const level_counts& c = counts[t * stride];
    read += static_cast<double>(c.reads) / cycles * l.scales[t];
    written += static_cast<double>(c.fills + c.updates) / cycles * l.scales[t];
  }
  double slowdown = 1;
  if (l.read_bandwidth < read) slowdown = l.read_bandwidth / read;
  if (l.write_bandwidth < written && l.write_bandwidth / written < slowdown) {
    slowdown = l.write_bandwidth / written;
  }
  const double both = read + written;
  if (l.shared_bandwidth < both && l.shared_bandwidth / both < slowdown) {
    slowdown = l.shared_bandwidth / both;
  }
  const double needed = cycles / slowdown;
  const auto whole = static_cast<std::int64_t>(needed);
  return whole + (static_cast<double>(whole) < needed ? 1 : 0);
}

/// Accesses of whole vectors that hold `words` words.
CUGAMMA_HD inline double vectors(std::int64_t words, const level_row& l) {
  const std::int64_t up = words + l.block_size - 1;
  return static_cast<double>(l.block_shift >= 0 ? up >> l.block_shift : up / l.block_size);
}

/// Energy of a tensor at a level but for leakage; as reference::set_storage.
CUGAMMA_HD inline double stored_pj(const level_row& l,
                                   const level_counts& c,
                                   bool is_output,
                                   std::int64_t instances) {
  const auto clusters = static_cast<double>(instances < l.clusters ? instances : l.clusters);
  const double one = vectors(c.reads, l) * l.read_pj + vectors(c.fills, l) * l.fill_pj +
                     vectors(c.updates, l) * l.update_pj;
  const std::int64_t addresses = (is_output ? c.updates : c.reads) + c.fills;
  return one * clusters + static_cast<double>(addresses) * l.address_pj * clusters;
}

/// A tensor's share of a level's leakage.
CUGAMMA_HD inline double leak_share(const level_row& l,
                                    std::int64_t busy_cycles,
                                    std::int64_t instances,
                                    int tensors) {
  const double leak = l.leak_pj * static_cast<double>(busy_cycles) * static_cast<double>(instances);
  return leak / static_cast<double>(tensors);
}

CUGAMMA_HD inline cost priced(const tables& t,
                              const nest& n,
                              const level_counts (*counts)[max_levels]) {
  const int levels = t.shape.num_levels, tensors = t.shape.num_tensors;
  std::int64_t busy_cycles = n.cycles;
  for (int b = 0; b < levels; ++b) {
    if (!t.levels[b].has_bandwidth) continue;
    const std::int64_t own =
        level_cycles(t.levels[b], &counts[0][b], tensors, max_levels, n.cycles);
    busy_cycles = own > busy_cycles ? own : busy_cycles;
  }
  cost c;
  c.cycles = busy_cycles + t.latency_cycles;
  c.energy_pj = t.compute_pj;
  for (int b = 0; b < levels; ++b) {
    const level_row& l = t.levels[b];
    const std::int64_t instances = n.instances(b);
    const double leak = leak_share(l, busy_cycles, instances, tensors);
    std::int64_t accesses = 0;
    for (int i = 0; i < tensors; ++i) {
      const level_counts& x = counts[i][b];
      const double stored = stored_pj(l, x, t.tensors[i].is_output, instances) + leak;
      c.energy_pj += stored + x.network_pj;
      accesses += x.reads + x.fills + x.updates;
    }
    c.accesses[b] = accesses * instances;
  }
  return c;
}

}  // namespace detail

CUGAMMA_HD inline cost broken_down() { return cost_of({rejection::breakdown, -1, no_measure}); }

/// What is wrong with a mapping before anything is counted; else the cost of nothing.
CUGAMMA_HD inline cost check(const tables& t, const genome& g, const nest& n) {
  for (int i = 0; i < t.shape.num_tensors; ++i) {
    if (outermost_keeper(g, t.shape.num_levels, i) < 0) {
      return cost_of({rejection::tensor_kept_nowhere, -1, no_measure});
    }
  }
  return cost_of(detail::check_fit(t, g, n));
}

/// Whether the counts decide if a mapping that `check` rejects breaks down, which comes first.
CUGAMMA_HD inline bool may_break_down(const tables& t, const cost& checked) {
  return t.may_break_down && checked.why != rejection::tensor_kept_nowhere;
}

/// Scores a mapping. False, with out unwritten, if traffic takes an element list to count and
/// `elements` (see count_tensor) cannot. preconditions: the genome is one of the tables' shape
template <class Elements>
CUGAMMA_HD bool score(const genome& g, const tables& t, Elements& elements, cost& out) {
  nest n;
  read_nest(g, t, n);
  const cost checked = check(t, g, n);
  if (checked.why != rejection::none && !may_break_down(t, checked)) {
    out = checked;
    return true;
  }
  level_counts counts[max_tensors][max_levels];
  bool breaks_down = false;
  for (int i = 0; i < t.shape.num_tensors; ++i) {
    const counted how = count_tensor(t, g, n, i, counts[i], elements);
    if (how == counted::left_over) return false;
    breaks_down = breaks_down || how == counted::broken_down;
  }
  if (breaks_down) {
    out = broken_down();
  } else {
    out = checked.why != rejection::none ? checked : detail::priced(t, n, counts);
  }
  return true;
}

}  // namespace cugamma::timeloop::closed
