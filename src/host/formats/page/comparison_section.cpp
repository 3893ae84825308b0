#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "formats/page/charts/bars.hpp"
#include "formats/page/energy_parts.hpp"
#include "formats/page/html.hpp"
#include "formats/page/sections.hpp"

namespace cugamma::report {
namespace {

std::string run_legend(const std::vector<run>& runs) {
  std::string out = "<ul class=\"legend\">";
  for (const run& r : runs)
    out += fmt::format("<li class=\"run{}\"><i class=\"run\"></i>{}</li>",
                       r.number % 6,
                       escape(r.name));
  return out + "</ul>\n";
}

/// The layers' names, in the order in which the runs bring them.
std::vector<std::string> names_of_layers(const std::vector<run>& runs) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const run& r : runs)
    for (const result_node& layer : r.root["layers"].elements())
      if (seen.insert(layer["name"].text()).second) out.push_back(layer["name"].text());
  return out;
}

/// The layer of that name; a missing value if the run has none.
result_node layer_named(const run& r, const std::string& name) {
  for (const result_node& layer : r.root["layers"].elements())
    if (layer["name"].text() == name) return layer;
  return r.root["layers"].at(r.root["layers"].elements().size());
}

/// A total over the layers of a run, each counted as often as the network has it.
bar total_bar(const run& r, std::string_view metric) {
  double sum = 0;
  std::vector<result_node> from;
  for (const result_node& layer : r.root["layers"].elements()) {
    const result_node value = layer["best"]["metrics"][metric];
    if (value.is_number()) sum += value.number() * layer_count(layer);
    if (value.is_number()) from.push_back(value);
  }
  const std::string name =
      fmt::format("{} <span class=\"soft\">best {}, seed {}, {} of {} layers</span>",
                  escape(r.name),
                  escape(first_objective(r.root)),
                  figure(r.root["seed"]),
                  from.size(),
                  r.root["layers"].elements().size());
  return {name,
          derived(sum, readable(sum), from, "sum of value x count"),
          {{sum, fmt::format("run run{}", r.number % 6)}}};
}

std::string totals_card(const std::vector<run>& runs, std::string_view metric, const char* title) {
  std::vector<bar> bars;
  for (const run& r : runs) bars.push_back(total_bar(r, metric));
  return card(title, draw(bars, std::string(unit_of(metric))));
}

std::string bars_of(const std::vector<run>& runs, const std::string& layer, bool energy) {
  std::vector<bar> bars;
  for (const run& r : runs) {
    const result_node found = layer_named(r, layer);
    const result_node value = found["best"]["metrics"][energy ? "energy_nj" : "runtime_cycles"];
    bar b{escape(r.name),
          figure(value),
          {{value.number(), fmt::format("run run{}", r.number % 6)}}};
    const energy_parts parts = energy_parts_of(r.root, found);
    if (energy && std::isfinite(parts.total_nj())) b.parts = stacked(parts);
    bars.push_back(std::move(b));
  }
  return draw(bars, energy ? "nJ" : "cycles");
}

std::string convergence_of(const std::vector<run>& runs, const std::string& layer) {
  line_chart chart;
  const std::string name = first_objective(runs.front().root);
  const std::string unit(unit_of(name));
  chart.title = "Convergence of all runs on " + layer;
  chart.x_name = "evaluations (mappings)";
  chart.y_name = "best " + name + (unit.empty() ? "" : ", " + unit);
  for (const run& r : runs) {
    if (first_objective(r.root) != name) continue;
    const result_node found = layer_named(r, layer);
    chart.series.push_back(
        {r.name, r.number, found["history"].path(), convergence_points(found, unit)});
    const result_node bound = bound_of(found);
    if (name == "latency" && bound.present()) chart.bounds.push_back(bound.number());
  }
  return draw(chart);
}

std::string layer_comparison(const std::vector<run>& runs, const std::string& layer, bool open) {
  const bool has_clusters = std::ranges::any_of(runs, [&layer](const run& r) {
    return !energy_parts_of(r.root, layer_named(r, layer)).cluster_counts.empty();
  });
  const std::string drawn = convergence_of(runs, layer);
  std::string cards = drawn.empty() ? "" : card("Convergence", run_legend(runs) + drawn, "wide");
  cards += card("Cycles", bars_of(runs, layer, false));
  const bool has_dram = std::ranges::any_of(runs, [](const run& r) { return has_dram_energy(r.root); });
  cards += card("Energy", energy_legend(has_clusters, has_dram) + bars_of(runs, layer, true));
  return fmt::format(
      "<details class=\"layer\"{}><summary>{}</summary><div class=\"cards\">\n{}</div></details>\n",
      open ? " open" : "",
      escape(layer),
      cards);
}

}  // namespace

std::string comparison_section(const std::vector<run>& runs) {
  std::string out = "<h2>Comparison</h2>\n<div class=\"cards\">\n";
  out += totals_card(runs, "runtime_cycles", "Cycles of all layers");
  out += totals_card(runs, "energy_nj", "Energy of all layers") + "</div>\n";
  bool open = true;
  for (const std::string& layer : names_of_layers(runs)) {
    out += layer_comparison(runs, layer, open);
    open = false;
  }
  return out;
}

}  // namespace cugamma::report
