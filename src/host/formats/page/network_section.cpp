#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "formats/page/best_metric.hpp"
#include "formats/page/charts/bars.hpp"
#include "formats/page/energy_parts.hpp"
#include "formats/page/html.hpp"
#include "formats/page/sections.hpp"
#include "formats/page/shapes.hpp"
#include "formats/page/tables/sortable_table.hpp"

namespace cugamma::report {
namespace {

constexpr std::size_t most_bars = 24;

/// The share of a shape's layers in a total, as often as the network runs them.
struct contribution {
  shape of;
  result_node value;
  double weighted;
};

std::vector<contribution> contributions(const run& r, std::string_view metric) {
  std::vector<contribution> out;
  for (const shape& s : shapes_of(r)) {
    const result_node value = best_metric(s.layer, metric);
    if (value.is_number()) out.push_back({s, value, value.number() * s.count});
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

std::string bar_name(const shape& s) {
  return quoted(s.layer["name"]) + (s.count > 1 ? fmt::format(" x {}", readable(s.count)) : "");
}

using parts_of_layer = std::function<std::vector<bar_part>(const contribution&)>;

/// The largest contributions, longest first; the rest in words, which the bars are not scaled by.
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
                                      {c.value, c.of.layer["count"]},
                                      "value x count");
    bars.push_back({bar_name(c.of), share, parts(c)});
  }
  std::string text = draw(bars, unit);
  if (rest > 0) {
    text += fmt::format("<p class=\"note\">{} other shapes: {} {} ({})</p>",
                        all.size() - most_bars,
                        readable(rest),
                        unit,
                        percent(rest / sum));
  }
  return text;
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
    const energy_parts energy = energy_parts_of(r.root, c.of.layer);
    if (!std::isfinite(energy.total_nj())) return std::vector<bar_part>{{c.weighted, "l1"}};
    return stacked(energy, c.of.count);
  };
  const bool has_clusters =
      !contributions(r, "cluster_accesses").empty();  // a figure that MAESTRO's model has not
  return card("Energy by layer, largest first",
              energy_legend(has_clusters, has_dram_energy(r.root)) +
                  dominating(contributions(r, "energy_nj"), parts, "nJ"),
              "wide");
}

