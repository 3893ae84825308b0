#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "formats/page/html.hpp"
#include "formats/page/sections.hpp"
#include "problem/dimension_names.hpp"

namespace cugamma::report {
namespace {

std::string sizes_of(const layer& l) {
  using enum dimension;
  if (l.type == layer_type::gemm) return fmt::format("M {} N {} K {}", l[Y], l[K], l[C]);
  return fmt::format("K {} C {} Y {} X {} R {} S {}", l[K], l[C], l[Y], l[X], l[R], l[S]);
}

/// The options as a command line, where the file has no such line itself.
std::string command_of(const result_node& config) {
  std::string out = "cugamma search";
  for (const std::string& key : config.keys()) {
    const result_node value = config[key];
    if (!value.present() || value.json().is_structured()) continue;
    if (value.json().is_boolean() && !value.json().get<bool>()) continue;
    std::string option = key;
    for (char& c : option)
      if (c == '_') c = '-';
    out += fmt::format(" --{}", option);
    if (!value.json().is_boolean()) out += fmt::format(" {}", value.text());
  }
  return out;
}

std::string command_box(const run& r) {
  const result_node line = r.root["command"];
  const std::string shown = line.present() ? quoted(line) : escape(command_of(r.root["config"]));
  return fmt::format(
      "<section class=\"card wide\"><h3>To repeat it</h3><pre class=\"wrap\" id=\"command-{0}\" "
      "tabindex=\"0\">{1}</pre><p><button data-copy=\"command-{0}\">Copy</button></p></section>\n",
      r.number,
      shown);
}

/// Numbers that stand for no limit are said so.
std::string option_value(const result_node& value) {
  const double number = value.number();
  const bool no_limit = value.json().is_null() || number < 0 || number > 9e18;
  if (no_limit) return fmt::format("<span title=\"{}\">unlimited</span>", escape(value.path()));
  return value.is_number() ? figure(value) : quoted(value);
}

std::string table_of(const result_node& owner, std::string_view title) {
  std::string rows;
  for (const std::string& key : owner.keys()) {
    const result_node value = owner[key];
    if (value.json().is_structured() || key == "command") continue;
    rows += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td></tr>\n",
                        escape(key),
                        option_value(value));
  }
  if (rows.empty()) return "";
  return card(title, "<div class=\"scroll\"><table>" + rows + "</table></div>");
}

}  // namespace

std::string layer_name(const result_node& layer) {
  const result_node text = layer["best"]["mapping"];
  if (!text.present()) return "";
  try {
    const mapping_file file = parse_mapping_file(text.text(), text.path());
    if (file.layers.empty()) return "";
    const auto& l = file.layers[0].l;
    return fmt::format("{} {}", type_name_of(l.type), sizes_of(l));
  } catch (const input_error&) {
    return "";
  }
}

double layer_count(const result_node& layer) { return layer["count"].number_or(1); }

result_node bound_of(const result_node& layer) {
  const result_node compute = layer["bound_cycles"];
  const result_node traffic = layer["traffic_bound_cycles"];
  return traffic.number_or(0) > compute.number_or(0) ? traffic : compute;
}

std::vector<chart_point> convergence_points(const result_node& layer, const std::string& unit) {
  std::vector<chart_point> out;
  for (const result_node& entry : layer["history"].elements()) {
    const double best = entry["best"].at(0).number();
    if (!std::isfinite(best) || (!out.empty() && out.back().y == best)) continue;
    const double done = entry["evaluations"].number();
    out.push_back({done,
                   best,
                   fmt::format("generation {}, {} evaluations: {} {}",
                               readable(entry["generation"].number()),
                               readable(done),
                               readable(best),
                               unit)});
  }
  // The line goes on to where the search ended.
  const double end = layer["evaluations"].number();
  if (!out.empty() && end > out.back().x) {
    const double best = out.back().y;
    out.push_back(
        {end, best, fmt::format("{} evaluations: {} {}", readable(end), readable(best), unit)});
  }
  return out;
}

std::string objective_name(const result_node& root, std::size_t i) {
  for (const result_node& names : {root["objectives"], root["config"]["objectives"]})
    if (names.at(i).present()) return names.at(i).text();
  return "objective";
}

std::string first_objective(const result_node& root) { return objective_name(root, 0); }

std::string goal_of(const result_node& root) {
  bool is_front = root["front"].present();
  for (const result_node& layer : root["layers"].elements()) {
    is_front = is_front || layer["front"].present();
  }
  if (!is_front) return "best " + first_objective(root);
  const bool is_timeloop = root["objectives"].present();
  const result_node names = is_timeloop ? root["objectives"] : root["config"]["objectives"];
  const std::size_t count = std::max<std::size_t>(names.elements().size(), 1);
  std::string goal = "front of " + first_objective(root);
  for (std::size_t i = 1; i < count; ++i) {
    goal += (i + 1 == count ? " and " : ", ") + objective_name(root, i);
  }
  return goal;
}

std::string run_head(const run& r) {
  const std::string tables = table_of(r.root["accelerator"], "Accelerator") +
                             table_of(r.root["config"], "Options") + table_of(r.root, "Run");
  return command_box(r) +
         "<details><summary>Accelerator, options and run</summary><div class=\"cards\">\n" +
         side_by_side(tables) + "</div></details>\n";
}

}  // namespace cugamma::report
