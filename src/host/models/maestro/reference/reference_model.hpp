#pragma once

#include <array>
#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/mapping/mapping.hpp"
#include "cugamma/models/area.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/models/energy.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "models/maestro/legality.hpp"
#include "models/maestro/plausibility.hpp"
#include "models/maestro/reference/analysis.hpp"
#include "models/maestro/reference/level_plan.hpp"
#include "models/maestro/reference/maestro_report.hpp"

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

CUGAMMA_HD constexpr cost cost_of(const level_result& r) {
  cost c;
  c.runtime_cycles = r.runtime_cycles;
  c.num_macs = r.num_macs;
  c.input_l2_read = r.traffic.input;
  c.filter_l2_read = r.traffic.filter;
  c.output_l2_write = r.traffic.output;
  c.l1_size_elems = r.inner_l1_elems;
  c.l2_size_elems = r.upper_buffer.total();
  c.inner_work_error = r.inner_work_error;
  return c;
}

/// Columns that follow from the cost.
CUGAMMA_HD constexpr void derive(maestro_report& p,
                                 const layer& l,
                                 const accelerator& a,
                                 int levels) {
  const cost& c = p.figures;
  p.energy_nj = energy_nj(c.num_macs, p.accesses, a.constants);
  p.maestro_csv_energy_nj = maestro_csv_energy_nj(p.accesses, a.constants, levels);
  p.hardware = hardware(c, a, a.num_pes);
  p.vector_width = a.simd_lanes;
  p.num_input_elements = p.accesses.input_l2_write;
  p.num_weight_elements = p.accesses.filter_l2_write;
  p.throughput_macs_per_cycle = ratio(c.num_macs, c.runtime_cycles);
  p.throughput_per_energy = p.throughput_macs_per_cycle / p.maestro_csv_energy_nj * 1e9;
  p.ops_per_joule = static_cast<double>(c.num_macs) / p.maestro_csv_energy_nj * 1e9;
  p.multicast_input = ratio(p.accesses.input_l1_write, c.input_l2_read);
  p.multicast_weight = ratio(p.accesses.filter_l1_write, c.filter_l2_read);
  p.input_reuse = ratio(p.accesses.input_l1_read, p.accesses.input_l1_write);
  p.filter_reuse = ratio(p.accesses.filter_l1_read, p.accesses.filter_l1_write);
  p.output_reuse = ratio(p.accesses.output_l1_read, p.accesses.output_l1_write);
  p.figures.status |= check_plausibility(l, a, a.num_pes, c);
}

}  // namespace reference

/// The model's reference form: MAESTRO's analysis of a mapping of a layer onto an accelerator, with
/// every case of every level. A mapping that is not legal has only figures.status; the rest is 0.
/// inner_work_error is the largest |counted - own| / own, in single precision, over every
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
  p.figures = reference::cost_of(r);
  p.accesses = accesses(p.figures, l);
  p.accesses.output_l1_read = p.accesses.output_l1_write = r.output_l1;
  p.peak_noc_bw = r.peak_noc_bw;
  p.avg_noc_bw = reference::ratio(r.noc_bw_sum, r.steps);
  p.offchip_bw = r.offchip_bw;
  p.ingress_cycles = reference::min_max_mean(r.ingress, r.steps);
  p.egress_cycles = reference::min_max_mean(r.egress, r.steps);
  p.compute_cycles = reference::min_max_mean(r.compute, r.steps);
  p.avg_utilized_pes = r.active_units;
  p.arithmetic_intensity = r.arithmetic_intensity;
  reference::derive(p, l, a, m.level_count);
  return p;
}

}  // namespace cugamma
