#include "search/network/co_design/network_co_design.hpp"

#include <fmt/core.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/search/checkpoint.hpp"

namespace cugamma {
namespace {

std::vector<weighted_layer> weighted_layers(const network_search_request& request,
                                            const layer_shapes& shapes) {
  std::vector<weighted_layer> layers;
  for (const layer& l : shapes.layers) layers.push_back({l, 0});
  for (std::size_t i = 0; i < request.layers.size(); ++i) {
    layers[shapes.shape_of[i]].count += request.layers[i].count;
  }
  return layers;
}

/// Evaluations a layer that a request allows.
std::int64_t evaluations_allowed(const network_search_request& request) {
  const double bred = static_cast<double>(request.stop.generations) + 1;
  const double most = bred * static_cast<double>(request.search.population);
  if (most >= static_cast<double>(request.stop.evaluations)) return request.stop.evaluations;
  return static_cast<std::int64_t>(most);
}

co_design_options contest_options(const network_search_request& request) {
  co_design_options options;
  options.area_budget_um2 = request.search.area_budget_um2;
  options.pe_limit = request.machine.num_pes;
  options.evaluations = evaluations_allowed(request);
  options.seconds = request.stop.seconds;
  options.interrupted = request.stop.interrupted;
  return options;
}

std::string stage_of(const co_design_progress& now) {
  const std::string budget = std::isfinite(now.area_budget_um2)
                                 ? fmt::format("{:.3g} mm^2: ", now.area_budget_um2 / 1e6)
                                 : "";
  return fmt::format("{}heat {} of 2, {} accelerator{} left",
                     budget,
                     now.heat,
                     now.machines_left,
                     now.machines_left == 1 ? "" : "s");
}

void check_request(const network_search_request& request) {
  if (request.peers != nullptr && request.peers->size() > 1) {
    throw input_error("--num-pes search for several layers: found several processes, expected one");
  }
  const bool has_front = request.search.selection == selection_rule::pareto;
  if (request.area_budget_mm2 > 0 || has_front || searches_smallest_machine(request)) return;
  throw input_error(
      "--num-pes search for several layers: --area-budget is missing; the smallest accelerator "
      "that "
      "keeps a latency is searched by --objective budget-area --limit latency=CYCLES");
}

}  // namespace

bool searches_smallest_machine(const network_search_request& request) {
  return request.search.selection != selection_rule::pareto &&
         request.search.objectives[0] == objective::budget_area && !request.search.limits.empty();
}

void rank_by_request(search_result& found, const network_search_request& request) {
  for (history_entry& entry : found.log.history) entry.best.reset();
  if (!found.best) return;
  const scored_mapping m{found.best->figures,
                         request.machine,
                         pes_of(found.best->mapping, request.machine)};
  const std::vector<objective>& objectives = request.search.objectives;
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    found.best->rank.values[i] = value(objectives[i], m);
  }
}

co_design_setting co_design_setting_of(const network_search_request& request,
                                       const layer_shapes& shapes,
                                       checkpoint_keeper& keeper,
                                       const search_observer& observe) {
  check_request(request);
  co_design_setting setting{weighted_layers(request, shapes),
                            request.machine,
                            {},
                            contest_options(request),
                            {}};
  setting.make_space = [&](const layer& l, const accelerator& machine) {
    return space_on(request, l, machine);
  };
  co_design_options& options = setting.options;
  options.initial = [&](std::size_t l, const search_space& space) {
    return first_individuals(request, shapes.names[l], space);
  };
  options.progress = [&](const co_design_progress& now) {
    if (observe) observe(now.run, stage_of(now));
  };
  options.wants_checkpoint = [&] { return keeper.is_due(); };
  options.checkpoint = [&](co_design_state state) {
    keeper.keep({{}, std::move(state.run), std::move(state.searches)});
  };
  if (!request.checkpoints.resume.empty()) {
    checkpoint state = read_checkpoint(request.checkpoints.resume);
    setting.resumed = co_design_state{std::move(state.run), std::move(state.searches)};
  }
  return setting;
}

shape_searches co_design_network(network_search_result& result,
                                 const layer_shapes& shapes,
                                 evaluator& score,
                                 const search_observer& observe) {
  network_search_request& request = result.request;
  checkpoint_keeper keeper(request);
  const co_design_setting setting = co_design_setting_of(request, shapes, keeper, observe);
  co_design_result found = co_design(setting.problem(score),
                                     request.search,
                                     setting.options,
                                     setting.resumed ? &*setting.resumed : nullptr);
  request.machine = found.machine;
  result.machines = found.machines;
  return {std::move(found.searches), std::move(found.run), keeper.problem()};
}

}  // namespace cugamma
