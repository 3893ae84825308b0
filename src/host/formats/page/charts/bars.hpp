#pragma once

#include <string>
#include <vector>

namespace cugamma::report {

/// A coloured piece of a bar.
struct bar_part {
  double value;
  std::string css;  ///< class that gives the colour
};

/// One bar: its name, the value's text (HTML) and its pieces, stacked.
struct bar {
  std::string name_html;
  std::string value_html;
  std::vector<bar_part> parts;
  double limit = 0;  ///< a dashed mark at this value; 0: none
};

/// Horizontal bars over one scale from 0 to the largest bar or limit, with the scale's ends and its
/// name with unit below.
std::string draw(const std::vector<bar>& bars, const std::string& scale_name);

/// The same over a logarithmic scale from below the smallest value or limit; bars have one piece.
/// precondition: values above 0
std::string draw_logarithmic(const std::vector<bar>& bars, const std::string& scale_name);

/// A list of names with their colours.
std::string legend(const std::vector<std::pair<std::string, std::string>>& css_and_name);

}  // namespace cugamma::report