std::string bound_tile(const run& r) {
  double cycles = 0;
  double bound = 0;
  std::vector<result_node> from;
  for (const contribution& c : contributions(r, "runtime_cycles")) {
    cycles += c.weighted;
    bound += bound_of(c.of.layer).number() * c.of.count;
    from.push_back(bound_of(c.of.layer));
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
  // Members of a network's front over accelerators.
  if (root["machines"].present() && entry["members"].present()) {
    out += fmt::format(", {} PEs", readable(entry["num_pes"].number()));
  }
  return out;
}

namespace {

std::string with_unit(const std::string& objective) {
  const std::string_view unit = unit_of(objective);
  return unit.empty() ? objective : fmt::format("{}, {}", objective, unit);
}

/// The file of a member's mapping, from the page's folder; empty for a choice of several mappings.
std::string mapping_path(const result_node& owner, const result_node& member) {
  if (!member["mapping_file"].present()) return "";
  const std::string folder = owner["folder"].present() ? owner["folder"].text() + "/" : "";
  return folder + member["mapping_file"].text();
}

/// The front in two of its objectives, each point a link to its mapping; a third objective is the
/// colour of the points.
std::string front_chart(const result_node& root,
                        const result_node& owner,
                        std::size_t across,
                        std::size_t up) {
  const result_node front = owner["front"];
  const bool has_third = front.at(0)["objectives"].elements().size() == 3;
  const std::size_t third = 3 - across - up;
  chart_series points{"", 0, front.path(), {}};
  for (const result_node& entry : front.elements()) {
    const result_node values = entry["objectives"];
    points.points.push_back({values.at(across).number(),
                             values.at(up).number(),
                             front_label(root, entry),
                             has_third ? values.at(third).number() : NAN,
                             mapping_path(owner, entry)});
  }
  // Of two objectives the front is a line.
  points.has_line = !has_third;
  std::ranges::sort(points.points, {}, &chart_point::x);
  line_chart chart;
  chart.x_name = with_unit(objective_name(root, across));
  chart.y_name = with_unit(objective_name(root, up));
  if (has_third) chart.shade_name = with_unit(objective_name(root, third));
  chart.title = fmt::format("Front: {} over {}", chart.y_name, chart.x_name);
  chart.series = {points};
  chart.scatter = true;
  return draw(chart);
}

/// What tells the accelerators of a front's choices apart.
struct machine_column {
  const char* key;
  const char* title;
};
constexpr std::array<machine_column, 3> machine_columns{
    {{"num_pes", "PEs"}, {"l1_size_elems", "L1, elements"}, {"l2_size_elems", "L2, elements"}}};

/// The members of a front, each with its mapping or its accelerator.
std::string front_table(const result_node& root, const result_node& owner) {
  const std::vector<result_node> members = owner["front"].elements();
  std::vector<std::string> head;
  for (std::size_t i = 0; i < members[0]["objectives"].elements().size(); ++i) {
    head.push_back(with_unit(objective_name(root, i)));
  }
  const bool has_machines = owner["machines"].present();
  if (has_machines) {
    for (const machine_column& c : machine_columns) head.emplace_back(c.title);
  }
  const bool has_files = members[0]["mapping_file"].present();
  if (has_files) head.emplace_back("mapping");
  std::vector<std::vector<table_cell>> rows;
  for (const result_node& member : members) {
    std::vector<table_cell> row;
    for (const result_node& value : member["objectives"].elements()) {
      row.push_back({readable(value.number()), fmt::format("{:.17g}", value.number()), true});
    }
    for (const machine_column& c : machine_columns) {
      if (!has_machines) break;
      const double size = member[c.key].number();
      row.push_back({readable(size), fmt::format("{:.17g}", size), true});
    }
    const std::string file = mapping_path(owner, member);
    if (has_files)
      row.push_back({fmt::format("<a href=\"{0}\">{0}</a>", escape(file)), file, false});
    rows.push_back(std::move(row));
  }
  return sortable_table("front" + owner.path(), head, rows);
}

}  // namespace

std::string pareto_card(const result_node& root, const result_node& owner) {
  const result_node front = owner["front"];
  const std::vector<result_node> members = front.elements();
  if (members.empty()) return "";
  std::string charts;
  const std::size_t objectives = members[0]["objectives"].elements().size();
  // Where the network has a front, one chart of each layer's is enough.
  const bool is_one_of_many = root["front"].present() && !owner.path().empty();
  const std::size_t most = is_one_of_many ? 2 : objectives;
  for (std::size_t up = 1; up < most; ++up) {
    for (std::size_t across = 0; across < up; ++across) {
      charts += front_chart(root, owner, across, up);
    }
  }
  const result_node volume = owner["hypervolume"];
  if (volume.present()) charts += "<p>Hypervolume " + figure(volume) + "</p>";
  // A member of the network's front is a mapping of every layer.
  const char* noun = owner["machines"].present()       ? "choices of an accelerator and mappings"
                     : members[0]["members"].present() ? "choices of a mapping a layer"
                                                       : "mappings";
  if (members[0]["members"].present()) {
    charts +=
        "<p>The mappings of each choice: <a href=\"network_front.csv\">network_front.csv</a></p>";
  }
  charts += fmt::format("<details><summary>The {} {}</summary>{}</details>",
                        members.size(),
                        noun,
                        front_table(root, owner));
  return card(fmt::format("Pareto front of {} {}", members.size(), noun), charts, "wide");
}

namespace {

/// What the search was for, of the whole network.
std::string objective_tiles(const run& r) {
  std::string out;
  const result_node totals = r.root["totals"]["objectives"];
  for (const result_node& name : r.root["config"]["objectives"].elements()) {
    const result_node value = totals[name.text()];
    if (!value.is_number()) continue;
    out += tile((out.empty() ? "best " : "") + name.text(), figure(value, unit_of(name.text())));
  }
  return out;
}

/// Cycles and energy, where they are not among the objectives, which have tiles already.
std::string other_tiles(const run& r) {
  const auto names = r.root["config"]["objectives"].elements();
  const auto is_objective = [&](std::string_view name) {
    return std::ranges::any_of(names, [&](const result_node& n) { return n.text() == name; });
  };
  std::string out;
  if (!is_objective("latency")) out += total_tile(r, "runtime", "runtime_cycles", "cycles");
  out += bound_tile(r);
  if (!is_objective("energy")) out += total_tile(r, "energy", "energy_nj", "nJ");
  return out;
}

std::string shapes_tile(const run& r) {
  const std::vector<shape> shapes = shapes_of(r);
  const std::vector<result_node> layers = r.root["layers"].elements();
  std::size_t mapped = 0;
  for (const shape& s : shapes) mapped += s.layer["best"].present() ? 1 : 0;
  return tile("shapes",
              derived(static_cast<double>(shapes.size()),
                      fmt::format("{} distinct of {} layers", shapes.size(), layers.size()),
                      {r.root["layers"]},
                      "layers with another mapping")) +
         tile("mapped",
              derived(static_cast<double>(mapped),
                      fmt::format("{} of {}", mapped, shapes.size()),
                      {r.root["layers"]},
                      "shapes with a best mapping"));
}

}  // namespace

std::string network_section(const run& r) {
  if (r.root["layers"].elements().size() < 2) return "";
  std::string out = "<h2>Network</h2>\n<div class=\"tiles\">\n" + objective_tiles(r);
  out += other_tiles(r) + total_tile(r, "MACs", "MACs", "");
  out += shapes_tile(r) + "</div>\n<div class=\"cards\">\n" + pareto_card(r.root, r.root);
  out += shapes_table(r) + cycles_card(r) + energy_card(r) + roofline_card(r);
  return out + side_by_side(gains_card(r.root["totals"])) + "</div>\n";
}

}  // namespace cugamma::report
