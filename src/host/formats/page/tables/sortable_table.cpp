#include "formats/page/tables/sortable_table.hpp"

#include <fmt/format.h>

#include "formats/page/html.hpp"

namespace cugamma::report {
namespace {

/// The name of a column, which may be broken behind each "_".
std::string breakable(const std::string& name) {
  std::string html;
  for (const char c : escape(name)) html += c == '_' ? std::string("_<wbr>") : std::string(1, c);
  return html;
}

std::string head_text(const std::vector<std::string>& head,
                      const std::vector<std::vector<table_cell>>& rows) {
  std::string text;
  for (std::size_t i = 0; i < head.size(); ++i) {
    const bool is_number = !rows.empty() && rows[0][i].is_number;
    text += fmt::format("<th{}><button type=\"button\" data-sort=\"{}\">{}</button></th>",
                        is_number ? " class=\"n\"" : "",
                        i,
                        breakable(head[i]));
  }
  return text;
}

}  // namespace

std::string sortable_table(const std::string& name,
                           const std::vector<std::string>& head,
                           const std::vector<std::vector<table_cell>>& rows) {
  std::string body;
  for (const std::vector<table_cell>& row : rows) {
    body += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      // A narrow screen shows a row as a list, in which each cell says what it is.
      body += fmt::format("<td{} data-head=\"{}\" data-value=\"{}\">{}</td>",
                          row[i].is_number ? " class=\"n\"" : "",
                          escape(head[i]),
                          escape(row[i].value),
                          row[i].html);
    }
    body += "</tr>\n";
  }
  return fmt::format(
      "<div class=\"scroll\"><table class=\"sortable\" "
      "data-name=\"{0}\"><thead><tr>{1}</tr></thead>"
      "<tbody>\n{2}</tbody></table></div>\n<p><button type=\"button\" data-csv=\"{0}\">Save as "
      "CSV</button></p>\n",
      escape(name),
      head_text(head, rows),
      body);
}

}  // namespace cugamma::report
