#include "cli/compare/contest_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/certify/certify_writer.hpp"
#include "cli/statistics.hpp"
#include "files/json_text.hpp"
#include "formats/csv_reader.hpp"
#include "formats/report_json.hpp"

namespace cugamma::cli {
namespace {

/// What is printed of a contestant, as a user reads it.
class summary {
 public:
  summary(const contestant& c, const contest_heading& h) : c_(c), heading_(h) {}

  double at(double quantile_share, std::size_t share = contest_shares.size() - 1) const {
    const double value = quantile(values_after(c_, share), quantile_share);
    return std::isfinite(value) ? heading_.figure(value) : value;
  }
  double median(std::size_t share) const { return at(0.5, share); }

  /// How far the median is above the optimum, a share of it; precondition: that is proved
  double above() const {
    constexpr std::size_t end = contest_shares.size() - 1;
    return above_optimum(quantile(values_after(c_, end), 0.5), *c_.optimum);
  }

  double evaluations() const {
    std::vector<double> counts;
    for (const contest_search& s : c_.searches) {
      counts.push_back(static_cast<double>(s.evaluations));
    }
    return quantile(counts, 0.5);
  }
  double seconds() const {
    std::vector<double> times;
    for (const contest_search& s : c_.searches) times.push_back(s.seconds);
    return quantile(times, 0.5);
  }

