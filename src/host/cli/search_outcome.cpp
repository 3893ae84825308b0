#include "search_outcome.hpp"

#include <algorithm>
#include <utility>

#include "checkpoint_keeper.hpp"
#include "cugamma/co_design.hpp"
#include "cugamma/error.hpp"
#include "cugamma/evaluator.hpp"
#include "cugamma/style_mapping.hpp"
#include "cugamma/warm_start.hpp"

namespace cugamma::cli {
namespace {

struct searches_of_layers {
  std::vector<layer> layers;  ///< each shape once
  std::vector<genetic_search> searches;
  std::vector<std::size_t> search_of;  ///< of every layer of the request
};

genetic_search make_search(const search_request& request,
                           const std::string& name,
                           const layer& mapped,
                           std::size_t index) {
  search_space space = space_for(request, mapped);
  space.layer_index = static_cast<std::uint16_t>(index);
  const auto initial = warm_start(request.init, name, space, request.search.population);
  return {space, request.machine, request.search, initial};
}

searches_of_layers make_searches(const search_request& request) {
  searches_of_layers all;
  for (const network_layer& given : request.layers) {
    const layer mapped = mapped_layer(request, given.l);
    const auto known = std::ranges::find(all.layers, mapped);
    all.search_of.push_back(static_cast<std::size_t>(known - all.layers.begin()));
    if (known != all.layers.end()) continue;
    all.searches.push_back(make_search(request, given.name, mapped, all.layers.size()));
    all.layers.push_back(mapped);
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
  result.front = search.front();
  if (result.best) result.figures = report_of(*result.best, mapped, a);
  const bool has_own_pes = result.best && own_pes(result.best->mapping) != 0;
  const std::int32_t pes = has_own_pes ? own_pes(result.best->mapping) : a.num_pes;
  result.bounds = bounds_of(mapped, a, pes);
  result.evaluations = search.evaluations();
  result.rejected = search.rejected();
  result.log = log;
  return result;
}

void run_on_machine(search_outcome& outcome,
                    searches_of_layers& all,
                    evaluator& score,
                    const std::function<void(const run_summary&)>& progress) {
  const search_request& request = outcome.request;
  checkpoint_keeper keeper(request);
  run_summary start = keeper.resume(all.searches);
  outcome.run = run_searches(
      all.searches,
      all.layers,
      {&request.machine, 1},
      score,
      request.stop,
      [&](const run_summary& run) {
        keeper.keep(run, all.searches);
        progress(run);
      },
      std::move(start));
}

/// One machine for all layers; the request's becomes that machine.
void co_design_network(search_outcome& outcome, searches_of_layers& all, evaluator& score) {
  search_request& request = outcome.request;
  if (request.search.selection == selection_rule::pareto) {
    throw input_error(
        "--pareto with --num-pes search: found several layers, expected one (--layer): each layer "
        "of "
        "a front would have a machine of its own");
  }
  if (request.area_budget_mm2 <= 0) {
    throw input_error("--num-pes search for several layers: --area-budget is missing");
  }
  std::vector<weighted_layer> layers;
  for (const layer& l : all.layers) layers.push_back({l, 0});
  for (std::size_t i = 0; i < request.layers.size(); ++i) {
    layers[all.search_of[i]].count += request.layers[i].count;
  }
  co_design_options options;
  options.area_budget_um2 = request.search.area_budget_um2;
  options.pe_limit = request.machine.num_pes;
  options.evaluations = std::min<std::int64_t>(request.stop.evaluations, 100000);
  options.interrupted = request.stop.interrupted;
  const space_maker make_space = [&](const layer& l, const accelerator& a) {
    search_request on = request;
    on.machine = a;
    on.search_pes = false;
    return space_for(on, l);
  };
  co_design_result found =
      co_design(layers, request.machine, make_space, request.search, options, score);
  request.machine = found.machine;
  all.searches = std::move(found.searches);
  outcome.run = std::move(found.run);
  outcome.machines = found.machines;
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

network_totals search_outcome::totals() const {
  network_totals sum;
  for (const searched_layer& l : layers) {
    const auto count = static_cast<double>(l.count);
    sum.latency_cycles += count * static_cast<double>(l.best->figures.runtime_cycles);
    sum.energy_nj += count * l.figures.energy_nj;
    sum.macs += count * static_cast<double>(layer_macs(l.mapped));
  }
  return sum;
}

search_outcome search(const search_request& request,
                      const std::function<void(const run_summary&)>& progress) {
  const auto score = make_evaluator(request.back_end, {.threads = request.threads});
  searches_of_layers all = make_searches(request);
  search_outcome outcome;
  outcome.request = request;
  outcome.back_end = score->name();
  outcome.distinct_shapes = all.layers.size();
  if (request.search_pes && all.layers.size() > 1) {
    co_design_network(outcome, all, *score);
  } else {
    run_on_machine(outcome, all, *score, progress);
  }
  for (std::size_t i = 0; i < request.layers.size(); ++i) {
    const std::size_t at = all.search_of[i];
    outcome.layers.push_back(describe_search(request.layers[i],
                                             all.layers[at],
                                             all.searches[at],
                                             outcome.run.logs[at],
                                             outcome.request.machine));
  }
  add_gains(outcome, *score);
  return outcome;
}

}  // namespace cugamma::cli
