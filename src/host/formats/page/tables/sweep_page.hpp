#pragma once

#include <string>
#include <vector>

namespace cugamma {

/// A search of several: the values of the options that differ, in their order, and its figures; NaN
/// where there are none.
struct sweep_row {
  std::vector<std::string> values;
  std::vector<double> figures;
};

/// Several searches, as a page shows them.
struct sweep {
  std::vector<std::string> options;
  std::vector<std::string> figures;  ///< with their units
  std::vector<sweep_row> rows;
};

/// One self-contained page: each figure plotted over the last option whose values are all numbers,
/// a line for each combination of the others, and a table that can be sorted and saved.
std::string sweep_html(const sweep& all);

}  // namespace cugamma
