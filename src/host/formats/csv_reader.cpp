#include "formats/csv_reader.hpp"

#include <algorithm>

namespace cugamma {
namespace {

constexpr std::string_view blanks = " \t\r";

token trimmed(std::string_view cell, text_position at) {
  const std::size_t begin = std::min(cell.find_first_not_of(blanks), cell.size());
  const std::size_t end = cell.find_last_not_of(blanks) + 1;
  at.column += static_cast<int>(begin);
  return {cell.substr(begin, end > begin ? end - begin : 0), at};
}

std::vector<token> cells(std::string_view line, int number) {
  std::vector<token> row;
  for (std::size_t begin = 0;;) {
    const std::size_t comma = line.find(',', begin);
    row.push_back(
        trimmed(line.substr(begin, comma - begin), {number, static_cast<int>(begin) + 1}));
    if (comma == line.npos) return row;
    begin = comma + 1;
  }
}

}  // namespace

std::vector<std::vector<token>> read_csv(std::string_view text) {
  std::vector<std::vector<token>> rows;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t first = line.find_first_not_of(blanks);
    if (first != line.npos && line[first] != '#') rows.push_back(cells(line, number));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return rows;
}

}  // namespace cugamma
