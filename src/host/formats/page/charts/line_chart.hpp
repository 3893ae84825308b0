#pragma once

#include <limits>
#include <string>
#include <vector>

namespace cugamma::report {

/// One point of a chart, and what is read out there.
struct chart_point {
  double x;
  double y;
  std::string label;
  double shade = std::numeric_limits<double>::quiet_NaN();  ///< a third figure, as colour
  std::string href = "";                                    ///< where a click leads; empty: nowhere
};

/// A line, or a cloud of points, of one run.
struct chart_series {
  std::string name;  ///< empty if there is only one
  int run = 0;       ///< picks the colour
  std::string path;  ///< of the values in result.json
  std::vector<chart_point> points;
  bool has_line = false;  ///< in a scatter: straight lines from point to point
  bool has_dots = true;   ///< in a scatter
};

/// What a chart shows. Numbers that are not finite are left out.
struct line_chart {
  std::string title;   ///< for those who cannot see it
  std::string x_name;  ///< with unit
  std::string y_name;  ///< with unit
  std::vector<chart_series> series;
  std::vector<double> bounds;   ///< horizontal lines
  bool scatter = false;         ///< points alone, not steps from one to the next
  bool is_logarithmic = false;  ///< both axes, where no value is 0; else only if they span much
  std::string shade_name = "";  ///< of the points' colour, with unit; empty: none
};

/// The chart as HTML around an SVG; empty if there is no point to draw.
std::string draw(const line_chart& chart);

}  // namespace cugamma::report
