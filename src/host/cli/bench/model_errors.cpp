#include "cli/bench/model_errors.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "cli/statistics.hpp"
#include "cugamma/error.hpp"
#include "mapping/draw_mapping.hpp"
#include "models/figure_columns.hpp"

namespace cugamma::cli {
namespace {

/// A figure of one model: the columns that add up to it. Empty: the model lacks it.
using column_numbers = std::vector<std::size_t>;

column_numbers columns_of(const cost_model& model, const named_figure& names) {
  for (const column_names& spelling : names.spellings) {
    column_numbers found;
    for (const std::string_view name : spelling) {
      const auto at = std::ranges::find(model.columns, name, &report_column::name);
      if (at == model.columns.end()) break;
      found.push_back(static_cast<std::size_t>(at - model.columns.begin()));
    }
    if (found.size() == spelling.size()) return found;
  }
  return {};
}

struct compared_figure {
  std::string_view name;
  column_numbers of_model;
  column_numbers of_judged;
  bool is_whole = false;
};

std::vector<compared_figure> common_figures(const error_plan& plan) {
  std::vector<compared_figure> all;
  for (const named_figure& names : named_figures()) {
    const compared_figure f{names.name,
                            columns_of(*plan.model, names),
                            columns_of(*plan.judged, names),
                            false};
    if (f.of_model.empty() || f.of_judged.empty()) continue;
    all.push_back(f);
    all.back().is_whole = plan.model->columns[f.of_model[0]].is_whole &&
                          plan.judged->columns[f.of_judged[0]].is_whole;
  }
  return all;
}

double value_of(const report& r, const column_numbers& columns) {
  double sum = 0;
  for (const std::size_t c : columns) sum += r.values[c];
  return sum;
}

/// Fractions that differ by less come from sums in another order.
constexpr double rounding = 1e-12;

/// 0 if the two are equal.
double error_of(double right, double judged, bool is_whole) {
  if (right == judged) return 0;
  if (right == 0) return std::numeric_limits<double>::infinity();
  const double error = std::abs(judged / right - 1);
  return !is_whole && error <= rounding ? 0 : error;
}

/// A mapping as both models see it.
struct priced_mapping {
  cost right;
  cost judged;
  std::vector<double> errors;  ///< of the common figures
};

struct named_draw {
  std::string_view name;
  mapping_draw how;
};
constexpr std::array draws{named_draw{"initial", mapping_draw::initial},
                           named_draw{"uniform", mapping_draw::uniform}};

class trial {
 public:
  explicit trial(const error_plan& plan)
      : plan_(plan),
        figures_(common_figures(plan)),
        arena_(plan.threads > 0 ? plan.threads : tbb::task_arena::automatic) {}

  const std::vector<compared_figure>& figures() const { return figures_; }

  std::vector<priced_mapping> price(std::size_t layer_number, std::size_t draw_number) {
    std::vector<priced_mapping> all(plan_.count);
    arena_.execute([&] {
      tbb::parallel_for(std::size_t{0}, all.size(), [&](std::size_t i) {
        const auto stream = static_cast<std::uint32_t>(draws.size() * layer_number + draw_number);
        random_stream random(plan_.seed, stream, i);
        all[i] = price_next(plan_.layers[layer_number], draws[draw_number], random);
      });
    });
    return all;
  }

 private:
  static constexpr int most_attempts = 10000;

  priced_mapping price_next(const network_layer& l, named_draw draw, random_stream& random) const {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
      const mapping m = to_mapping(draw_mapping(l.l, plan_.a, draw.how, random), l.l);
      const report right = plan_.model->explain(l.l, plan_.a, m);
      if (!is_legal(right.figures.status)) continue;
      const report judged = plan_.judged->explain(l.l, plan_.a, m);
      if (!is_legal(judged.figures.status)) continue;
      priced_mapping priced{right.figures, judged.figures, {}};
      for (const compared_figure& f : figures_) {
        priced.errors.push_back(
            error_of(value_of(right, f.of_model), value_of(judged, f.of_judged), f.is_whole));
      }
      return priced;
    }
    throw input_error(fmt::format("layer {}: none of {} mappings of the {} draw is legal",
                                  l.name,
                                  most_attempts,
                                  draw.name));
  }

