#pragma once

#include "models/exact/chained/class_runtime.hpp"
#include "models/exact/chained/traffic.hpp"
#include "models/exact/chained/wide_runtime.hpp"
#include "models/exact/energy.hpp"

/// The cost of a genome of one to three levels, without lists and without memory of its own.
namespace cugamma::exact::chained {

/// A layer of a batch.
struct layer_row {
  nest_layer sizes;
  element_rules rules;
  window_grids grids;
  std::int64_t macs;
  std::int64_t elements;  ///< of input that any MAC reads, and of the filter
  std::int64_t outputs;
};

constexpr layer_row make_layer_row(const layer& l) {
  layer_row row{make_nest_layer(l),
                {{l.stride_y, l.stride_x}, l.type == layer_type::dsconv},
                make_window_grids(l),
                layer_macs(l),
                0,
                0};
  extent whole[dims] = {};
  for (int d = 0; d < dims; ++d) whole[d] = static_cast<extent>(row.sizes.size[d]);
  const element_counts all = row.rules.count(whole);
  row.elements = all.input + all.filter;
  row.outputs = all.output;
  return row;
}

/// An accelerator of a batch.
struct accelerator_row {
  machine_limits noc;
  machine_speeds speeds;
  accelerator limits;
};

constexpr accelerator_row make_accelerator_row(const accelerator& a) {
  return {make_machine_limits(a), make_machine_speeds(a), a};
}

/// The cost of a nest but for its runtime.
CUGAMMA_HD constexpr cost cost_of(const nest& n, const layer_row& l, const accelerator& a) {
  const bool is_depthwise = l.rules.is_depthwise;
  const passing outermost = traffic_of_level(n, 0, is_depthwise, l.grids);
  passing innermost = outermost;
  std::int64_t of_clusters = 0;
  for (int level = 1; level < n.levels; ++level) {
    const passing below = traffic_of_level(n, level, is_depthwise, l.grids);
    of_clusters += innermost.fills + below.reads + 2 * below.outputs;
    innermost = below;
  }
  const auto real = [](std::int64_t count) { return static_cast<double>(count); };
  const activity<double> done{real(l.macs),
                              real(4 * l.macs + innermost.fills),
                              real(outermost.reads + 2 * outermost.outputs + l.elements),
                              real(of_clusters),
                              real(l.elements + l.outputs)};
  return exact::cost_of(0,
                        l.macs,
                        done,
                        {2 * tile_elements(n, n.levels - 1, l.rules).sum(),
                         2 * step_elements(n, 0, l.rules).sum(),
                         n.levels > 1 ? 2 * tile_elements(n, 0, l.rules).sum() : 0},
                        a);
}

/// precondition: the nest leaves the filter whole
CUGAMMA_HD constexpr std::int64_t runtime_of(const nest& n,
                                             const layer_row& l,
                                             const accelerator_row& a) {
  if (has_wide_noc(n, l.rules, a.noc)) return wide_runtime(n, a.noc);
  return class_runtime(n, l.rules, l.grids, a.speeds);
}

/// The runtime alone of a legal genome that leaves the filter whole.
CUGAMMA_HD constexpr std::int64_t runtime_of(const genome& g,
                                             const layer_row& l,
                                             const accelerator_row& a) {
  nest n;
  read_nest(g, l.sizes, a.limits.num_pes, n);
  return runtime_of(n, l, a);
}

/// Scores a genome. False, and out is not written, if a level cuts R or S.
CUGAMMA_HD constexpr bool score(const genome& g,
                                const layer_row& l,
                                const accelerator_row& a,
                                cost& out) {
  nest n;
  const std::uint32_t status = read_nest(g, l.sizes, a.limits.num_pes, n);
  if (status != 0) {
    out = cost{.status = status};
    return true;
  }
  if (!n.has_whole_filter) return false;
  out = cost_of(n, l, a.limits);
  out.runtime_cycles = runtime_of(n, l, a);
  return true;
}

}  // namespace cugamma::exact::chained
