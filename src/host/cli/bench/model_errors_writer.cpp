#include "cli/bench/model_errors_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/accelerator_options.hpp"
#include "formats/accelerator/accelerator_json.hpp"
#include "formats/csv_reader.hpp"
#include "formats/report_json.hpp"

namespace cugamma::cli {
namespace {

using nlohmann::ordered_json;

/// A share as a percentage of three digits; large ones whole.
std::string percent(double share) {
  const double value = 100 * share;
  return value < 1000 ? fmt::format("{:.3g} %", value) : fmt::format("{:.0f} %", value);
}

std::string title(const error_plan& plan) {
  return fmt::format(
      "figures of {} against those of {}: {} layers, {} mappings of each and draw, seed {}\n{}\n",
      plan.judged->name,
      plan.model->name,
      plan.layers.size(),
      plan.count,
      plan.seed,
      describe(plan.a));
}

std::string draw_table(const draw_errors& d) {
  std::string text = fmt::format("\n{} draw, {} mappings: {}\n", d.draw, d.subset, d.mappings);
  if (d.mappings == 0) return text;
  text += fmt::format("  {:<32}{:>10}{:>12}{:>12}{:>12}\n",
                      "relative error",
                      "equal",
                      "median",
                      "p90",
                      "largest");
  for (const figure_error& f : d.figures) {
    text += fmt::format("  {:<32}{:>10}{:>12}{:>12}{:>12}\n",
                        f.figure,
                        percent(f.equal_share),
                        percent(f.median),
                        percent(f.p90),
                        percent(f.largest));
  }
  return text;
}

/// The least and the greatest of the layers, without those that have none.
class range {
 public:
  void add(std::optional<double> value) {
    if (!value) return;
    least_ = std::min(least_.value_or(*value), *value);
    greatest_ = std::max(greatest_.value_or(*value), *value);
  }
  std::string text() const {
    return least_ ? fmt::format("{:.3f} .. {:.3f}", *least_, *greatest_) : "-";
  }

 private:
  std::optional<double> least_;
  std::optional<double> greatest_;
};

std::string correlation_row(const model_errors& found,
                            std::string_view subset,
                            std::string_view name,
                            std::optional<double> correlation::*which) {
  std::string text = fmt::format("  {:<32}", name);
  for (std::size_t f = 0; f < correlated_figures.size(); ++f) {
    range of_layers;
    for (const layer_correlations& row : found.correlations) {
      if (row.subset == subset) of_layers.add(row.figures[f].*which);
    }
    text += fmt::format("{:>19}", of_layers.text());
  }
  return text + "\n";
}

std::string correlation_table(const error_plan& plan, const model_errors& found) {
  std::string text = fmt::format(
      "\nSpearman's rank correlation with the figures of {}, least and greatest of the layers\n"
      "  {:<32}",
      plan.model->name,
      "");
  for (const std::string_view figure : correlated_figures) text += fmt::format("{:>19}", figure);
  text += "\n";
  for (const mapping_subset& s : subsets_of(*plan.judged)) {
    text += correlation_row(found, s.name, s.name, &correlation::overall);
    text += correlation_row(found,
                            s.name,
                            fmt::format("  the {} best by {}", best_count, plan.judged->name),
                            &correlation::among_best);
  }
  return text;
}

ordered_json number_or_null(std::optional<double> value) {
  if (!value) return nullptr;
  return *value;
}

ordered_json to_json(const draw_errors& d) {
  ordered_json figures = ordered_json::object();
  for (const figure_error& f : d.figures) {
    figures[std::string(f.figure)] = {{"equal", f.equal_share},
                                      {"median", json_number(f.median)},
                                      {"p90", json_number(f.p90)},
                                      {"largest", json_number(f.largest)}};
  }
  return {{"draw", d.draw}, {"subset", d.subset}, {"mappings", d.mappings}, {"figures", figures}};
}

ordered_json to_json(const layer_correlations& row) {
  ordered_json j{{"layer", row.layer},
                 {"subset", row.subset},
                 {"mappings", row.mappings},
                 {"best", std::min(row.mappings, best_count)}};
  for (std::size_t f = 0; f < correlated_figures.size(); ++f) {
    j["figures"][std::string(correlated_figures[f])] = {
        {"overall", number_or_null(row.figures[f].overall)},
        {"among_best", number_or_null(row.figures[f].among_best)}};
  }
  return j;
}

}  // namespace

std::string errors_table(const error_plan& plan, const model_errors& found) {
  std::string text = title(plan);
  for (const draw_errors& d : found.errors) text += draw_table(d);
  return text + correlation_table(plan, found);
}

std::string errors_json(const error_plan& plan, const model_errors& found) {
  ordered_json j{{"cost_model", plan.model->name},
                 {"against", plan.judged->name},
                 {"accelerator", accelerator_json(plan.a)},
                 {"mappings_per_layer_and_draw", plan.count},
                 {"seed", plan.seed},
                 {"errors", ordered_json::array()},
                 {"rank_correlations", ordered_json::array()}};
  for (const network_layer& l : plan.layers) j["layers"].push_back(l.name);
  for (const draw_errors& d : found.errors) j["errors"].push_back(to_json(d));
  for (const layer_correlations& row : found.correlations) {
    j["rank_correlations"].push_back(to_json(row));
  }
  return j.dump(2) + "\n";
}

std::string errors_csv(const error_plan&, const model_errors& found) {
  std::string text = "layer,draw,subset,mappings,figure,statistic,value\n";
  for (const draw_errors& d : found.errors) {
    for (const figure_error& f : d.figures) {
      const std::pair<std::string_view, double> statistics[] = {{"equal", f.equal_share},
                                                                {"median", f.median},
                                                                {"p90", f.p90},
                                                                {"largest", f.largest}};
      for (const auto& [name, value] : statistics) {
        text += fmt::format("all,{},{},{},{},{},{}\n",
                            d.draw,
                            d.subset,
                            d.mappings,
                            f.figure,
                            name,
                            value);
      }
    }
  }
  for (const layer_correlations& row : found.correlations) {
    for (std::size_t f = 0; f < correlated_figures.size(); ++f) {
      const correlation& c = row.figures[f];
      const std::pair<std::string_view, std::optional<double>> statistics[] = {
          {"rank_correlation", c.overall},
          {"rank_correlation_among_best", c.among_best}};
      for (const auto& [name, value] : statistics) {
        text += fmt::format("{},both,{},{},{},{},{}\n",
                            csv_quoted(row.layer),
                            row.subset,
                            row.mappings,
                            correlated_figures[f],
                            name,
                            value ? fmt::format("{}", *value) : "");
      }
    }
  }
  return text;
}

}  // namespace cugamma::cli
