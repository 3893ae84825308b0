#include "formats/page/shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "formats/page/best_metric.hpp"
#include "formats/page/charts/line_chart.hpp"
#include "formats/page/html.hpp"
#include "formats/page/tables/sortable_table.hpp"

namespace cugamma::report {
namespace {

table_cell number_cell(const result_node& node) {
  const bool is_there = node.is_number();
  return {figure(node), is_there ? fmt::format("{:.17g}", node.number()) : "", true};
}

table_cell computed_cell(double value,
                         const std::string& shown,
                         const std::vector<result_node>& from,
                         std::string_view rule) {
  if (!std::isfinite(value)) return {"-", "", true};
  return {derived(value, shown, from, rule), fmt::format("{:.17g}", value), true};
}

table_cell edp_cell(const result_node& layer) {
  const result_node cycles = best_metric(layer, "runtime_cycles");
  const result_node energy = best_metric(layer, "energy_nj");
  const double edp = cycles.number() * energy.number();
  return computed_cell(edp, readable(edp), {cycles, energy}, "cycles x energy");
}

double peak_macs(const result_node& root, const result_node& layer) {
  const result_node machine = root["accelerator"];
  return layer["best"]["num_pes"].number_or(machine["num_pes"].number()) *
         machine["simd_lanes"].number_or(1);
}

table_cell utilisation_cell(const run& r, const result_node& layer) {
  const result_node cycles = best_metric(layer, "runtime_cycles");
  const result_node macs = layer["layer_macs"];
  const double share = macs.number() / cycles.number() / peak_macs(r.root, layer);
  return computed_cell(share, percent(share), {macs, cycles}, "MACs / cycles / (PEs x lanes)");
}

table_cell bound_cell(const result_node& layer) {
  const result_node bound = bound_of(layer);
  const result_node cycles = best_metric(layer, "runtime_cycles");
  const double share = cycles.number() / bound.number() - 1;
  return computed_cell(share, percent(share), {cycles, bound}, "runtime / bound - 1");
}

/// How far from the optimum the best is at most, if that was proved.
table_cell optimum_cell(const run& r, const result_node& layer) {
  for (const result_node& proof : r.root["proof"]["layers"].elements()) {
    if (proof["layer"].text() != layer["name"].text()) continue;
    if (proof["optimum"].present()) return {"optimal", "0", true};
    const result_node gap = proof["gap"];
    return computed_cell(gap.number(), percent(gap.number()), {gap}, "(upper - lower) / lower");
  }
  return {"-", "", true};
}

table_cell doubts_cell(const result_node& layer) {
  std::string text;
  for (const result_node& doubt : layer["best"]["status"].elements()) {
    text += (text.empty() ? "" : ", ") + doubt.text();
  }
  return {escape(text), text, false};
}

table_cell name_cell(const run& r, const shape& s) {
  std::string all;
  for (const std::string& name : s.names) all += (all.empty() ? "" : ", ") + name;
  return {fmt::format("<a href=\"#{}\" title=\"{}\">{}</a>",
                      anchor_of(r, s.layer),
                      escape(all),
                      escape(s.layer["name"].text())),
          s.layer["name"].text(),
          false};
}

}  // namespace

std::string key_of_shape(const result_node& layer) {
  const result_node mapping = layer["best"]["mapping"];
  if (!mapping.present()) return "";
  const std::string text = mapping.text();
  const std::size_t type = text.find("Type:");
  return type == std::string::npos ? "" : text.substr(type);
}

std::string also_text(const std::vector<std::string>& names) {
  constexpr std::size_t most = 8;
  std::string text = "also";
  for (std::size_t i = 1; i < names.size() && i < most; ++i) {
    text += (i == 1 ? " " : ", ") + escape(names[i]);
  }
  return names.size() > most ? text + fmt::format(" and {} more", names.size() - most) : text;
}

std::vector<shape> shapes_of(const run& r) {
  std::vector<shape> all;
  std::map<std::string, std::size_t> place;
  std::size_t number = 0;
  for (const result_node& layer : r.root["layers"].elements()) {
    const std::string key = key_of_shape(layer);
    const auto [found, is_new] =
        place.emplace(key.empty() ? "name " + layer["name"].text() : key, all.size());
    if (is_new) all.push_back({layer, 0, {}, {}});
    shape& s = all[found->second];
    s.count += layer_count(layer);
    s.names.push_back(layer["name"].text());
    s.places.push_back(number++);
  }
  return all;
}

std::string anchor_of(const run& r, const result_node& layer) {
  return fmt::format("run-{}-{}", r.number, escape(layer.path()));
}

std::string shapes_table(const run& r) {
  std::vector<std::vector<table_cell>> rows;
  for (const shape& s : shapes_of(r)) {
    rows.push_back({name_cell(r, s),
                    {readable(s.count), fmt::format("{:.17g}", s.count), true},
                    number_cell(s.layer["layer_macs"]),
                    number_cell(best_metric(s.layer, "runtime_cycles")),
                    number_cell(best_metric(s.layer, "energy_nj")),
                    edp_cell(s.layer),
                    utilisation_cell(r, s.layer),
                    bound_cell(s.layer),
                    optimum_cell(r, s.layer),
                    doubts_cell(s.layer)});
  }
  return card("Shapes",
              sortable_table(fmt::format("layers-{}", r.number),
                             {"layer",
                              "times",
                              "MACs",
                              "cycles",
                              "energy, nJ",
                              "EDP, nJ x cycles",
                              "PE use",
                              "above bound",
                              "from optimum",
                              "doubts"},
                             rows),
              "wide");
}

std::string roofline_card(const run& r) {
  line_chart chart;
  chart.title = "Roofline: MACs a cycle over MACs an element of off-chip traffic";
  chart.x_name = "MACs / element of input, filter and output off chip";
  chart.y_name = "MACs / cycle";
  chart.scatter = true;
  chart.is_logarithmic = true;
  chart_series points{"layers", 0, "layers", {}};
  double low = INFINITY, high = 0, peak = 0;
  for (const shape& s : shapes_of(r)) {
    const double macs = s.layer["layer_macs"].number();
    const double moved = best_metric(s.layer, "dram_accesses").number();
    const double rate = macs / best_metric(s.layer, "runtime_cycles").number();
    if (!(moved > 0) || !std::isfinite(rate)) continue;
    peak = std::max(peak, peak_macs(r.root, s.layer));
    low = std::min(low, macs / moved);
    high = std::max(high, macs / moved);
    points.points.push_back({macs / moved,
                             rate,
                             fmt::format("{}: {} MACs/cycle, {} MACs/element",
                                         s.layer["name"].text(),
                                         readable(rate),
                                         readable(macs / moved))});
  }
  if (points.points.empty()) return "";
  chart_series roof{"what PEs and memory allow", 1, "accelerator", {}, true, false};
  const double rate = r.root["accelerator"]["offchip_bw"].number_or(INFINITY);
  for (const double x : {low / 1.5, std::clamp(peak / rate, low / 1.5, high * 1.5), high * 1.5}) {
    const double most = std::min(peak, rate * x);
    roof.points.push_back({x, most, fmt::format("at most {} MACs/cycle", readable(most))});
  }
  chart.series = {points, roof};
  return card("Roofline",
              draw(chart) +
                  "<p class=\"note\">The line is what PEs (PEs x lanes) and memory (bandwidth x "
                  "MACs per element) allow, if each element is moved once.</p>",
              "wide");
}

}  // namespace cugamma::report
