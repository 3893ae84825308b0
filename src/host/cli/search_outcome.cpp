#include "search_outcome.hpp"

#include <algorithm>
#include <utility>

#include "checkpoint_keeper.hpp"
#include "cugamma/error.hpp"
#include "cugamma/evaluator.hpp"
#include "cugamma/style_mapping.hpp"

namespace cugamma::cli {
namespace {

struct searches_of_layers {
  std::vector<layer> layers;
  std::vector<genetic_search> searches;
};

searches_of_layers make_searches(const search_request& request) {
  searches_of_layers all;
  for (const network_layer& given : request.layers) {
    layer mapped = unit_stride(given.l);
    if (request.constraint) mapped = constrained_layer(*request.constraint, mapped);
    search_space space = make_search_space(mapped, request.machine, request.space);
    if (request.constraint) space = constrain(space, *request.constraint);
    space.layer_index = static_cast<std::uint16_t>(all.layers.size());
    all.layers.push_back(mapped);
    all.searches.emplace_back(space, request.machine, request.search);
  }
  return all;
}

report report_of(const candidate& best, const layer& l, accelerator a) {
  if (own_pes(best.mapping) != 0) a.num_pes = own_pes(best.mapping);
  return evaluate_reference(l, a, to_mapping(best.mapping, l));
}

/// The first objective's value in the one mapping of a style; nothing if it is not feasible.
std::optional<double> style_value(const mapping_constraint& style,
                                  const layer& l,
                                  const search_request& request,
                                  evaluator& score) {
  try {
    const styled_layer styled = style_mapping(style, l, request.machine);
    cost figures;
    score.evaluate({{&styled.mapped, 1}, {&request.machine, 1}, {&styled.mapping, 1}},
                   {&figures, 1});
    const search_space space = make_search_space(styled.mapped, request.machine, {1, 3});
    const fitness found = rank(styled.mapping, figures, space, request.machine, request.search);
    if (found.violation > 0) return std::nullopt;
    return found.values[0];
  } catch (const input_error&) {
    return std::nullopt;  // a machine that the style does not fit
  }
}

void add_gains(search_outcome& outcome, evaluator& score) {
  const std::vector<std::string> known = constraint_names();
  for (const std::string& name : classic_styles()) {
    if (std::ranges::find(known, name) == known.end()) continue;
    const mapping_constraint style = read_constraint(find_constraint(name));
    for (searched_layer& l : outcome.layers) {
      if (!l.best) continue;
      const auto value = style_value(style, unit_stride(l.given), outcome.request, score);
      const double best = l.best->rank.values[0];
      const bool maximised = is_maximised(outcome.request.search.objectives[0]);
      if (value) l.gains.push_back({name, maximised ? best / *value : *value / best});
    }
  }
}

searched_layer describe_search(const network_layer& given,
                               const layer& mapped,
                               const genetic_search& search,
                               const search_log& log,
                               const accelerator& a) {
  searched_layer result;
  result.name = given.name;
  result.given = given.l;
  result.mapped = mapped;
  result.count = given.count;
  result.best = search.best();
  if (result.best) result.figures = report_of(*result.best, mapped, a);
  result.bounds = bounds_of(mapped, a, a.num_pes);
  result.evaluations = search.evaluations();
  result.rejected = search.rejected();
  result.log = log;
  return result;
}

}  // namespace

double searched_layer::above_bound() const {
  return static_cast<double>(best->figures.runtime_cycles) / static_cast<double>(bounds.larger()) -
         1;
}

bool search_outcome::all_found() const {
  return std::ranges::all_of(layers, [](const searched_layer& l) { return l.best.has_value(); });
}

double search_outcome::mappings_per_second() const {
  return run.seconds > 0 ? static_cast<double>(run.evaluations) / run.seconds : 0;
}

bool rejects(belief trust, const rejection_reason& reason) {
  if (reason.count == &rejection_counts::inner_work) return trust == belief::strict;
  const bool is_limit = reason.count == &rejection_counts::illegal ||
                        reason.count == &rejection_counts::l1_size ||
                        reason.count == &rejection_counts::l2_size;
  return is_limit || trust != belief::maestro;
}

search_outcome search(const search_request& request,
                      const std::function<void(const run_summary&)>& progress) {
  const auto score = make_evaluator(request.back_end, {.threads = request.threads});
  searches_of_layers all = make_searches(request);
  search_outcome outcome;
  outcome.request = request;
  outcome.back_end = score->name();
  checkpoint_keeper keeper(request);
  run_summary start = keeper.resume(all.searches);
  outcome.run = run_searches(
      all.searches,
      all.layers,
      {&request.machine, 1},
      *score,
      request.stop,
      [&](const run_summary& run) {
        keeper.keep(run, all.searches);
        progress(run);
      },
      std::move(start));
  for (std::size_t i = 0; i < all.searches.size(); ++i) {
    outcome.layers.push_back(describe_search(request.layers[i],
                                             all.layers[i],
                                             all.searches[i],
                                             outcome.run.logs[i],
                                             request.machine));
  }
  add_gains(outcome, *score);
  return outcome;
}

}  // namespace cugamma::cli
