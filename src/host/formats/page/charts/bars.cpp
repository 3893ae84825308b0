#include "formats/page/charts/bars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

std::string draw_bar(const bar& b, double full) {
  std::string out = fmt::format(
      "<div><div class=\"bar-name\"><b>{}</b><span class=\"n\">{}</span></div>"
      "<div class=\"track\" aria-hidden=\"true\">",
      b.name_html,
      b.value_html);
  for (const bar_part& part : b.parts)
    if (part.value > 0 && std::isfinite(part.value))
      out += fmt::format("<i class=\"{}\" style=\"width:{:.3f}%\"></i>",
                         part.css,
                         100 * part.value / full);
  if (b.limit > 0)
    out += fmt::format("<b class=\"limit\" style=\"left:{:.3f}%\"></b>",
                       std::min(100 * b.limit / full, 99.5));
  return out + "</div></div>\n";
}

}  // namespace

std::string draw(const std::vector<bar>& bars, const std::string& scale_name) {
  const double full = longest(bars);
  std::string out = "<div class=\"bars\">\n";
  for (const bar& b : bars) out += draw_bar(b, full);
  return out + fmt::format(
                   "</div><div class=\"scale\" aria-hidden=\"true\"><span>0</span><span>{}</span>"
                   "<span>{}</span></div><div class=\"axis-name\">{}</div>\n",
                   compact(full / 2),
                   compact(full),
                   escape(scale_name));
}

std::string legend(const std::vector<std::pair<std::string, std::string>>& css_and_name) {
  std::string out = "<ul class=\"legend\">";
  for (const auto& [css, name] : css_and_name)
    out += fmt::format("<li><i class=\"{}\"></i>{}</li>", css, escape(name));
  return out + "</ul>\n";
}

}  // namespace cugamma::report
