#pragma once

#include <array>
#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/mapping/mapping.hpp"
#include "cugamma/models/area.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "models/maestro/counts.hpp"
#include "models/maestro/figures.hpp"
#include "models/maestro/legality.hpp"
#include "models/maestro/reference/analysis.hpp"
#include "models/maestro/reference/level_plan.hpp"
#include "models/maestro/reference/maestro_report.hpp"
#include "models/maestro/tensors.hpp"

namespace cugamma {

namespace reference {

CUGAMMA_HD constexpr double ratio(std::int64_t a, std::int64_t b) {
  return static_cast<double>(a) / static_cast<double>(b);
}

CUGAMMA_HD constexpr std::array<std::int64_t, 3> min_max_mean(const delay_range& d,
                                                              std::int64_t steps) {
  if (steps == 0) return {};
  return {d.min, d.max, d.sum / steps};
}

CUGAMMA_HD constexpr maestro_counts counts_of(const level_result& r) {
  maestro_counts n;
  n.num_macs = r.num_macs;
  n.output_l1 = r.output_l1;
  n.input_l2_read = r.traffic.input;
  n.filter_l2_read = r.traffic.filter;
  n.output_l2_write = r.traffic.output;
  n.l1_size_elems = r.inner_l1_elems;
  n.l2_size_elems = r.upper_buffer.total();
  n.inner_work_error = r.inner_work_error;
  return n;
}

/// The twelve access counts: MACs and the traffic of the three tensors are counted, L2 is filled
/// with each tensor once, and L1 is written with what L2 sends and serves every MAC.
CUGAMMA_HD constexpr access_counts accesses(const maestro_counts& n, const layer& l) {
  const tensor_set t = tensors_of(l);
  access_counts a;
  a.input_l1_read = a.filter_l1_read = n.num_macs;
  a.output_l1_read = a.output_l1_write = n.output_l1;
  a.input_l1_write = a.input_l2_read = n.input_l2_read;
  a.filter_l1_write = a.filter_l2_read = n.filter_l2_read;
  a.output_l2_write = n.output_l2_write;
  a.input_l2_write = elems(t.input, l);
  a.filter_l2_write = elems(t.filter, l);
  a.output_l2_read = unit_stride_output_elems(t, l);
  return a;
}

/// Columns that follow from the cost and the access counts.
CUGAMMA_HD constexpr void derive(maestro_report& p, const accelerator& a) {
  const cost& c = p.figures;
  p.hardware = hardware(c, a, a.num_pes);
  p.vector_width = a.simd_lanes;
  p.num_input_elements = p.accesses.input_l2_write;
  p.num_weight_elements = p.accesses.filter_l2_write;
  p.throughput_macs_per_cycle = ratio(c.num_macs, c.runtime_cycles);
  p.throughput_per_energy = p.throughput_macs_per_cycle / c.second_energy_nj * 1e9;
  p.ops_per_joule = static_cast<double>(c.num_macs) / c.second_energy_nj * 1e9;
  p.multicast_input = ratio(p.accesses.input_l1_write, p.accesses.input_l2_read);
  p.multicast_weight = ratio(p.accesses.filter_l1_write, p.accesses.filter_l2_read);
  p.input_reuse = ratio(p.accesses.input_l1_read, p.accesses.input_l1_write);
  p.filter_reuse = ratio(p.accesses.filter_l1_read, p.accesses.filter_l1_write);
  p.output_reuse = ratio(p.accesses.output_l1_read, p.accesses.output_l1_write);
}

}  // namespace reference

/// The model's reference form: MAESTRO's analysis of a mapping of a layer onto an accelerator, with
/// every case of every level. A mapping that is not legal has only figures.status; the rest is 0.
/// The cost's doubt is the largest |counted - own| / own, in single precision, over every
/// recursion: in each case of each level but the innermost, the partial tile and the full tile as
/// far as the case hands them down (see reference::analyze_below); own counts the tile with unit
/// stride; 0 for one level. precondition: a.num_pes, simd_lanes, noc_bw and offchip_bw are at
/// least 1.
CUGAMMA_HD constexpr maestro_report evaluate_reference(const layer& l,
                                                       const accelerator& a,
                                                       const mapping& m) {
  maestro_report p;
  p.figures.status = check_legality(l, a, m);
  if (!is_legal(p.figures.status)) return p;

  const reference::mapping_plan plan = reference::make_plan(l, a.num_pes, m);
  const reference::level_result r =
      reference::analyze_level<max_levels>(plan, a, 0, plan.levels[0].own);
  if (r.is_stuck || r.steps == 0) p.figures.status |= no_work;
  if (r.lost_reuse) p.figures.status |= edge_exceeds_tile;
  if (!is_legal(p.figures.status)) return p;
  const maestro_counts counts = reference::counts_of(r);
  const layer_totals totals = totals_of(l);
  const maestro_problem judged_by{totals, a};
  p.figures = cost_of(counts, r.runtime_cycles, judged_by, a.num_pes, m.level_count);
  p.accesses = reference::accesses(counts, l);
  p.peak_noc_bw = r.peak_noc_bw;
  p.avg_noc_bw = reference::ratio(r.noc_bw_sum, r.steps);
  p.offchip_bw = r.offchip_bw;
  p.ingress_cycles = reference::min_max_mean(r.ingress, r.steps);
  p.egress_cycles = reference::min_max_mean(r.egress, r.steps);
  p.compute_cycles = reference::min_max_mean(r.compute, r.steps);
  p.avg_utilized_pes = r.active_units;
  p.arithmetic_intensity = r.arithmetic_intensity;
  reference::derive(p, a);
  return p;
}

}  // namespace cugamma
