#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "formats/page/charts/bars.hpp"
#include "formats/page/html.hpp"
#include "formats/page/tables/comparison_parts.hpp"
#include "formats/page/timeloop/timeloop_sections.hpp"

namespace cugamma::report {
namespace {

/// What result.json says of how a search went about it.
constexpr std::array settings{"architecture",
                              "objectives",
                              "files",
                              "seed",
                              "population",
                              "islands",
                              "explores_bypass"};

std::vector<const char*> settings_that_differ(const std::vector<run>& runs) {
  std::vector<const char*> differ;
  for (const char* key : settings) {
    const bool is_one = std::ranges::any_of(runs, [&](const run& r) {
      return r.root[key].json() != runs[0].root[key].json();
    });
    if (is_one) differ.push_back(key);
  }
  return differ;
}

/// A row a run: what differs between them, and their totals with the ratio to the first run's.
std::string timeloop_differences_card(const std::vector<run>& runs) {
  const std::vector<const char*> differ = settings_that_differ(runs);
  std::vector<std::string> head{"run"};
  head.insert(head.end(), differ.begin(), differ.end());
  head.insert(head.end(), {"cycles", "energy, pJ", "EDP, pJ x cycles"});
  const result_node first = runs[0].root["network"];
  const double cycles = first["cycles"].number(), energy = first["energy_pj"].number();
  std::vector<std::vector<table_cell>> rows;
  for (const run& r : runs) {
    std::vector<table_cell> row{{escape(r.name), r.name, false}};
    for (const char* key : differ) row.push_back(setting_cell(r.root[key]));
    const result_node sums = r.root["network"];
    const double own_cycles = sums["cycles"].number(), own_energy = sums["energy_pj"].number();
    row.push_back(total_cell(own_cycles, cycles));
    row.push_back(total_cell(own_energy, energy));
    row.push_back(total_cell(own_cycles * own_energy, cycles * energy));
    rows.push_back(std::move(row));
  }
  return card(fmt::format("What differs; ratios to {}", runs[0].name),
              sortable_table("comparison", head, rows),
              "wide");
}

std::string bars_of(const std::vector<run>& runs,
                    const std::string& layer,
                    const char* key,
                    const char* unit) {
  std::vector<bar> bars;
  for (const run& r : runs) {
    const result_node value = layer_named(r, "layer", layer)["metrics"][key];
    bars.push_back({escape(r.name), figure(value), {{value.number(), css_of(r)}}});
  }
  return draw(bars, unit);
}

std::string history_of(const std::vector<run>& runs, const std::string& layer) {
  const std::string unit = unit_of_first_objective(runs[0].root);
  line_chart chart{"Best of all runs on " + layer, "valid mappings", unit, {}, {}, false};
  for (const run& r : runs) {
    if (unit_of_first_objective(r.root) != unit) continue;
    const result_node found = layer_named(r, "layer", layer);
    chart.series.push_back({r.name, r.number, found["history"].path(), improvements(found)});
  }
  const std::string drawn = draw(chart);
  return drawn.empty() ? "" : card("Best over evaluations", run_legend(runs) + drawn, "wide");
}

}  // namespace

std::string timeloop_comparison(const std::vector<run>& runs) {
  std::string out =
      "<h2>Comparison</h2>\n<div class=\"cards\">\n" + timeloop_differences_card(runs) + "</div>\n";
  bool open = true;
  for (const std::string& layer : names_of_layers(runs, "layer")) {
    out +=
        compared_layer(layer,
                       "",
                       history_of(runs, layer) +
                           side_by_side(card("Cycles", bars_of(runs, layer, "cycles", "cycles")) +
                                        card("Energy", bars_of(runs, layer, "energy_pj", "pJ"))),
                       open);
    open = false;
  }
  return out;
}

}  // namespace cugamma::report
