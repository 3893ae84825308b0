#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "formats/page/best_metric.hpp"
#include "formats/page/charts/bars.hpp"
#include "formats/page/energy_parts.hpp"
#include "formats/page/html.hpp"
#include "formats/page/sections.hpp"

namespace cugamma::report {
namespace {

constexpr std::size_t most_bars = 24;

/// A layer's share of a total, its count included.
struct contribution {
  result_node layer;
  result_node value;
  double weighted;
};

std::vector<contribution> contributions(const run& r, std::string_view metric) {
  std::vector<contribution> out;
  for (const result_node& layer : r.root["layers"].elements()) {
    const result_node value = best_metric(layer, metric);
    if (value.is_number()) out.push_back({layer, value, value.number() * layer_count(layer)});
  }
  return out;
}

double total(const std::vector<contribution>& all) {
  double sum = 0;
  for (const contribution& c : all) sum += c.weighted;
  return sum;
}

std::string total_tile(const run& r, const char* name, std::string_view metric, const char* unit) {
  const std::vector<contribution> all = contributions(r, metric);
  if (all.empty()) return "";
  std::vector<result_node> from;
  for (const contribution& c : all) from.push_back(c.value);
  const double sum = total(all);
  return tile(name,
              derived(sum, readable(sum), from, "sum of value x count") +
                  fmt::format(" <small>{}</small>", unit));
}

std::string bar_name(const result_node& layer) {
  const double count = layer_count(layer);
  return quoted(layer["name"]) + (count > 1 ? fmt::format(" x {}", readable(count)) : "");
}

using parts_of_layer = std::function<std::vector<bar_part>(const contribution&)>;

/// The largest contributions, longest first, the rest as one bar.
std::string dominating(std::vector<contribution> all,
                       const parts_of_layer& parts,
                       const char* unit) {
  const double sum = total(all);
  std::ranges::stable_sort(all, std::greater{}, &contribution::weighted);
  std::vector<bar> bars;
  double rest = 0;
  for (const contribution& c : all) {
    if (bars.size() == most_bars) {
      rest += c.weighted;
      continue;
    }
    const std::string share = derived(c.weighted,
                                      readable(c.weighted) + " (" + percent(c.weighted / sum) + ")",
                                      {c.value, c.layer["count"]},
                                      "value x count");
    bars.push_back({bar_name(c.layer), share, parts(c)});
  }
  if (rest > 0)
    bars.push_back({fmt::format("{} other layers", all.size() - most_bars),
                    readable(rest) + " (" + percent(rest / sum) + ")",
                    {{rest, "l1"}}});
  return draw(bars, unit);
}

std::string cycles_card(const run& r) {
  const auto parts = [](const contribution& c) {
    return std::vector<bar_part>{{c.weighted, "l1"}};
  };
  return card("Cycles by layer, largest first",
              dominating(contributions(r, "runtime_cycles"), parts, "cycles"),
              "wide");
}

std::string energy_card(const run& r) {
  const auto parts = [&](const contribution& c) {
    const energy_parts energy = energy_parts_of(r.root, c.layer);
    if (!std::isfinite(energy.total_nj())) return std::vector<bar_part>{{c.weighted, "l1"}};
    return stacked(energy, layer_count(c.layer));
  };
  const bool has_clusters =
      !contributions(r, "cluster_accesses").empty();  // a figure that MAESTRO's model has not
  return card("Energy by layer, largest first",
              energy_legend(has_clusters) + dominating(contributions(r, "energy_nj"), parts, "nJ"),
              "wide");
}

std::string bound_tile(const run& r) {
  double cycles = 0;
  double bound = 0;
  std::vector<result_node> from;
  for (const contribution& c : contributions(r, "runtime_cycles")) {
    cycles += c.weighted;
    bound += bound_of(c.layer).number() * layer_count(c.layer);
    from.push_back(bound_of(c.layer));
  }
  if (!(bound > 0)) return "";
  const double share = cycles / bound - 1;
  return tile("above the bound",
              derived(share, percent(share), from, "cycles / sum of bounds - 1"));
}

}  // namespace

std::string front_label(const result_node& root, const result_node& entry) {
  std::string out;
  const std::vector<result_node> values = entry["objectives"].elements();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string name = objective_name(root, i);
    out += fmt::format("{}{} {} {}",
                       i == 0 ? "" : ", ",
                       name,
                       readable(values[i].number()),
                       unit_of(name));
  }
  return out;
}

namespace {

/// The front in two of its objectives.
std::string front_chart(const result_node& root,
                        const result_node& front,
                        std::size_t across,
                        std::size_t up) {
  const auto named = [&](std::size_t i) {
    const std::string name = objective_name(root, i);
    const std::string_view unit = unit_of(name);
    return unit.empty() ? name : fmt::format("{}, {}", name, unit);
  };
  chart_series points{"", 0, front.path(), {}};
  for (const result_node& entry : front.elements())
    points.points.push_back({entry["objectives"].at(across).number(),
                             entry["objectives"].at(up).number(),
                             front_label(root, entry)});
  const std::string title = fmt::format("Front: {} over {}", named(up), named(across));
  return draw({title, named(across), named(up), {points}, {}, true});
}

}  // namespace

std::string pareto_card(const result_node& root, const result_node& owner) {
  const result_node front = owner["front"];
  const std::vector<result_node> members = front.elements();
  if (members.empty()) return "";
  std::string charts;
  const std::size_t objectives = members[0]["objectives"].elements().size();
  for (std::size_t up = 1; up < objectives; ++up) charts += front_chart(root, front, 0, up);
  const result_node volume = owner["hypervolume"];
  if (volume.present()) charts += "<p>Hypervolume " + figure(volume) + "</p>";
  return card(fmt::format("Pareto front of {} mappings", members.size()), charts, "wide");
}

std::string network_section(const run& r) {
  const std::vector<result_node> layers = r.root["layers"].elements();
  if (layers.size() < 2) return "";
  std::string out = "<h2>Network</h2>\n<div class=\"tiles\">\n";
  out += total_tile(r, "runtime", "runtime_cycles", "cycles") + bound_tile(r);
  out += total_tile(r, "energy", "energy_nj", "nJ") + total_tile(r, "MACs", "MACs", "");
  const std::size_t mapped = contributions(r, "runtime_cycles").size();
  out += tile("distinct layers mapped",
              derived(static_cast<double>(mapped),
                      fmt::format("{} of {}", mapped, layers.size()),
                      {r.root["layers"]},
                      "entries with a best mapping"));
  out += "</div>\n<div class=\"cards\">\n" + cycles_card(r) + energy_card(r) +
         gains_card(r.root["totals"]);
  return out + pareto_card(r.root, r.root) + "</div>\n";
}

}  // namespace cugamma::report