 private:
  const contestant& c_;
  const contest_heading& heading_;
};

std::string share_name(double share) { return fmt::format("{:g}%", 100 * share); }

std::string figure_text(double figure) {
  return std::isfinite(figure) ? fmt::format("{:.7g}", figure) : "-";
}

bool same_contest(const contestant& a, const contestant& b) {
  return a.layer == b.layer && a.budget == b.budget;
}

/// "0.12 %" above the optimum; "<= 0.12 %" where that is only known to lie between bounds.
std::string above_text(const contestant& c, const summary& s) {
  if (!std::isfinite(s.above())) return "-";
  const bool is_known = c.optimum->lower == c.optimum->upper;
  return fmt::format("{}{:.4g} %", is_known ? "" : "<= ", 100 * s.above());
}

std::string optimum_text(const contestant& c, std::string_view unit) {
  if (!c.optimum) return "";
  const auto [lower, upper] = *c.optimum;
  if (lower == upper && std::isfinite(upper))
    return fmt::format(", the optimum is {:.10g} {}", upper, unit);
  return ", " + bounds_text(lower, upper, unit);
}

std::string figures_header(bool has_optimum) {
  return fmt::format("{:<12}{:>13}{:>13}{:>13}{:>13}{:>13}{:>13}{:>10}{}\n",
                     "algorithm",
                     "median",
                     "quartile 1",
                     "quartile 3",
                     "best",
                     "worst",
                     "evaluations",
                     "seconds",
                     has_optimum ? "  above the optimum" : "");
}

std::string figures_row(const contestant& c, const contest_heading& h) {
  const summary s(c, h);
  return fmt::format("{:<12}{:>13}{:>13}{:>13}{:>13}{:>13}{:>13.0f}{:>10.3g}{}\n",
                     c.algorithm,
                     figure_text(s.at(0.5)),
                     figure_text(s.at(0.25)),
                     figure_text(s.at(0.75)),
                     figure_text(s.at(0)),
                     figure_text(s.at(1)),
                     s.evaluations(),
                     s.seconds(),
                     c.optimum ? fmt::format("{:>19}", above_text(c, s)) : "");
}

std::string convergence_header() {
  std::string text = fmt::format("{:<12}", "median after");
  for (const double share : contest_shares) text += fmt::format("{:>13}", share_name(share));
  return text + "\n";
}

std::string convergence_row(const contestant& c, const contest_heading& h) {
  std::string text = fmt::format("{:<12}", c.algorithm);
  for (std::size_t i = 0; i < contest_shares.size(); ++i) {
    text += fmt::format("{:>13}", figure_text(summary(c, h).median(i)));
  }
  return text + "\n";
}

std::string budget_text(const contest_heading& h, contest_budget budget) {
  return budget == contest_budget::evaluations ? fmt::format("{} evaluations", h.evaluations)
                                               : fmt::format("{:g} seconds", h.seconds);
}

std::string as_table(const contest_heading& h, const std::vector<contestant>& all) {
  std::string text;
  for (auto first = all.begin(); first != all.end();) {
    const auto last = std::find_if(first, all.end(), [&](const contestant& c) {
      return !same_contest(c, *first);
    });
    text += fmt::format("{} {}, {}, {} seeds, {} each{}\n\n",
                        h.model,
                        first->layer,
                        h.objective,
                        h.seeds,
                        budget_text(h, first->budget),
                        optimum_text(*first, h.unit));
    text += figures_header(first->optimum.has_value());
    for (auto c = first; c != last; ++c) text += figures_row(*c, h);
    text += "\n" + convergence_header();
    for (auto c = first; c != last; ++c) text += convergence_row(*c, h);
    text += "\n";
    first = last;
  }
  return text;
}

nlohmann::ordered_json row_json(const contestant& c, const contest_heading& h) {
  const summary s(c, h);
  nlohmann::ordered_json convergence = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < contest_shares.size(); ++i) {
    convergence[share_name(contest_shares[i])] = json_number(s.median(i));
  }
  nlohmann::ordered_json row{{"layer", c.layer},
                             {"equal", name_of(c.budget)},
                             {"algorithm", c.algorithm},
                             {"median", json_number(s.at(0.5))},
                             {"quartile_1", json_number(s.at(0.25))},
                             {"quartile_3", json_number(s.at(0.75))},
                             {"best", json_number(s.at(0))},
                             {"worst", json_number(s.at(1))},
                             {"evaluations", s.evaluations()},
                             {"seconds", s.seconds()},
                             {"median_after", convergence}};
  if (c.optimum) {
    row["lower_bound"] = json_number(c.optimum->lower);
    row["upper_bound"] = json_number(c.optimum->upper);
    row["above_optimum"] = json_number(s.above());
  }
  return row;
}

std::string as_csv(const contest_heading& h, const std::vector<contestant>& all) {
  std::string text =
      "layer,equal,algorithm,median,quartile_1,quartile_3,best,worst,evaluations,seconds";
  for (const double share : contest_shares) text += ",median_after_" + share_name(share);
  const bool has_optima = !all.empty() && all.front().optimum;
  text += has_optima ? ",lower_bound,upper_bound,above_optimum\n" : "\n";
  for (const contestant& c : all) {
    const summary s(c, h);
    text += fmt::format("{},{},{}", csv_quoted(c.layer), name_of(c.budget), c.algorithm);
    for (const double q : {0.5, 0.25, 0.75, 0.0, 1.0}) text += fmt::format(",{:.10g}", s.at(q));
    text += fmt::format(",{},{:.6g}", s.evaluations(), s.seconds());
    for (std::size_t i = 0; i < contest_shares.size(); ++i) {
      text += fmt::format(",{:.10g}", s.median(i));
    }
    if (c.optimum) {
      const auto [lower, upper] = *c.optimum;
      text += fmt::format(",{:.10g},{:.10g},{:.6g}", lower, upper, s.above());
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string contest_json(const contest_heading& h, const std::vector<contestant>& all) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const contestant& c : all) rows.push_back(row_json(c, h));
  const nlohmann::ordered_json result{{"model", h.model},
                                      {"objective", h.objective},
                                      {"seeds", h.seeds},
                                      {"evaluations", h.evaluations},
                                      {"seconds", h.seconds},
                                      {"results", rows}};
  return json_text(result);
}

std::string contest_text(const contest_heading& h,
                         const std::vector<contestant>& all,
                         std::string_view format) {
  if (format == "json") return contest_json(h, all);
  return format == "csv" ? as_csv(h, all) : as_table(h, all);
}

}  // namespace cugamma::cli
