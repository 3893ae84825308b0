#include "formats/page/timeloop/timeloop_sections.hpp"

#include <fmt/format.h>

#include <cmath>

#include "formats/page/charts/bars.hpp"
#include "formats/page/charts/line_chart.hpp"
#include "formats/page/html.hpp"
#include "formats/page/shapes.hpp"

namespace cugamma::report {
namespace {

std::string unit_of_objective(const std::string& name) {
  if (name == "edp") return "pJ x cycles";
  if (name == "energy") return "pJ";
  if (name == "latency") return "cycles";
  // The search minimises the cycles, which decide the utilization.
  if (name == "utilization") return "as cycles";
  return "words";
}

std::string named_with_unit(const result_node& root, std::size_t objective) {
  const std::string name = objective_name(root, objective);
  return fmt::format("{}, {}", name, unit_of_objective(name));
}

std::string edp_of(const result_node& figures) {
  const result_node energy = figures["energy_pj"];
  const result_node cycles = figures["cycles"];
  const double edp = energy.number() * cycles.number();
  return derived(edp, readable(edp), {energy, cycles}, "energy x cycles");
}

std::string share_of_macs(const result_node& figures) {
  const result_node use = figures["utilization"];
  return derived(use.number(), percent(use.number()), {use}, "as a share");
}

/// Totals of the network, or of the one layer.
std::string head_tiles(const run& r) {
  std::string out = "<div class=\"tiles\">\n";
  out += tile("searched", escape(goal_of(r.root)));
  out += tile("architecture", quoted(r.root["architecture"]));
  const result_node sums = r.root["network"];
  if (!sums.present()) return out + "</div>\n";
  out += tile("cycles", figure(sums["cycles"]));
  out += tile("energy", figure(sums["energy_pj"], "pJ"));
  return out + tile("EDP", edp_of(sums) + " <small>pJ x cycles</small>") + "</div>\n";
}

std::string row_of(const run& r, const result_node& layer) {
  const result_node figures = layer["metrics"];
  const std::string name = fmt::format("<tr><td><a href=\"#{}\">{}</a></td><td class=\"n\">{}</td>",
                                       anchor_of(r, layer),
                                       escape(layer["layer"].text()),
                                       figure(layer["count"]));
  if (!figures.present()) return name + "<td colspan=\"4\">no valid mapping</td></tr>\n";
  return name + fmt::format(
                    "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
                    "<td class=\"n\">{}</td></tr>\n",
                    figure(figures["cycles"]),
                    figure(figures["energy_pj"]),
                    edp_of(figures),
                    share_of_macs(figures));
}

std::string layers_card(const run& r) {
  std::string rows = "<tr><th>layer</th>";
  for (const char* column : {"count", "cycles", "energy, pJ", "EDP, pJ x cycles", "utilization"}) {
    rows += fmt::format("<th class=\"n\">{}</th>", column);
  }
  rows += "</tr>\n";
  for (const result_node& layer : r.root["layers"].elements()) rows += row_of(r, layer);
  return card("Layers", "<div class=\"scroll\"><table>" + rows + "</table></div>", "wide");
}

std::string options_card(const run& r) {
  std::string rows;
  for (const char* key : {"seed", "population", "islands", "back_end", "explores_bypass"}) {
    const result_node value = r.root[key];
    if (!value.present()) continue;
    rows += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td></tr>\n",
                        key,
                        value.is_number() ? figure(value) : quoted(value));
  }
  return card("Options", "<table>" + rows + "</table>");
}

/// The energy of a part, as a bar.
bar energy_bar(const std::string& name,
               const std::vector<result_node>& parts,
               double total,
               const char* css) {
  double energy = 0;
  for (const result_node& part : parts) energy += part.number();
  const std::string text = fmt::format("{} ({})", readable(energy), percent(energy / total));
  return {escape(name), derived(energy, text, parts, "sum"), {{energy, css}}};
}

/// The energy of MACs, levels and networks between them, the innermost first.
std::string energy_card(const result_node& figures) {
  constexpr std::size_t energy_of_tensor = 10;  // in the record of a level's tensor
  const double total = figures["energy_pj"].number();
  std::vector<bar> bars{energy_bar("MACs", {figures["compute"]["energy_pj"]}, total, "mac")};
  for (const result_node& level : figures["levels"].elements()) {
    std::vector<result_node> parts;
    const result_node tensors = level["tensors"];
    for (const std::string& name : tensors.keys()) {
      parts.push_back(tensors[name].at(energy_of_tensor));
    }
    bars.push_back(energy_bar(level["name"].text(), parts, total, "l1"));
  }
  for (const result_node& network : figures["networks"].elements()) {
    std::vector<result_node> parts;
    const result_node tensors = network["tensors"];
    for (const std::string& name : tensors.keys()) parts.push_back(tensors[name]["pj"]);
    const bar b = energy_bar("network below " + network["outer"].text(), parts, total, "l2");
    if (b.parts[0].value > 0) bars.push_back(b);
  }
  return card("Energy by level", draw(bars, "pJ"));
}

std::string history_card(const run& r, const result_node& layer) {
  const std::string unit = unit_of_first_objective(r.root);
  const chart_series steps{"", 0, layer["history"].path(), improvements(layer)};
  if (steps.points.empty()) return "";
  return card("Best over evaluations",
              draw({"Best " + unit, "valid mappings", unit, {steps}, {}, false}),
              "wide");
}

std::string front_card(const run& r, const result_node& layer) {
  const result_node front = layer["front"];
  const std::vector<result_node> members = front.elements();
  if (members.empty()) return "";
  std::string charts;
  const std::size_t objectives = members[0]["values"].elements().size();
  for (std::size_t up = 1; up < objectives; ++up) {
    chart_series points{"", 0, front.path(), {}};
    for (const result_node& member : members) {
      const double x = member["values"].at(0).number();
      const double y = member["values"].at(up).number();
      points.points.push_back({x, y, fmt::format("{}, {}", readable(x), readable(y))});
    }
    const std::string across = named_with_unit(r.root, 0);
    const std::string along = named_with_unit(r.root, up);
    charts +=
        draw({fmt::format("Front: {} over {}", along, across), across, along, {points}, {}, true});
  }
  return card(fmt::format("Pareto front of {} mappings", members.size()), charts, "wide");
}

std::string counts_card(const result_node& layer) {
  std::string rows;
  const auto add = [&rows](const std::string& name, const result_node& value) {
    rows +=
        fmt::format("<tr><td>{}</td><td class=\"n\">{}</td></tr>\n", escape(name), figure(value));
  };
  add("valid mappings scored", layer["evaluations"]);
  add("proposals", layer["proposals"]);
  add("beyond a limit", layer["over_limit"]);
  for (const std::string& reason : layer["rejected"].keys()) {
    add("rejected: " + reason, layer["rejected"][reason]);
  }
  add("seconds", layer["seconds"]);
  return card("Search", "<table>" + rows + "</table>");
}

/// The loop nest; results that lack it have the mapping as a file.
std::string nest_card(const result_node& layer) {
  const result_node nest = layer["nest"].present() ? layer["nest"] : layer["mapping"];
  if (!nest.present()) return "";
  return card("Mapping", "<pre tabindex=\"0\">" + quoted(nest) + "</pre>", "wide");
}

std::string one_layer(const run& r, const result_node& layer, bool open) {
  const result_node figures = layer["metrics"];
  std::string about;
  for (const std::string& name : layer["sizes"].keys()) {
    about += fmt::format("{} {} ", name, layer["sizes"][name].text());
  }
  std::string cards = figures.present() ? energy_card(figures)
                                        : card("No valid mapping was found",
                                               "<p>Every proposal broke a rule of the model, a "
                                               "constraint or a limit.</p>",
                                               "warn");
  cards = side_by_side(cards + counts_card(layer)) + history_card(r, layer) + front_card(r, layer) +
          nest_card(layer);
  return fmt::format(
      "<details class=\"layer\" id=\"{}\"{}><summary>{} <span class=\"soft\">{}</span></summary>\n"
      "<div class=\"cards\">\n{}</div>\n</details>\n",
      anchor_of(r, layer),
      open ? " open" : "",
      quoted(layer["layer"]),
      escape(about),
      cards);
}

}  // namespace

std::string unit_of_first_objective(const result_node& root) { return named_with_unit(root, 0); }

std::vector<chart_point> improvements(const result_node& layer) {
  std::vector<chart_point> points;
  for (const result_node& step : layer["history"].elements()) {
    const double done = step["evaluations"].number();
    const double best = step["values"].at(0).number();
    points.push_back(
        {done, best, fmt::format("{} evaluations: {}", readable(done), readable(best))});
  }
  // The best stays what it is up to the end.
  if (!points.empty()) {
    points.push_back({layer["evaluations"].number(), points.back().y, "the end"});
  }
  return points;
}

bool is_timeloop_result(const result_node& root) { return root["cost_model"].text() == "timeloop"; }

std::string timeloop_sections(const run& r, bool alone) {
  std::string out = head_tiles(r) + "<div class=\"cards\">\n" + layers_card(r) +
                    side_by_side(options_card(r)) + "</div>\n";
  const std::vector<result_node> layers = r.root["layers"].elements();
  for (const result_node& layer : layers) out += one_layer(r, layer, alone && layers.size() == 1);
  return out;
}

}  // namespace cugamma::report
