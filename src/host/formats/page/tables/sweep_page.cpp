#include "formats/page/tables/sweep_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "formats/page/charts/line_chart.hpp"
#include "formats/page/html.hpp"
#include "formats/page/sections.hpp"
#include "formats/page/tables/sortable_table.hpp"

namespace cugamma {
namespace {

using namespace report;

std::optional<double> number_in(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// The option to plot over: the last one of numbers.
std::optional<std::size_t> plotted_option(const sweep& all) {
  for (std::size_t i = all.options.size(); i-- > 0;) {
    const bool has_numbers = std::ranges::all_of(all.rows, [i](const sweep_row& row) {
      return number_in(row.values[i]).has_value();
    });
    if (has_numbers) return i;
  }
  return std::nullopt;
}

/// What a line stands for: the values of the other options.
std::string line_name(const sweep& all, const sweep_row& row, std::size_t plotted) {
  std::string name;
  for (std::size_t i = 0; i < all.options.size(); ++i) {
    if (i == plotted) continue;
    name += fmt::format("{}{} {}", name.empty() ? "" : ", ", all.options[i], row.values[i]);
  }
  return name;
}

std::string legend_of(const line_chart& chart) {
  if (chart.series.size() < 2) return "";
  std::string out = "<ul class=\"legend\">";
  for (const chart_series& s : chart.series) {
    out +=
        fmt::format("<li class=\"run{}\"><i class=\"run\"></i>{}</li>", s.run % 6, escape(s.name));
  }
  return out + "</ul>\n";
}

std::string plot(const sweep& all, std::size_t figure, std::size_t over) {
  line_chart chart;
  chart.title = fmt::format("{} over {}", all.figures[figure], all.options[over]);
  chart.x_name = all.options[over];
  chart.y_name = all.figures[figure];
  chart.scatter = true;
  std::map<std::string, std::size_t> lines;
  for (const sweep_row& row : all.rows) {
    const std::string name = line_name(all, row, over);
    const auto [line, is_new] = lines.emplace(name, chart.series.size());
    if (is_new) chart.series.push_back({name, static_cast<int>(chart.series.size()), "", {}, true});
    const double value = row.figures[figure];
    chart.series[line->second].points.push_back(
        {*number_in(row.values[over]),
         value,
         fmt::format("{} {}: {}", all.options[over], row.values[over], readable(value))});
  }
  for (chart_series& s : chart.series) std::ranges::sort(s.points, {}, &chart_point::x);
  const std::string drawn = draw(chart);
  return drawn.empty() ? "" : card(chart.title, legend_of(chart) + drawn, "wide");
}

std::string table_of(const sweep& all) {
  std::vector<std::string> head = all.options;
  head.insert(head.end(), all.figures.begin(), all.figures.end());
  std::vector<std::vector<table_cell>> rows;
  for (const sweep_row& row : all.rows) {
    std::vector<table_cell> cells;
    for (const std::string& value : row.values) {
      cells.push_back({escape(value), value, number_in(value).has_value()});
    }
    for (const double value : row.figures) {
      const bool is_there = std::isfinite(value);
      cells.push_back(
          {is_there ? readable(value) : "-", is_there ? fmt::format("{:.17g}", value) : "", true});
    }
    rows.push_back(std::move(cells));
  }
  return sortable_table("sweep", head, rows);
}

}  // namespace

std::string sweep_html(const sweep& all) {
  const std::string title = fmt::format("{} searches", all.rows.size());
  std::string body = "<div class=\"cards\">\n";
  if (const auto over = plotted_option(all)) {
    for (std::size_t i = 0; i < all.figures.size(); ++i) body += plot(all, i, *over);
  }
  return framed_page(title, body + "</div>\n<h2>Table</h2>\n" + table_of(all));
}

}  // namespace cugamma
