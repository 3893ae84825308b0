#include "formats/page/html.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "cugamma/evaluate/objective.hpp"

namespace cugamma::report {
namespace {

std::string grouped(double value) {
  std::string digits = fmt::format("{:.0f}", std::fabs(value));
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return fmt::format("{}{}", value < 0 ? "-" : "", digits);
}

/// Where a figure comes from, which the page's script shows as its title.
std::string mark(std::string_view paths, double value, std::string_view rule) {
  std::string out = fmt::format("data-field=\"{}\" data-value=\"{:.17g}\"", escape(paths), value);
  if (!rule.empty()) out += fmt::format(" data-rule=\"{}\"", escape(rule));
  return out;
}

std::string of_digits(double value, int digits) {
  if (value >= std::pow(10.0, digits - 1)) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}g}", value, digits);
}

}  // namespace

std::string readable(double value) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return value > 0 ? "infinite" : "-infinite";
  if (value == std::floor(value) && std::fabs(value) < 1e12) return grouped(value);
  if (std::fabs(value) >= 1e3 && std::fabs(value) < 1e12) return grouped(std::round(value));
  return fmt::format("{:.4g}", value);
}

std::string compact(double value, int digits) {
  static constexpr std::array<std::pair<double, const char*>, 5> steps{
      {{1e15, " P"}, {1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}}};
  const double size = std::fabs(value);
  for (const auto& [step, suffix] : steps)
    if (size >= step && size < 1e18)
      return fmt::format("{}{}{}", value < 0 ? "-" : "", of_digits(size / step, digits), suffix);
  return fmt::format("{:.{}g}", value, digits);
}

std::string percent(double share) {
  if (!std::isfinite(share)) return "-";
  const double value = 100 * share;
  if (value != 0 && std::fabs(value) < 0.1) return fmt::format("{:.2g} %", value);
  return value < 10 ? fmt::format("{:.2f} %", value) : fmt::format("{:.1f} %", value);
}

std::string figure(const result_node& node, std::string_view unit) {
  if (!node.present()) return "-";
  const double value = node.number();
  std::string out =
      fmt::format("<span {}>{}</span>", mark(node.path(), value, ""), readable(value));
  if (!unit.empty()) out += fmt::format(" <small>{}</small>", unit);
  return out;
}

std::string derived(double value,
                    std::string_view text,
                    const std::vector<result_node>& sources,
                    std::string_view rule) {
  std::string paths;
  for (const result_node& source : sources) paths += (paths.empty() ? "" : "; ") + source.path();
  return fmt::format("<span {}>{}</span>", mark(paths, value, rule), escape(text));
}

std::string quoted(const result_node& node) {
  return fmt::format("<span data-text=\"{0}\">{1}</span>",
                     escape(node.path()),
                     escape(node.text()));
}

std::string tile(std::string_view term, std::string_view value_html) {
  return fmt::format("<dl class=\"tile\"><dt>{}</dt><dd>{}</dd></dl>\n", escape(term), value_html);
}

std::string card(std::string_view title, std::string_view body_html, std::string_view css) {
  return fmt::format("<section class=\"card {}\"><h3>{}</h3>\n{}</section>\n",
                     css,
                     escape(title),
                     body_html);
}

std::string side_by_side(const std::string& cards_html) {
  return cards_html.empty() ? "" : "<div class=\"columns\">\n" + cards_html + "</div>\n";
}

std::string_view unit_of(std::string_view name) {
  for (int i = 0; i < objective_count; ++i) {
    const auto o = static_cast<objective>(i);
    if (name_of(o) == name) return cugamma::unit_of(o);
  }
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> metrics{{
      {"runtime_cycles", "cycles"},
      {"energy_nj", "nJ"},
      {"area_um2", "um2"},
      {"power_mw", "mW"},
  }};
  for (const auto& [key, unit] : metrics)
    if (key == name) return unit;
  return "";
}

}  // namespace cugamma::report
