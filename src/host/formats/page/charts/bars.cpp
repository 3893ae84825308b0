#include "formats/page/charts/bars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "formats/page/html.hpp"

namespace cugamma::report {
namespace {

double length(const bar& b) {
  double sum = 0;
  for (const bar_part& part : b.parts) sum += std::isfinite(part.value) ? part.value : 0;
  return sum;
}

double longest(const std::vector<bar>& bars) {
  double out = 0;
  for (const bar& b : bars) out = std::max({out, length(b), b.limit});
  return out > 0 ? out : 1;
}

/// Where a value lies between the ends of a scale, in percent, and what stands below it.
struct bar_scale {
  double low = 0;
  double high = 1;
  bool is_logarithmic = false;

  double at(double value) const {
    if (!is_logarithmic) return 100 * (value - low) / (high - low);
    return 100 * std::log(value / low) / std::log(high / low);
  }
  double middle() const { return is_logarithmic ? std::sqrt(low * high) : (low + high) / 2; }
};

std::string draw_bar(const bar& b, const bar_scale& scale) {
  std::string out = fmt::format(
      "<div><div class=\"bar-name\"><b>{}</b><span class=\"n\">{}</span></div>"
      "<div class=\"track\" aria-hidden=\"true\">",
      b.name_html,
      b.value_html);
  for (const bar_part& part : b.parts)
    if (part.value > 0 && std::isfinite(part.value))
      out += fmt::format("<i class=\"{}\" style=\"width:{:.3f}%\"></i>",
                         part.css,
                         scale.at(part.value));
  if (b.limit > 0)
    out += fmt::format("<b class=\"limit\" style=\"left:{:.3f}%\"></b>",
                       std::min(scale.at(b.limit), 99.5));
  return out + "</div></div>\n";
}

std::string draw_to_scale(const std::vector<bar>& bars,
                          const bar_scale& scale,
                          const std::string& scale_name) {
  std::string out = "<div class=\"bars\">\n";
  for (const bar& b : bars) out += draw_bar(b, scale);
  return out + fmt::format(
                   "</div><div class=\"scale\" aria-hidden=\"true\"><span>{}</span><span>{}</span>"
                   "<span>{}</span></div><div class=\"axis-name\">{}</div>\n",
                   compact(scale.low),
                   compact(scale.middle()),
                   compact(scale.high),
                   escape(scale_name));
}

}  // namespace

std::string draw(const std::vector<bar>& bars, const std::string& scale_name) {
  return draw_to_scale(bars, {.high = longest(bars)}, scale_name);
}

std::string draw_logarithmic(const std::vector<bar>& bars, const std::string& scale_name) {
  double low = std::numeric_limits<double>::infinity();
  for (const bar& b : bars) {
    low = std::min(low, length(b));
    if (b.limit > 0) low = std::min(low, b.limit);
  }
  // Room to the left, so that the smallest value has a bar as well.
  return draw_to_scale(bars, {low / 2, std::max(longest(bars), low), true}, scale_name);
}

std::string legend(const std::vector<std::pair<std::string, std::string>>& css_and_name) {
  std::string out = "<ul class=\"legend\">";
  for (const auto& [css, name] : css_and_name)
    out += fmt::format("<li><i class=\"{}\"></i>{}</li>", css, escape(name));
  return out + "</ul>\n";
}

}  // namespace cugamma::report
