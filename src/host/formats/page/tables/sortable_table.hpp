#pragma once

#include <string>
#include <vector>

namespace cugamma::report {

/// A cell: what is shown, as HTML, and what a table sorts by and saves: a number, or text.
struct table_cell {
  std::string html;
  std::string value;
  bool is_number = false;
};

/// A table as HTML whose rows the reader sorts by a click on a column's head, and saves as CSV
/// under `name`; the columns of the head are text.
std::string sortable_table(const std::string& name,
                           const std::vector<std::string>& head,
                           const std::vector<std::vector<table_cell>>& rows);

}  // namespace cugamma::report