  const error_plan& plan_;
  std::vector<compared_figure> figures_;
  tbb::task_arena arena_;
};

/// The mappings of a subset.
using selection = std::vector<const priced_mapping*>;

void select(const std::vector<priced_mapping>& from, const mapping_subset& s, selection& out) {
  for (const priced_mapping& m : from) {
    if ((m.judged.status & s.rejecting_bits) == 0) out.push_back(&m);
  }
}

draw_errors sum_up(std::string_view draw,
                   std::string_view subset,
                   const selection& mappings,
                   const std::vector<compared_figure>& figures) {
  draw_errors row{draw, subset, mappings.size(), {}};
  if (mappings.empty()) return row;
  for (std::size_t f = 0; f < figures.size(); ++f) {
    std::vector<double> errors;
    for (const priced_mapping* m : mappings) errors.push_back(m->errors[f]);
    const auto equal = static_cast<double>(std::ranges::count(errors, 0.0));
    row.figures.push_back({figures[f].name,
                           equal / static_cast<double>(errors.size()),
                           quantile(errors, 0.5),
                           quantile(errors, 0.9),
                           std::ranges::max(errors)});
  }
  return row;
}

double latency(const cost& c) { return static_cast<double>(c.runtime_cycles); }
double energy(const cost& c) { return c.energy_nj; }
double edp(const cost& c) { return latency(c) * energy(c); }

correlation correlate(const selection& mappings, double (*figure)(const cost&)) {
  struct pair {
    double right;
    double judged;
  };
  std::vector<pair> pairs;
  for (const priced_mapping* m : mappings) pairs.push_back({figure(m->right), figure(m->judged)});
  std::ranges::stable_sort(pairs, {}, &pair::judged);
  std::vector<double> right, judged;
  for (const pair& p : pairs) {
    right.push_back(p.right);
    judged.push_back(p.judged);
  }
  const std::size_t best = std::min(best_count, pairs.size());
  return {rank_correlation(judged, right),
          rank_correlation(std::span(judged).first(best), std::span(right).first(best))};
}

/// By draw, then by layer.
using priced_draws = std::array<std::vector<std::vector<priced_mapping>>, draws.size()>;

std::vector<draw_errors> errors_of(const priced_draws& priced,
                                   const std::vector<mapping_subset>& subsets,
                                   const std::vector<compared_figure>& figures) {
  std::vector<draw_errors> rows;
  for (std::size_t d = 0; d < draws.size(); ++d) {
    for (const mapping_subset& s : subsets) {
      selection mappings;
      for (const auto& of_layer : priced[d]) select(of_layer, s, mappings);
      rows.push_back(sum_up(draws[d].name, s.name, mappings, figures));
    }
  }
  return rows;
}

std::vector<layer_correlations> correlations_of(const std::vector<network_layer>& layers,
                                                const priced_draws& priced,
                                                const std::vector<mapping_subset>& subsets) {
  std::vector<layer_correlations> rows;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    for (const mapping_subset& s : subsets) {
      selection mappings;
      for (const auto& of_draw : priced) select(of_draw[l], s, mappings);
      rows.push_back(
          {layers[l].name,
           s.name,
           mappings.size(),
           {correlate(mappings, latency), correlate(mappings, energy), correlate(mappings, edp)}});
    }
  }
  return rows;
}

void check_layers(const error_plan& plan) {
  for (const network_layer& l : plan.layers) {
    for (const cost_model* model : {plan.model, plan.judged}) {
      if (const auto obstacle = model->obstacle(l.l, plan.a)) {
        throw input_error(fmt::format("layer {}: {}", l.name, *obstacle));
      }
    }
    if (!has_genome_sizes(l.l)) {
      throw input_error(fmt::format("layer {}: it is too large to draw mappings of", l.name));
    }
  }
}

}  // namespace

std::vector<mapping_subset> subsets_of(const cost_model& judged) {
  std::vector<mapping_subset> all{{"all", 0}};
  for (const belief trust : {belief::plausible, belief::strict}) {
    const std::uint32_t bits = rejecting_bits(judged, trust) & implausible_mask;
    if (bits != all.back().rejecting_bits) all.push_back({name_of(trust), bits});
  }
  return all;
}

model_errors find_errors(const error_plan& plan) {
  check_layers(plan);
  trial t(plan);
  priced_draws priced;
  for (std::size_t l = 0; l < plan.layers.size(); ++l) {
    for (std::size_t d = 0; d < draws.size(); ++d) priced[d].push_back(t.price(l, d));
  }
  const std::vector<mapping_subset> subsets = subsets_of(*plan.judged);
  return {errors_of(priced, subsets, t.figures()), correlations_of(plan.layers, priced, subsets)};
}

}  // namespace cugamma::cli
