#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/tokenizer.hpp"

namespace cugamma {

struct csv_cell {
  std::string text;
  text_position at;
};

struct csv_table {
  std::vector<std::vector<csv_cell>> rows;  ///< the header first
  std::vector<text_position> hashed_rows;   ///< rows whose first cell begins with #
};

/// The rows of a comma-separated text. Cells are trimmed; a cell in double quotes may hold commas,
/// line breaks and, written twice, quotes. Blank lines are dropped, and so are lines that begin
/// with # in front of the header. Behind it such a line is a comment if it has no comma, or if a
/// blank follows the # and it has not as many cells as the header; otherwise it is a row. Throws
/// input_error for a quote that is not closed, and for a line that could be either.
csv_table read_csv(std::string_view text, std::string_view file);

/// A cell as read_csv reads it back: in quotes where that needs them.
std::string csv_quoted(std::string_view text);

}  // namespace cugamma
