#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/search/network_search.hpp"
#include "cugamma/search/optimisers.hpp"
#include "search/network/shape_searches.hpp"

namespace cugamma {
namespace {

/// Populations from here on have breeding that is worth hiding behind their scoring.
constexpr std::int64_t hidden_from = 16384;
constexpr std::int64_t least_front = 10;
/// Members of fronts where nobody says how many: of one layer, and of each of several.
constexpr std::int64_t usual_front = 1000;
constexpr std::int64_t usual_front_of_several = 200;

bool is_gamma(const network_search_request& r) { return r.algorithm.starts_with("gamma"); }

template <typename Value>
void expect_at_least(const char* name, Value found, Value least) {
  if (found >= least) return;
  throw input_error(fmt::format("{}: found {}, expected {} or more", name, found, least));
}

void check_numbers(const network_search_request& r) {
  if (r.layers.empty()) throw input_error("layers: found none, expected one or more");
  for (const network_layer& l : r.layers) expect_at_least<std::int64_t>("count", l.count, 1);
  expect_at_least<std::int64_t>("generations", r.stop.generations, 0);
  expect_at_least<std::int64_t>("evaluations", r.stop.evaluations, 1);
  expect_at_least<double>("time_limit", r.stop.seconds, 0);
  expect_at_least<std::int64_t>("population", r.search.population, 2);
  expect_at_least<std::int64_t>("front_size", r.search.front_capacity, least_front);
  expect_at_least("tournament_size", r.search.tournament_size, 1);
  expect_at_least("cluster_size", r.space.cluster_size, 0);
  expect_at_least("islands", r.islands, 0);
  expect_at_least<std::int64_t>("migration_interval", r.migration_interval, 0);
  expect_at_least("threads", r.threads, 0);
  expect_at_least<double>("area_budget", r.area_budget_mm2, 0);
  check(r.machine);
  for (const network_layer& l : r.layers) {
    try {
      check(l.l);
    } catch (const input_error& e) {
      throw input_error(fmt::format("layer {}: {}", l.name, e.what()));
    }
  }
}

/// Throws input_error for what the request's algorithm cannot do.
void check_algorithm(const network_search_request& r) {
  if (const auto obstacle = algorithm_obstacle(r.algorithm)) {
    throw input_error(fmt::format("--algorithm {}: {}", r.algorithm, *obstacle));
  }
  if (is_gamma(r)) return;
  const auto refuse = [&](bool given, const char* what, const char* whose = "gamma") {
    if (!given) return;
    throw input_error(fmt::format("--algorithm {}: {} is for {} alone", r.algorithm, what, whose));
  };
  refuse(!r.checkpoints.folder.empty(), "--checkpoint");
  refuse(!r.init.empty(), "--init");
  refuse(r.islands > 1, "--islands");
  refuse(r.search_pes && r.layers.size() > 1, "--num-pes search with several layers");
  refuse(r.search.selection == selection_rule::tournament, "--selection");
  const bool wants_front = r.search.selection == selection_rule::pareto;
  refuse(wants_front && r.algorithm != "nsga2", "--pareto", "gamma and nsga2");
}

/// Throws input_error for an objective that is another cost model's.
void check_objective(objective o, const cost_model& model) {
  if (o != objective::maestro_energy && o != objective::maestro_edp) return;
  if (!model.objectives.empty()) return;
  throw input_error(fmt::format("objective {}: cost model {} has no such figure; maestro has",
                                name_of(o),
                                model.name));
}

/// Throws input_error for a layer that genomes or the cost model cannot hold, and for an objective
/// that the cost model has not.
void check_cost_model(const network_search_request& r) {
  const cost_model& model = *r.search.model;
  for (const objective o : r.search.objectives) check_objective(o, model);
  for (const objective_limit& limit : r.search.limits) check_objective(limit.o, model);
  for (const network_layer& given : r.layers) {
    const layer mapped = mapped_layer(r, given.l);
    if (const auto obstacle = genome_obstacle(mapped)) {
      throw input_error(fmt::format("layer {} cannot be searched: {}", given.name, *obstacle));
    }
    const auto obstacle = model.obstacle(mapped, r.machine);
    if (!obstacle) continue;
    throw input_error(fmt::format("layer {}: cost model {} cannot hold it: {}",
                                  given.name,
                                  model.name,
                                  *obstacle));
  }
}

void fill_in_levels(network_search_request& r) {
  const space_options usual;
  int& least = r.space.levels_min;
  int& most = r.space.levels_max;
  if (!r.constraint) {
    if (least == 0) least = usual.levels_min;
    if (most == 0) most = usual.levels_max;
    return;
  }
  const int levels = static_cast<int>(r.constraint->levels.size());
  if (most == 0) most = std::max(levels, least == 0 ? usual.levels_min : least);
  if (least == 0) least = std::min(levels, most);
}

void fill_in_search(network_search_request& r) {
  search_options& s = r.search;
  if (s.rates == breeding_rates{}) s.rates = rates_for(s.trust);
  s = options_for(r.algorithm, s);
  const std::string name =
      r.back_end == "auto" ? available_evaluators(*s.model).back() : r.back_end;
  const bool runs_on_host = device_count(name) == 0;
  if (s.population == 0) s.population = default_population(s.trust, s.selection, runs_on_host);
  if (s.front_capacity == 0) {
    s.front_capacity = r.layers.size() > 1 ? usual_front_of_several : usual_front;
  }
  if (r.area_budget_mm2 > 0) s.area_budget_um2 = r.area_budget_mm2 * 1e6;
}

void fill_in_end(stop_rule& stop) {
  const stop_rule endless;
  const bool has_end = stop.generations != endless.generations ||
                       stop.evaluations != endless.evaluations || stop.seconds != endless.seconds;
  if (!has_end) stop.evaluations = default_evaluations;
}

/// Searches the PEs of a space: from those that its smallest clusters need to those that the
/// budget pays for.
void open_pes(search_space& space, const network_search_request& request) {
  space.search_pes = true;
  space.pes_min = 1;
  for (int level = 1; level < space.levels_max; ++level) {
    space.pes_min *= space.levels[level].cluster.low;
  }
  const double paid = request.search.area_budget_um2 / request.machine.constants.budget_pe_area_um2;
  if (paid < space.pes_max) space.pes_max = static_cast<std::int32_t>(paid);
  if (space.pes_max < space.pes_min) {
    throw input_error(fmt::format("--area-budget: {} mm^2 pay for {} PEs, the mappings need {}",
                                  request.area_budget_mm2,
                                  space.pes_max,
                                  space.pes_min));
  }
}

}  // namespace

network_search_request completed(network_search_request request) {
  fill_in_levels(request);
  fill_in_search(request);
  fill_in_end(request.stop);
  check_numbers(request);
  check_algorithm(request);
  check_cost_model(request);
  return request;
}

int islands_for(const network_search_request& request, std::size_t layers) {
  if (request.islands > 0) return request.islands;
  if (!is_gamma(request) || request.search.selection == selection_rule::pareto) return 1;
  const auto searches = static_cast<std::int64_t>(std::max<std::size_t>(layers, 1));
  const std::int64_t devices = std::max<std::int64_t>(std::ssize(request.devices), 1);
  const bool worth_hiding = request.search.population >= hidden_from;
  std::int64_t wanted = devices > 1 || worth_hiding ? 2 * devices : 1;
  if (request.peers != nullptr) wanted *= request.peers->size();
  const std::int64_t most = request.search.population / 2;
  return static_cast<int>(std::min((wanted + searches - 1) / searches, most));
}

layer mapped_layer(const network_search_request& request, const layer& given) {
  const layer l = searched_form(*request.search.model, given);
  return request.constraint ? constrained_layer(*request.constraint, l) : l;
}

search_space space_for(const network_search_request& request, const layer& mapped) {
  search_space space = make_search_space(mapped, request.machine, request.space);
  if (request.constraint) space = constrain(space, *request.constraint);
  space = for_model(space, *request.search.model);
  if (request.search_pes) open_pes(space, request);
  return space;
}

search_space space_on(const network_search_request& request,
                      const layer& l,
                      const accelerator& machine) {
  network_search_request on = request;
  on.machine = machine;
  on.search_pes = false;
  return space_for(on, l);
}

}  // namespace cugamma
