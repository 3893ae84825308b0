#include "formats/page/tables/comparison_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "formats/page/html.hpp"

namespace cugamma::report {

std::vector<std::string> names_of_layers(const std::vector<run>& runs, std::string_view key) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const run& r : runs) {
    for (const result_node& layer : r.root["layers"].elements()) {
      if (seen.insert(layer[key].text()).second) names.push_back(layer[key].text());
    }
  }
  return names;
}

result_node layer_named(const run& r, std::string_view key, const std::string& name) {
  const std::vector<result_node> layers = r.root["layers"].elements();
  const auto found = std::ranges::find(layers, name, [key](const result_node& layer) {
    return layer[key].text();
  });
  return found == layers.end() ? r.root["layers"].at(layers.size()) : *found;
}

std::string run_legend(const std::vector<run>& runs) {
  std::string out = "<ul class=\"legend\">";
  for (const run& r : runs)
    out += fmt::format("<li class=\"run{}\"><i class=\"run\"></i>{}</li>",
                       r.number % 6,
                       escape(r.name));
  return out + "</ul>\n";
}

std::string css_of(const run& r) { return fmt::format("run run{}", r.number % 6); }

table_cell setting_cell(const result_node& value) {
  if (value.json().is_null()) return {"unlimited", "", value.is_number()};
  std::string text = value.text();
  if (value.json().is_structured()) {
    text.clear();
    for (const result_node& e : value.elements()) text += (text.empty() ? "" : ", ") + e.text();
  }
  return {value.is_number() ? figure(value) : escape(text), text, value.is_number()};
}

table_cell total_cell(double value, double baseline) {
  if (!std::isfinite(value)) return {"-", "", true};
  const bool has_ratio = std::isfinite(baseline) && baseline > 0;
  const std::string ratio =
      has_ratio ? fmt::format(" <span class=\"soft\">{:.3g} x</span>", value / baseline) : "";
  return {readable(value) + ratio, fmt::format("{:.17g}", value), true};
}

std::string compared_layer(const std::string& name,
                           const std::string& about,
                           const std::string& cards,
                           bool open) {
  return fmt::format(
      "<details class=\"layer\"{}><summary>{}{}</summary>"
      "<div class=\"cards\">\n{}</div></details>\n",
      open ? " open" : "",
      escape(name),
      about.empty() ? "" : fmt::format(" <span class=\"soft\">{}</span>", about),
      cards);
}

}  // namespace cugamma::report
