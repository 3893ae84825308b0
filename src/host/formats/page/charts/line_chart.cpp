#include "formats/page/charts/line_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "formats/page/charts/axis.hpp"
#include "formats/page/html.hpp"

namespace cugamma::report {
namespace {

struct span_of_values {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void take(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
};

bool drawable(const chart_point& p) { return std::isfinite(p.x) && std::isfinite(p.y); }

std::vector<chart_series> drawable_series(const line_chart& chart) {
  std::vector<chart_series> out = chart.series;
  for (chart_series& s : out) std::erase_if(s.points, [](const auto& p) { return !drawable(p); });
  std::erase_if(out, [](const chart_series& s) { return s.points.empty(); });
  return out;
}

/// Room above and below, so that no line runs on the frame.
axis padded_axis(span_of_values values, double log_ratio) {
  const bool wide = values.low > 0 && values.high / values.low > log_ratio;
  if (wide) return axis(values.low / 1.1, values.high * 1.1, log_ratio);
  const double room = 0.06 * (values.high - values.low);
  const double low = values.low - room;
  return axis(values.low >= 0 ? std::max(low, 0.0) : low, values.high + room, log_ratio);
}

/// A best value holds until a better one is found: steps, not slopes.
std::string step_path(const std::vector<chart_point>& points, const axis& x, const axis& y) {
  std::string path;
  for (const chart_point& p : points) {
    const double down = 100 - y.place(p.y);
    path += path.empty() ? fmt::format("M{:.2f} {:.2f}", x.place(p.x), down)
                         : fmt::format("H{:.2f}V{:.2f}", x.place(p.x), down);
  }
  return path;
}

std::string straight_path(const std::vector<chart_point>& points, const axis& x, const axis& y) {
  std::string path;
  for (const chart_point& p : points) {
    path +=
        fmt::format("{}{:.2f} {:.2f}", path.empty() ? "M" : "L", x.place(p.x), 100 - y.place(p.y));
  }
  return path;
}

std::string grid(const axis& y) {
  std::string path;
  for (const double mark : y.marks(5)) path += fmt::format("M0 {:.2f}H100", 100 - y.place(mark));
  return fmt::format("<path class=\"grid\" d=\"{}\"/>", path);
}

std::string lines(const line_chart& chart, const axis& x, const axis& y) {
  std::string out =
      "<svg viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";
  out += grid(y);
  for (const double bound : chart.bounds)
    out += fmt::format("<path class=\"bound\" d=\"M0 {:.2f}H100\"/>", 100 - y.place(bound));
  for (const chart_series& s : chart.series)
    if (!chart.scatter || s.has_line)
      out += fmt::format("<path class=\"run{}\" d=\"{}\" data-field=\"{}\"/>",
                         s.run % 6,
                         chart.scatter ? straight_path(s.points, x, y) : step_path(s.points, x, y),
                         escape(s.path));
  return out + "</svg>";
}

std::string scale_name(const std::string& name, const axis& a) {
  return escape(name) + (a.logarithmic() ? ", logarithmic" : "");
}

/// The figures that colours stand for, of all points; nothing where there are none.
std::optional<axis> shade_axis(const line_chart& chart) {
  span_of_values shades;
  for (const chart_series& s : chart.series)
    for (const chart_point& p : s.points)
      if (std::isfinite(p.shade)) shades.take(p.shade);
  if (chart.shade_name.empty() || shades.empty()) return std::nullopt;
  return axis(shades.low, shades.high, 20);
}

std::string shade_style(const std::optional<axis>& shades, double shade) {
  if (!shades || !std::isfinite(shade)) return "";
  return fmt::format(";--shade:{:.0f}%", shades->place(shade));
}

/// What the colours mean: the figure from its least to its largest.
std::string shade_legend(const line_chart& chart, const std::optional<axis>& shades) {
  if (!shades) return "";
  return fmt::format("<div class=\"shades\">{}: {} <i></i> {}</div>",
                     scale_name(chart.shade_name, *shades),
                     compact(shades->low()),
                     compact(shades->high()));
}

std::string dots(const line_chart& chart,
                 const axis& x,
                 const axis& y,
                 const std::optional<axis>& shades) {
  std::string out;
  for (const chart_series& s : chart.series)
    for (const chart_point& p : s.points)
      if (chart.scatter ? s.has_dots : s.points.size() == 1)
        out += fmt::format(
            "<{0} class=\"dot run{1}\" style=\"left:{2:.2f}%;bottom:{3:.2f}%{4}\" "
            "title=\"{5}\"></{6}>",
            p.href.empty() ? "i" : fmt::format("a href=\"{}\" tabindex=\"-1\"", escape(p.href)),
            s.run % 6,
            x.place(p.x),
            y.place(p.y),
            shade_style(shades, p.shade),
            escape(p.label),
            p.href.empty() ? "i" : "a");
  return out;
}

/// A mark of an axis and what stands beside it.
struct tick {
  double place;
  std::string label;
};

/// Digits that tell marks apart, three at least.
int digits_of(const std::vector<double>& marks) {
  constexpr int least = 3, most = 12;
  double gap = std::numeric_limits<double>::infinity();
  double size = 0;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    size = std::max(size, std::fabs(marks[i]));
    if (i > 0) gap = std::min(gap, marks[i] - marks[i - 1]);
  }
  if (!(gap > 0) || !std::isfinite(gap) || size == 0) return least;
  const double digits = std::floor(std::log10(size)) - std::floor(std::log10(gap)) + 1;
  return static_cast<int>(std::clamp<double>(digits, least, most));
}

std::vector<tick> ticks_of(const axis& a, int count) {
  const std::vector<double> marks = a.marks(count);
  const int digits = digits_of(marks);
  std::vector<tick> ticks;
  for (const double mark : marks) ticks.push_back({a.place(mark), compact(mark, digits)});
  return ticks;
}

std::string y_ticks(const axis& y) {
  std::string out = "<div class=\"y-ticks\" aria-hidden=\"true\">";
  for (const tick& t : ticks_of(y, 5))
    out += fmt::format("<span style=\"bottom:{:.2f}%\">{}</span>", t.place, t.label);
  return out + "</div>";
}

std::string x_ticks(const axis& x) {
  std::string out = "<div class=\"x-ticks\" aria-hidden=\"true\">";
  for (const tick& t : ticks_of(x, 4))
    out += fmt::format("<span{} style=\"left:{:.2f}%\">{}</span>",
                       t.place > 94 ? " class=\"end\"" : "",
                       t.place,
                       t.label);
  return out + "</div>";
}

/// JSON for an attribute in single quotes, for JSON is full of double ones.
std::string single_quoted(const nlohmann::json& value) {
  std::string out;
  for (const char c : value.dump()) {
    out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '\'' ? "&#39;" : std::string(1, c);
  }
  return out;
}

/// What the script reads out and saves: [[place, x, y, label], ...] of every series, with the third
/// figure behind the label where the chart has one.
std::string points_json(const line_chart& chart, const axis& x) {
  nlohmann::json all = nlohmann::json::array();
  for (const chart_series& s : chart.series) {
    nlohmann::json points = nlohmann::json::array();
    for (const chart_point& p : s.points) {
      const double place = std::round(100 * x.place(p.x)) / 100;
      points.push_back({place, p.x, p.y, p.label});
      if (std::isfinite(p.shade)) points.back().push_back(p.shade);
    }
    all.push_back({{"name", s.name}, {"points", points}});
  }
  return single_quoted(all);
}

/// The names of the figures of a point, as the script saves them.
std::string names_json(const line_chart& chart) {
  nlohmann::json names = nlohmann::json::array({chart.x_name, chart.y_name});
  if (!chart.shade_name.empty()) names.push_back(chart.shade_name);
  return single_quoted(names);
}

std::string frame(const line_chart& chart, const axis& x, const axis& y) {
  const std::optional<axis> shades = shade_axis(chart);
  return fmt::format(
      "<div class=\"chart\" data-names='{}' data-points='{}'>\n<div class=\"y-name\">{}</div>{}"
      "<div class=\"plot\" tabindex=\"0\" role=\"img\" aria-label=\"{}; arrow keys read "
      "values\">{}{}"
      "<div class=\"cursor\"></div></div>{}<div class=\"axis-name\">{}</div>{}</div>\n"
      "<p class=\"readout\" aria-live=\"polite\"></p>\n",
      names_json(chart),
      points_json(chart, x),
      scale_name(chart.y_name, y),
      y_ticks(y),
      escape(chart.title),
      lines(chart, x, y),
      dots(chart, x, y, shades),
      x_ticks(x),
      scale_name(chart.x_name, x),
      shade_legend(chart, shades));
}

}  // namespace

std::string draw(const line_chart& wanted) {
  line_chart chart = wanted;
  chart.series = drawable_series(wanted);
  std::erase_if(chart.bounds, [](double bound) { return !std::isfinite(bound); });
  span_of_values xs;
  span_of_values ys;
  for (const chart_series& s : chart.series)
    for (const chart_point& p : s.points) {
      xs.take(p.x);
      ys.take(p.y);
    }
  if (xs.empty()) return "";
  for (const double bound : chart.bounds) ys.take(bound);
  const double ratio = chart.is_logarithmic ? 1 : 20;
  const axis x = chart.scatter ? padded_axis(xs, ratio) : axis(xs.low, xs.high, 50);
  return frame(chart, x, padded_axis(ys, chart.is_logarithmic ? 1 : 5));
}

}  // namespace cugamma::report
