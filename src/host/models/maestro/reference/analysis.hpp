#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "cugamma/hd.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "models/maestro/reference/cases.hpp"
#include "models/maestro/reference/level_plan.hpp"
#include "models/maestro/reference/volumes.hpp"
#include "models/maestro/work_error.hpp"
#include "problem/noc_delay.hpp"

namespace cugamma::reference {

/// Smallest, largest and summed delay of the steps of a level, in cycles.
struct delay_range {
  std::int64_t min = std::numeric_limits<std::int64_t>::max();
  std::int64_t max = 0;
  std::int64_t sum = 0;

  CUGAMMA_HD constexpr void add(std::int64_t cycles, std::int64_t occurrences) {
    min = std::min(min, cycles);
    max = std::max(max, cycles);
    sum += occurrences * cycles;
  }
};

/// Elements per tensor.
struct tensor_elems {
  std::int64_t input = 0;
  std::int64_t filter = 0;
  std::int64_t output = 0;

  CUGAMMA_HD constexpr std::int64_t total() const { return input + filter + output; }
};

/// What the analysis of a level over a work tile yields; sums run over all steps of all cases.
struct level_result {
  std::int64_t runtime_cycles = 0;
  std::int64_t num_macs = 0;
  std::int64_t steps = 0;
  tensor_elems traffic;             ///< received and sent by this level
  std::int64_t output_l1 = 0;       ///< partial sums written and read, skipped cases included
  tensor_elems upper_buffer;        ///< above this level, double buffered
  tensor_elems lower_buffer;        ///< in one sub-cluster, double buffered
  std::int64_t inner_l1_elems = 0;  ///< L1 of a PE: lower_buffer of the first analysis to finish
  delay_range ingress;
  delay_range egress;
  delay_range compute;
  std::int64_t peak_noc_bw = 0;  ///< elements per cycle
  std::int64_t noc_bw_sum = 0;
  std::int64_t offchip_bw = 0;
  double active_units = 0;  ///< mean number of active PEs
  double arithmetic_intensity = 0;
  float inner_work_error = 0;
  bool is_stuck = false;    ///< the outermost level has a step without work
  bool lost_reuse = false;  ///< see reuses_nothing
};
static_assert(std::is_trivially_copyable_v<level_result>);

/// Cycles in which a NoC delivers `elems`: the head's latency, then noc_bw a cycle. No elements
/// take one cycle less than the head (AHW_noc-model.hpp, GetOutStandingDelay).
CUGAMMA_HD constexpr std::int64_t noc_delay_cycles(const accelerator& a, std::int64_t elems) {
  const std::int64_t sends = elems / a.noc_bw + (elems % a.noc_bw != 0 ? 1 : 0);
  return noc_delay(a) + sends - 1;
}

/// MACs that a tile needs, were its windows moved by one: the product of all its dimensions, Y and
/// X counted in windows. 0 if it is smaller than a window.
CUGAMMA_HD constexpr std::int64_t own_macs(const tensor_set& t, const extents& tile) {
  std::int64_t macs = 1;
  for (int i = 0; i < dimension_count; ++i) {
    const dimension d = static_cast<dimension>(i);
    const std::int64_t size = slides(t, d) ? tile[d] - tile[window_of(d)] + 1 : tile[d];
    macs *= std::max<std::int64_t>(size, 0);
  }
  return macs;
}

/// Buffers that a case needs, two of each so that the next step's data can arrive
/// (CA_cost-analysis-engine.hpp, UpdateBufferSizeReq). Inputs add up: MAESTRO asks again until a
/// case has counted.
CUGAMMA_HD constexpr void add_buffers(const tensor_set& t,
                                      const level_plan& p,
                                      const iteration_case& c,
                                      level_result& r) {
  const auto tile = [&](const tensor& x) {
    std::int64_t volume = 1;
    for (int i = 0; i < x.dim_count; ++i) volume *= p.sizes[index_of(x.dims[i])].mapped;
    return volume;
  };
  r.upper_buffer.input += 2 * ingress(t.input, p, c);
  r.upper_buffer.filter += 2 * ingress(t.filter, p, c);
  r.upper_buffer.output = 2 * egress(t, p, c);
  r.lower_buffer.input += 2 * tile(t.input);
  r.lower_buffer.filter += 2 * tile(t.filter);
  r.lower_buffer.output = 2 * tile(t.output);
}

/// One step of a case, before it is known how long it takes.
struct step_volumes {
  std::int64_t ingress = 0;
  std::int64_t egress = 0;
  std::int64_t macs = 0;
};

/// How long the level below computes, and how many PEs of it work.
struct inner_step {
  std::int64_t compute_cycles = 0;
  double active_units = 0;
};

/// Tiles that a level has handed down so far, and what the level below made of them. Most cases
/// hand down the same few, so each is analysed once; MAESTRO analyses it again in every case.
struct known_tiles {
  struct entry {
    extents tile;
    std::int64_t runtime_cycles = 0;
    double active_units = 0;
  };
  std::array<entry, 24> entries{};
  int count = 0;

