#include "cugamma/formats/result_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cugamma/error.hpp"
#include "files/parse_json.hpp"
#include "formats/page/assets/assets.hpp"
#include "formats/page/html.hpp"
#include "formats/page/sections.hpp"
#include "formats/page/shapes.hpp"
#include "formats/page/timeloop/timeloop_sections.hpp"

namespace cugamma {
namespace {

using namespace report;

nlohmann::json parsed(const result_file& file) {
  nlohmann::json out = parse_json(file.text, file.name);
  if (!out.is_object() || !out.contains("layers") || !out["layers"].is_array())
    throw input_error(
        fmt::format("{}: found no list \"layers\", expected a result of cugamma search",
                    file.name));
  return out;
}

/// The result without what the layers of one shape have in common: all but the first give the place
/// of the first in "same_as". A comparison shows every layer.
nlohmann::json each_shape_once(const run& r) {
  nlohmann::json content = r.root.json();
  for (const shape& s : shapes_of(r)) {
    for (std::size_t i = 1; i < s.places.size(); ++i) {
      nlohmann::json& layer = content["layers"][s.places[i]];
      if (!layer.is_object()) continue;
      for (const char* common : {"best", "history", "front"}) layer.erase(common);
      layer["same_as"] = s.places[0];
    }
  }
  return content;
}

/// JSON that no HTML parser takes for the end of its script element.
std::string inlined(const nlohmann::json& content) {
  std::string out;
  for (const char c : content.dump()) out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return out;
}

/// Whether results are by Timeloop's model, which has figures that no other has. Throws input_error
/// if some of them are.
bool are_timeloop_results(const std::vector<run>& runs) {
  const auto is_one = [](const run& r) { return is_timeloop_result(r.root); };
  const auto count = std::ranges::count_if(runs, is_one);
  if (count == 0 || count == std::ssize(runs)) return count > 0;
  throw input_error(
      fmt::format("{}: cost_model: found \"timeloop\" beside results of other models, expected "
                  "results of one kind",
                  std::ranges::find_if(runs, is_one)->name));
}

/// A run among others, folded to its name.
std::string folded(const run& r, const std::string& sections) {
  return fmt::format("<details class=\"layer\"><summary>{}</summary>\n{}</details>\n",
                     escape(r.name),
                     sections);
}

std::string sections_of(const run& r) {
  std::string out = run_head(r) + network_section(r);
  const std::vector<shape> shapes = shapes_of(r);
  out += fmt::format("<h2>{}</h2>\n", shapes.size() == 1 ? "Layer" : "Layers");
  for (const shape& s : shapes) out += layer_section(r, s, shapes.size() == 1);
  return out;
}

std::string title_of(const std::vector<run>& runs) {
  if (runs.size() > 1) return fmt::format("Comparison of {} searches", runs.size());
  const result_node model =
      runs[0].root[is_timeloop_result(runs[0].root) ? "architecture" : "model"];
  const std::string what = model.present() ? model.text() : runs[0].name;
  return fmt::format("{}: {}", what, goal_of(runs[0].root));
}

std::string body_of(const std::vector<run>& runs) {
  const bool are_timeloops = are_timeloop_results(runs), is_alone = runs.size() == 1;
  std::string out;
  if (!is_alone) {
    out += are_timeloops ? timeloop_comparison(runs) : comparison_section(runs);
    out += "<h2>Runs</h2>\n";
  }
  for (const run& r : runs) {
    const std::string own = are_timeloops ? timeloop_sections(r, is_alone) : sections_of(r);
    out += is_alone ? own : folded(r, own);
  }
  for (const run& r : runs)
    out += fmt::format("<script type=\"application/json\" id=\"result-{}\">{}</script>\n",
                       r.number,
                       inlined(runs.size() == 1 ? each_shape_once(r) : r.root.json()));
  return out;
}

}  // namespace

std::string report::framed_page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
      "<title>{0}</title>\n<style>\n{1}</style>\n</head>\n<body>\n"
      "<a class=\"skip\" href=\"#main\">To the results</a>\n<main id=\"main\">\n<h1>{0}</h1>\n"
      "{2}</main>\n<script>\n{3}</script>\n</body>\n</html>\n",
      escape(title),
      style_sheet,
      body,
      script);
}

std::string report_html(std::span<const result_file> files) {
  if (files.empty()) throw input_error("report: no result.json given");
  std::vector<nlohmann::json> contents;
  for (const result_file& file : files) contents.push_back(parsed(file));
  std::vector<run> runs;
  for (std::size_t i = 0; i < files.size(); ++i)
    runs.push_back({files[i].name, result_node(contents[i]), static_cast<int>(i)});
  return framed_page(
      title_of(runs),
      "<p class=\"note\">A figure's title names the field of result.json it comes from.</p>\n" +
          body_of(runs));
}

}  // namespace cugamma
