#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "formats/page/best_metric.hpp"
#include "formats/page/charts/bars.hpp"
#include "formats/page/energy_parts.hpp"
#include "formats/page/html.hpp"
#include "formats/page/sections.hpp"
#include "formats/page/shapes.hpp"
#include "formats/page/tables/comparison_parts.hpp"
#include "formats/page/tables/sortable_table.hpp"

namespace cugamma::report {
namespace {

/// A total over the layers of a run, each counted as often as the network has it; none where a
/// layer has no mapping, whose sum would look better than a whole one.
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
  if (from.size() < r.root["layers"].elements().size()) return {name, "-", {}};
  return {name, derived(sum, readable(sum), from, "sum of value x count"), {{sum, css_of(r)}}};
}

std::string totals_card(const std::vector<run>& runs, std::string_view metric, const char* title) {
  std::vector<bar> bars;
  for (const run& r : runs) bars.push_back(total_bar(r, metric));
  return card(title, draw(bars, std::string(unit_of(metric))));
}

std::string bars_of(const std::vector<run>& runs, const std::string& layer, bool energy) {
  std::vector<bar> bars;
  for (const run& r : runs) {
    const result_node found = layer_named(r, "name", layer);
    const result_node value = found["best"]["metrics"][energy ? "energy_nj" : "runtime_cycles"];
    bar b{escape(r.name), figure(value), {{value.number(), css_of(r)}}};
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
    const result_node found = layer_named(r, "name", layer);
    chart.series.push_back(
        {r.name, r.number, found["history"].path(), convergence_points(found, unit)});
    const result_node bound = bound_of(found);
    if (name == "latency" && bound.present()) chart.bounds.push_back(bound.number());
  }
  return draw(chart);
}

/// Layers of one shape in every run, under the name of the first.
struct compared_shape {
  std::vector<std::string> names;
  double count = 0;  ///< how often the first run that has them runs all of them
};

/// What tells a layer's shape apart: its mapping in each run. The name where no run has one.
std::string shape_in_all(const std::vector<run>& runs, const std::string& name) {
  std::string all;
  bool is_mapped = false;
  for (const run& r : runs) {
    const result_node layer = layer_named(r, "name", name);
    const std::string key = key_of_shape(layer);
    is_mapped = is_mapped || !key.empty();
    all += (layer.present() ? "has " : "lacks ") + key + '\n';
  }
  return is_mapped ? all : "name " + name;
}

std::vector<compared_shape> compared_shapes(const std::vector<run>& runs) {
  std::vector<compared_shape> all;
  std::map<std::string, std::size_t> place;
  for (const std::string& name : names_of_layers(runs, "name")) {
    const auto [found, is_new] = place.emplace(shape_in_all(runs, name), all.size());
    if (is_new) all.emplace_back();
    compared_shape& shape = all[found->second];
    shape.names.push_back(name);
    const auto has_it = [&](const run& r) { return layer_named(r, "name", name).present(); };
    shape.count += layer_count(layer_named(*std::ranges::find_if(runs, has_it), "name", name));
  }
  return all;
}

std::string about_text(const compared_shape& shape) {
  std::string text = shape.count > 1 ? fmt::format("{} times", readable(shape.count)) : "";
  if (shape.names.size() > 1) text += ": " + also_text(shape.names);
  return text;
}

std::string layer_comparison(const std::vector<run>& runs, const compared_shape& shape, bool open) {
  const std::string& layer = shape.names.front();
  const bool has_clusters = std::ranges::any_of(runs, [&layer](const run& r) {
    return !energy_parts_of(r.root, layer_named(r, "name", layer)).cluster_counts.empty();
  });
  const std::string drawn = convergence_of(runs, layer);
  std::string cards = drawn.empty() ? "" : card("Convergence", run_legend(runs) + drawn, "wide");
  std::string bars = card("Cycles", bars_of(runs, layer, false));
  const bool has_dram =
      std::ranges::any_of(runs, [](const run& r) { return has_dram_energy(r.root); });
  bars += card("Energy", energy_legend(has_clusters, has_dram) + bars_of(runs, layer, true));
  cards += side_by_side(bars);
  return compared_layer(layer, about_text(shape), cards, open);
}

/// What two runs of the same command differ in, each value as text.
std::vector<std::string> keys_that_differ(const std::vector<run>& runs, std::string_view owner) {
  std::vector<std::string> out;
  for (const std::string& key : runs.front().root[owner].keys()) {
    const result_node first = runs.front().root[owner][key];
    if (first.json().is_object() || key == "threads") continue;
    const bool differs = std::ranges::any_of(runs, [&](const run& r) {
      return r.root[owner][key].json() != first.json();
    });
    if (differs) out.push_back(key);
  }
  return out;
}

double total_of(const run& r, std::string_view metric) {
  double sum = 0;
  for (const result_node& layer : r.root["layers"].elements()) {
    sum += best_metric(layer, metric).number() * layer_count(layer);
  }
  return sum;
}

/// A row a run: their totals with the ratio to the first run's, and what differs between them.
std::string differences_card(const std::vector<run>& runs) {
  std::vector<std::string> head{"run"};
  std::vector<std::pair<std::string, std::string>> settings;
  for (const char* owner : {"accelerator", "config"}) {
    for (const std::string& key : keys_that_differ(runs, owner)) settings.emplace_back(owner, key);
  }
  const bool has_models = std::ranges::any_of(runs, [&](const run& r) {
    return r.root["model"].json() != runs[0].root["model"].json();
  });
  if (has_models) head.emplace_back("network");
  for (const char* title : {"cycles", "energy, nJ", "EDP, nJ x cycles"}) head.emplace_back(title);
  for (const auto& [owner, key] : settings) head.push_back(key);
  const double cycles = total_of(runs[0], "runtime_cycles"),
               energy = total_of(runs[0], "energy_nj");
  std::vector<std::vector<table_cell>> rows;
  for (const run& r : runs) {
    std::vector<table_cell> row{{escape(r.name), r.name, false}};
    if (has_models) row.push_back(setting_cell(r.root["model"]));
    const double own_cycles = total_of(r, "runtime_cycles"), own_energy = total_of(r, "energy_nj");
    row.push_back(total_cell(own_cycles, cycles));
    row.push_back(total_cell(own_energy, energy));
    row.push_back(total_cell(own_cycles * own_energy, cycles * energy));
    for (const auto& [owner, key] : settings) row.push_back(setting_cell(r.root[owner][key]));
    rows.push_back(std::move(row));
  }
  return card(fmt::format("What differs; ratios to {}", runs[0].name),
              sortable_table("comparison", head, rows),
              "wide");
}

}  // namespace

std::string comparison_section(const std::vector<run>& runs) {
  std::string out = "<h2>Comparison</h2>\n<div class=\"cards\">\n" + differences_card(runs);
  out += side_by_side(totals_card(runs, "runtime_cycles", "Cycles of all layers") +
                      totals_card(runs, "energy_nj", "Energy of all layers")) +
         "</div>\n";
  bool open = true;
  for (const compared_shape& shape : compared_shapes(runs)) {
    out += layer_comparison(runs, shape, open);
    open = false;
  }
  return out;
}

}  // namespace cugamma::report