  CUGAMMA_HD constexpr const entry* find(const extents& tile) const {
    for (int i = 0; i < count; ++i) {
      if (entries[i].tile == tile) return &entries[i];
    }
    return nullptr;
  }
  /// A tile more than there is room for is analysed again the next time.
  CUGAMMA_HD constexpr void add(const entry& e) {
    if (count < static_cast<int>(entries.size())) entries[count++] = e;
  }
};

template <int Levels>
CUGAMMA_HD constexpr level_result analyze_level(const mapping_plan& plan,
                                                const accelerator& a,
                                                int level,
                                                const extents& work);

/// Analyses one tile at the level below, and keeps what is judged over all tiles.
template <int Levels>
[[gnu::noinline]] CUGAMMA_HD constexpr known_tiles::entry analyze_tile(const mapping_plan& plan,
                                                                       const accelerator& a,
                                                                       int level,
                                                                       const extents& tile,
                                                                       level_result& r) {
  const level_result inner = analyze_level<Levels - 1>(plan, a, level + 1, tile);
  if (r.inner_l1_elems == 0) r.inner_l1_elems = inner.inner_l1_elems;
  r.lost_reuse |= inner.lost_reuse;
  const std::int64_t own = std::max<std::int64_t>(own_macs(plan.tensors, tile), 1);
  r.inner_work_error = std::max(
      {r.inner_work_error, inner.inner_work_error, core::work_error(true, inner.num_macs, own)});
  return {tile, inner.runtime_cycles, inner.active_units};
}

/// Adds a tile that a case hands down to `sub_clusters` sub-clusters.
template <int Levels>
CUGAMMA_HD constexpr void hand_down(const mapping_plan& plan,
                                    const accelerator& a,
                                    int level,
                                    const extents& tile,
                                    std::int64_t sub_clusters,
                                    known_tiles& known,
                                    inner_step& step,
                                    level_result& r) {
  const known_tiles::entry* e = known.find(tile);
  const known_tiles::entry inner =
      e != nullptr ? *e : analyze_tile<Levels>(plan, a, level, tile, r);
  if (e == nullptr) known.add(inner);
  step.compute_cycles = std::max(step.compute_cycles, inner.runtime_cycles);
  step.active_units += inner.active_units * static_cast<double>(sub_clusters);
}

/// The level below in one step: up to two tiles are analysed, since in a spatial edge the last
/// active sub-cluster may hold a partial one. The slower one counts.
template <int Levels>
CUGAMMA_HD constexpr inner_step analyze_below(const mapping_plan& plan,
                                              const accelerator& a,
                                              int level,
                                              const iteration_case& c,
                                              known_tiles& known,
                                              level_result& r) {
  const level_plan& p = plan.levels[level];
  const iteration_state& s = c[p.first_spatial().dim];
  const std::int64_t active = s.is_edge() ? p.edge_sub_clusters : p.sub_clusters;
  const bool has_partial = s.is_edge() && s.partial_last;
  const std::int64_t full = has_partial ? active - 1 : active;

  inner_step step;
  if (has_partial) {
    hand_down<Levels>(plan, a, level, handed_down(p, c, true), 1, known, step, r);
  }
  if (full > 0) {
    hand_down<Levels>(plan, a, level, handed_down(p, c, false), full, known, step, r);
  }
  if (step.active_units == 0) step.active_units = static_cast<double>(active);
  return step;
}

/// A PE computes simd_lanes MACs a cycle.
CUGAMMA_HD constexpr inner_step compute_on_pe(const level_plan& p,
                                              const accelerator& a,
                                              const iteration_case& c,
                                              std::int64_t critical_macs) {
  const bool edge = c[p.first_spatial().dim].is_edge();
  return {(critical_macs + a.simd_lanes - 1) / a.simd_lanes,
          static_cast<double>(edge ? p.edge_sub_clusters : p.sub_clusters)};
}

/// The first step has nothing to overlap with; every other one lasts as long as the slowest of
/// computing, receiving and sending.
CUGAMMA_HD constexpr std::int64_t step_cycles(const iteration_case& c,
                                              std::int64_t compute,
                                              std::int64_t ingress,
                                              std::int64_t egress) {
  return c.all_init ? compute + ingress : std::max({egress, compute, ingress});
}

/// The outermost level also waits for the off-chip memory to fill and drain half of L2.
CUGAMMA_HD constexpr std::int64_t offchip_cycles(const level_result& r, const accelerator& a) {
  const std::int64_t in = (r.upper_buffer.input + r.upper_buffer.filter) / a.offchip_bw / 2;
  const std::int64_t out = r.upper_buffer.output / a.offchip_bw / 2;
  return std::max(in, out);
}

/// MAESTRO halves what the cases so far asked for after each case, so that their order shows
/// (CA_cost-analysis-engine.hpp, off_chip_bw_req).
CUGAMMA_HD constexpr void add_offchip_bandwidth(level_result& r, std::int64_t compute) {
  const std::int64_t in = (r.upper_buffer.input + r.upper_buffer.filter) / compute;
  const std::int64_t out = r.upper_buffer.output / compute;
  r.offchip_bw = std::max({r.offchip_bw, out, in}) / 2;
}

/// Adds the steps of a case whose volumes and inner level are known.
CUGAMMA_HD constexpr void add_steps(const accelerator& a,
                                    int level,
                                    const iteration_case& c,
                                    const step_volumes& v,
                                    const inner_step& below,
                                    level_result& r) {
  const std::int64_t ingress = noc_delay_cycles(a, v.ingress);
  const std::int64_t egress = noc_delay_cycles(a, v.egress);
  std::int64_t cycles = step_cycles(c, below.compute_cycles, ingress, egress);
  if (level == 0) {
    if (below.compute_cycles == 0) {
      r.is_stuck = true;
      return;
    }
    cycles = std::max(cycles, offchip_cycles(r, a));
    add_offchip_bandwidth(r, below.compute_cycles);
  }
  const std::int64_t compute = std::max<std::int64_t>(below.compute_cycles, 1);
  const std::int64_t busiest = std::max(v.ingress, v.egress);
  r.steps += c.occurrences;
  r.runtime_cycles += c.occurrences * cycles;
  r.num_macs += c.occurrences * v.macs;
  r.active_units += below.active_units * static_cast<double>(c.occurrences);
  r.peak_noc_bw = std::max(r.peak_noc_bw, busiest / compute);
  r.noc_bw_sum += c.occurrences * busiest / compute;
  r.arithmetic_intensity = static_cast<double>(v.macs) / static_cast<double>(v.ingress);
  r.ingress.add(ingress, c.occurrences);
  r.egress.add(egress, c.occurrences);
  r.compute.add(compute, c.occurrences);
}

/// One case. Where a partial tile is smaller than its window, MAESTRO counts the case's outputs and
/// then skips it.
template <int Levels>
CUGAMMA_HD constexpr void analyze_case(const mapping_plan& plan,
                                       const accelerator& a,
                                       int level,
                                       const iteration_case& c,
                                       known_tiles& known,
                                       level_result& r) {
  const tensor_set& t = plan.tensors;
  const level_plan& p = plan.levels[level];
  if (r.steps == 0) add_buffers(t, p, c, r);

  step_volumes v;
  v.egress = egress(t, p, c);
  v.macs = mac_count(t, p, c);
  r.traffic.output += c.occurrences * v.egress;
  r.output_l1 += c.occurrences * v.macs;
  const std::int64_t critical_macs = critical_path_macs(t, p, c);
  if (critical_macs <= 0) return;

  r.lost_reuse |= reuses_nothing(t.input, p, c) || reuses_nothing(t.filter, p, c);
  const std::int64_t input = ingress(t.input, p, c);
  const std::int64_t filter = ingress(t.filter, p, c);
  r.traffic.input += c.occurrences * input;
  r.traffic.filter += c.occurrences * filter;
  v.ingress = input + filter;

  inner_step below = compute_on_pe(p, a, c, critical_macs);
  if constexpr (Levels > 1) {
    if (level + 1 < plan.level_count) below = analyze_below<Levels>(plan, a, level, c, known, r);
  }
  add_steps(a, level, c, v, below, r);
}

/// Analyses one level of a plan over a work tile, case by case, and through analyze_below the
/// levels inside it (CA_cost-analysis-engine.hpp, AnalyzeClusterLevel_V2). Levels bounds the
/// recursion: precondition level_count - level <= Levels.
template <int Levels>
CUGAMMA_HD constexpr level_result analyze_level(const mapping_plan& plan,
                                                const accelerator& a,
                                                int level,
                                                const extents& work) {
  const level_plan& p = plan.levels[level];
  const case_table cases = make_cases(p, work);
  known_tiles known;
  level_result r;
  for (std::int64_t id = 0; id < cases.case_count; ++id) {
    analyze_case<Levels>(plan, a, level, case_at(p, cases, id), known, r);
  }
  if (r.inner_l1_elems == 0) r.inner_l1_elems = r.lower_buffer.total();
  if (r.steps != 0) r.active_units /= static_cast<double>(r.steps);
  return r;
}

}  // namespace cugamma::reference
