#include "formats/csv_reader.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace cugamma {
namespace {

constexpr std::string_view blanks = " \t\r";

bool is_blank(char c) { return blanks.find(c) != std::string_view::npos; }

class csv_scanner {
 public:
  csv_scanner(std::string_view text, std::string_view file) : text_(text), file_(file) {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  }

  csv_table table() {
    csv_table result;
    while (!text_.empty()) {
      const std::string_view line = text_.substr(0, text_.find('\n'));
      const std::size_t first = line.find_first_not_of(blanks);
      const bool is_hashed = first != line.npos && line[first] == '#';
      const std::size_t columns = result.rows.empty() ? 0 : result.rows.front().size();
      if (first == line.npos || (is_hashed && is_comment(line.substr(first), columns))) {
        skip_line(line.size());
        continue;
      }
      if (is_hashed) result.hashed_rows.push_back(at_);
      result.rows.push_back(row());
    }
    return result;
  }

 private:
  /// Whether a line that begins with # is no row. `columns`: of the header, 0 in front of it.
  bool is_comment(std::string_view line, std::size_t columns) const {
    if (columns == 0 || line.find(',') == line.npos) return true;
    const bool is_set_off = line.size() > 1 && (is_blank(line[1]) || line[1] == '#');
    if (!is_set_off) return false;
    if (static_cast<std::size_t>(std::ranges::count(line, ',')) + 1 != columns) return true;
    throw error_at(file_,
                   at_,
                   "a line that begins with # has as many cells as the header: put the name in "
                   "quotes if it is a row, leave out a comma if it is a comment");
  }

  void skip_line(std::size_t length) {
    text_.remove_prefix(std::min(length + 1, text_.size()));
    at_ = {at_.line + 1, 1};
  }

  void advance() {
    at_ = text_.front() == '\n' ? text_position{at_.line + 1, 1}
                                : text_position{at_.line, at_.column + 1};
    text_.remove_prefix(1);
  }

  bool at_line_end() const { return text_.empty() || text_.front() == '\n'; }

  void skip_blanks() {
    while (!text_.empty() && is_blank(text_.front())) advance();
  }

  std::vector<csv_cell> row() {
    std::vector<csv_cell> cells{cell()};
    while (!at_line_end()) {
      advance();  // the comma
      cells.push_back(cell());
    }
    if (!text_.empty()) advance();
    return cells;
  }

  /// Up to the comma or the end of the line.
  csv_cell cell() {
    skip_blanks();
    if (!text_.empty() && text_.front() == '"') return quoted_cell();
    csv_cell result{{}, at_};
    while (!at_line_end() && text_.front() != ',') {
      result.text += text_.front();
      advance();
    }
    result.text.resize(result.text.find_last_not_of(blanks) + 1);
    return result;
  }

  csv_cell quoted_cell() {
    csv_cell result{{}, at_};
    advance();
    while (!(text_.starts_with('"') && !text_.starts_with("\"\""))) {
      if (text_.empty()) throw error_at(file_, result.at, "the quote is not closed");
      if (text_.front() == '"') advance();
      result.text += text_.front();
      advance();
    }
    advance();
    skip_blanks();
    if (at_line_end() || text_.front() == ',') return result;
    throw error_at(file_,
                   at_,
                   fmt::format("found \"{}\" behind a closing quote, expected a comma",
                               text_.substr(0, text_.find_first_of(",\n"))));
  }

  std::string_view text_;  ///< that is left
  std::string_view file_;
  text_position at_;
};

}  // namespace

csv_table read_csv(std::string_view text, std::string_view file) {
  return csv_scanner(text, file).table();
}

std::string csv_quoted(std::string_view text) {
  const bool is_plain = text.find_first_of(",\"\r\n#") == text.npos &&
                        (text.empty() || (!is_blank(text.front()) && !is_blank(text.back())));
  if (is_plain) return std::string(text);
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + '"';
}

}  // namespace cugamma
