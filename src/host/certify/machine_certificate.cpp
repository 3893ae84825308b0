#include "certify/machine_certificate.hpp"

#include <algorithm>

#include "certify/certificate_lines.hpp"
#include "certify/exact/exact_engine.hpp"

namespace cugamma {
namespace {

using json = nlohmann::ordered_json;

/// Each shape with the number of layers that have it, and its mappings.
json shapes_json(const network_search_request& request, const layer_shapes& shapes) {
  std::vector<std::int64_t> counts(shapes.layers.size(), 0);
  for (std::size_t i = 0; i < request.layers.size(); ++i) {
    counts[shapes.shape_of[i]] += request.layers[i].count;
  }
  accelerator roomy = request.machine;
  roomy.l1_size_elems = roomy.l2_size_elems = unlimited;
  json all = json::array();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const layer& l = shapes.layers[i];
    all.push_back({{"name", shapes.names[i]},
                   {"count", counts[i]},
                   {"layer", layer_json(l)},
                   {"space", space_json(space_on(request, l, roomy))}});
  }
  return all;
}

json best_json(const layer_shapes& shapes, const certified_machine& proved) {
  if (proved.layers.empty()) return nullptr;
  json mappings = json::array();
  for (std::size_t shape = 0; shape < shapes.layers.size(); ++shape) {
    const auto first = std::ranges::find(shapes.shape_of, shape);
    mappings.push_back(
        proved.layers[static_cast<std::size_t>(first - shapes.shape_of.begin())].mapping);
  }
  return {{"value", proved.upper},
          {"num_pes", proved.machine.num_pes},
          {"l1_size_elems", proved.machine.l1_size_elems},
          {"l2_size_elems", proved.machine.l2_size_elems},
          {"budget_area_um2", proved.area_um2},
          {"latency_cycles", proved.cycles},
          {"mappings", std::move(mappings)}};
}

json size_json(const proved_size& s) {
  json line{{"pes", s.pes}, {"bound", finite(s.bound)}};
  if (!s.opened) return line;
  json cycles = json::array();
  for (const double c : s.opened->cycles) cycles.push_back(finite(c));
  line["opened"] = {{"l2_elems", s.opened->l2_elems}, {"cycles", std::move(cycles)}};
  return line;
}

}  // namespace

std::string machine_certificate_text(const network_search_request& request,
                                     const layer_shapes& shapes,
                                     const certified_machine& proved,
                                     const std::vector<proved_size>& sizes) {
  const auto opened =
      std::ranges::count_if(sizes, [](const proved_size& s) { return s.opened.has_value(); });
  sealed_lines lines;
  lines.add(json{{"certificate", "cugamma machine"},
                 {"version", 1},
                 {"cost_model", exact_engine.model},
                 {"objective", name_of(proved.goal)},
                 {"latency_limit", finite(proved.most_cycles)},
                 {"area_budget_um2", finite(request.search.area_budget_um2)},
                 {"layers", shapes_json(request, shapes)},
                 {"accelerator",
                  accelerator_with_constants(request.machine,
                                             {"mac_energy_nj",
                                              "l1_energy_macs",
                                              "l2_energy_macs",
                                              "cluster_energy_macs",
                                              "dram_energy_macs",
                                              "budget_pe_area_um2",
                                              "budget_buffer_area_um2_per_byte"})},
                 {"searches_pes", request.search_pes},
                 {"lower_bound", finite(proved.lower)},
                 {"upper_bound", finite(proved.upper)},
                 {"opened", opened},
                 {"lines", sizes.size()}});
  lines.add(json{{"best", best_json(shapes, proved)}});
  for (const proved_size& s : sizes) lines.add(size_json(s));
  return lines.text();
}

}  // namespace cugamma
