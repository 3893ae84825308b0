#include <fmt/core.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/search/checkpoint.hpp"
#include "cugamma/search/co_design.hpp"
#include "search/network/checkpoint_keeper.hpp"
#include "search/network/shape_searches.hpp"

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
  return fmt::format("{:.3g} mm^2: heat {} of 2, {} accelerators left",
                     now.area_budget_um2 / 1e6,
                     now.heat,
                     now.machines_left);
}

void check_request(const network_search_request& request) {
  if (request.search.selection == selection_rule::pareto) {
    throw input_error(
        "--pareto with --num-pes search: found several layers, expected one (--layer): each layer "
        "of a front would have an accelerator of its own; cugamma sweep --num-pes LOW..HIGH "
        "--pareto ... finds the network's front on several accelerators");
  }
  if (request.peers != nullptr && request.peers->size() > 1) {
    throw input_error("--num-pes search for several layers: found several processes, expected one");
  }
  if (request.area_budget_mm2 > 0 || searches_smallest_machine(request)) return;
  throw input_error(
      "--num-pes search for several layers: --area-budget is missing; the smallest accelerator "
      "that "
      "keeps a latency is searched by --objective budget-area --limit latency=CYCLES");
}

}  // namespace

bool searches_smallest_machine(const network_search_request& request) {
  return request.search.objectives[0] == objective::budget_area && !request.search.limits.empty();
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

shape_searches co_design_network(network_search_result& result,
                                 const layer_shapes& shapes,
                                 evaluator& score,
                                 const search_observer& observe) {
  network_search_request& request = result.request;
  check_request(request);
  checkpoint_keeper keeper(request);
  co_design_options options = contest_options(request);
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
  std::optional<co_design_state> start;
  if (!request.checkpoints.resume.empty()) {
    checkpoint state = read_checkpoint(request.checkpoints.resume);
    start = co_design_state{std::move(state.run), std::move(state.searches)};
  }
  const space_maker make_space = [&](const layer& l, const accelerator& machine) {
    return space_on(request, l, machine);
  };
  co_design_result found = co_design(weighted_layers(request, shapes),
                                     request.machine,
                                     make_space,
                                     request.search,
                                     options,
                                     score,
                                     start ? &*start : nullptr);
  request.machine = found.machine;
  result.machines = found.machines;
  return {std::move(found.searches), std::move(found.run), keeper.problem()};
}

}  // namespace cugamma
