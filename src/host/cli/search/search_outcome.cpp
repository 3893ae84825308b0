#include "cli/search/search_outcome.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "cli/search/checkpoint_keeper.hpp"
#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/mapping/style_mapping.hpp"
#include "cugamma/search/co_design.hpp"
#include "cugamma/search/islands.hpp"
#include "cugamma/search/optimisers.hpp"
#include "cugamma/search/warm_start.hpp"

namespace cugamma::cli {
namespace {

struct searches_of_layers {
  std::vector<layer> layers;             ///< each shape once
  std::vector<std::string> names;        ///< of the first layer of each shape
  std::vector<std::size_t> shape_of;     ///< of every layer of the request
  std::vector<genetic_search> searches;  ///< the islands of each shape that this process runs
};

int rank_of(const search_request& request) {
  return request.peers == nullptr ? 0 : request.peers->rank();
}

int processes_of(const search_request& request) {
  return request.peers == nullptr ? 1 : request.peers->size();
}

std::vector<genome> first_individuals(const search_request& request,
                                      const std::string& name,
                                      const search_space& space) {
  const std::int64_t most = std::max<std::int64_t>(1, request.search.population / 2);
  return warm_start(request.init, name, space, most);
}

/// The mappings that an island starts from: those of its layer are dealt out.
std::vector<genome> dealt(std::span<const genome> known, int island, int islands) {
  std::vector<genome> own;
  for (auto i = static_cast<std::size_t>(island); i < known.size();
       i += static_cast<std::size_t>(islands)) {
    own.push_back(known[i]);
  }
  return own;
}

searches_of_layers list_shapes(const search_request& request) {
  searches_of_layers all;
  for (const network_layer& given : request.layers) {
    const layer mapped = mapped_layer(request, given.l);
    const auto known = std::ranges::find(all.layers, mapped);
    all.shape_of.push_back(static_cast<std::size_t>(known - all.layers.begin()));
    if (known != all.layers.end()) continue;
    all.layers.push_back(mapped);
    all.names.push_back(given.name);
  }
  return all;
}

void add_islands(searches_of_layers& all, const search_request& request, std::size_t shape) {
  search_space space = space_for(request, all.layers[shape]);
  space.layer_index = static_cast<std::uint16_t>(shape);
  const auto known = first_individuals(request, all.names[shape], space);
  const auto options = split_into_islands(request.search, request.islands);
  for (int i = 0; i < request.islands; ++i) {
    const int number = static_cast<int>(shape) * request.islands + i;
    if (number % processes_of(request) != rank_of(request)) continue;
    all.searches.push_back(make_search(request.algorithm,
                                       space,
                                       request.machine,
                                       options[static_cast<std::size_t>(i)],
                                       dealt(known, i, request.islands)));
  }
}

/// What every layer's islands found, in the first process; nothing in the others.
std::vector<search_result> gather_results(const search_request& request,
                                          const searches_of_layers& all,
                                          const run_summary& run) {
  std::vector<search_result> own;
  for (std::size_t i = 0; i < all.searches.size(); ++i) {
    own.push_back(result_of(all.searches[i], run.logs[i]));
  }
  std::vector<search_result> islands = gather_islands(own, request.peers);
  std::vector<search_result> merged;
  const auto each = static_cast<std::size_t>(request.islands);
  for (std::size_t first = 0; first < islands.size(); first += each) {
    merged.push_back(merge_islands(std::span(islands).subspan(first, each)));
  }
  return merged;
}

report report_of(const cost_model& model, const candidate& best, const layer& l, accelerator a) {
  a.num_pes = pes_of(best.mapping, a);
  return model.explain(l, a, to_mapping(best.mapping, l));
}

/// The machine that a layer's best mapping runs on.
accelerator machine_of(const searched_layer& l, accelerator a) {
  if (l.best) a.num_pes = pes_of(l.best->mapping, a);
  return a;
}

/// The one mapping that a style has for a layer; nothing if it is not feasible.
std::optional<network_part> styled_part(const mapping_constraint& style,
                                        const searched_layer& l,
                                        const search_request& request,
                                        evaluator& score) {
  try {
    const accelerator a = machine_of(l, request.machine);
    const styled_layer styled = style_mapping(style, unit_stride(l.given), a);
    network_part part{styled.mapped, styled.mapping, {}, l.count};
    score.evaluate({{&part.l, 1}, {&a, 1}, {&part.mapping, 1}}, {&part.figures, 1});
    const search_space space = make_search_space(part.l, a, {1, 3});
    const fitness found = rank(part.mapping, part.figures, space, a, request.search);
    if (found.violation > 0) return std::nullopt;
    set_own_pes(part.mapping, own_pes(l.best->mapping));
    return part;
  } catch (const input_error&) {
    return std::nullopt;  // a machine that the style does not fit
  }
}

/// How often better the first objective of some parts is than that of others.
double gain_over(std::span<const network_part> styled,
                 std::span<const network_part> found,
                 const search_request& request) {
  const objective o = request.search.objectives[0];
  const double theirs = figure(o, network_figures(styled, request.machine));
  const double ours = figure(o, network_figures(found, request.machine));
  return is_maximised(o) ? ours / theirs : theirs / ours;
}

network_part part_of(const searched_layer& l) {
  return {l.mapped, l.best->mapping, l.best->figures, l.count};
}

void add_gains_over(const std::string& name, search_outcome& outcome, evaluator& score) {
  const mapping_constraint style = read_constraint(find_constraint(name));
  std::vector<network_part> styled;
  std::vector<network_part> found;
  for (searched_layer& l : outcome.layers) {
    if (!l.best) continue;
    const auto part = styled_part(style, l, outcome.request, score);
    if (!part) continue;
    styled.push_back(*part);
    found.push_back(part_of(l));
    l.gains.push_back({name, gain_over({&styled.back(), 1}, {&found.back(), 1}, outcome.request)});
  }
  const bool is_network = outcome.layers.size() > 1 && styled.size() == outcome.layers.size();
  if (is_network) outcome.gains.push_back({name, gain_over(styled, found, outcome.request)});
}

void add_gains(search_outcome& outcome, evaluator& score) {
  const std::vector<std::string> known = constraint_names();
  for (const std::string& name : classic_styles()) {
    if (std::ranges::find(known, name) == known.end()) continue;
    add_gains_over(name, outcome, score);
  }
}

searched_layer describe_search(const cost_model& model,
                               const network_layer& given,
                               const layer& mapped,
                               const search_result& found,
                               const accelerator& a) {
  searched_layer result;
  result.name = given.name;
  result.given = given.l;
  result.mapped = mapped;
  result.count = given.count;
  result.best = found.best;
  result.front = found.front;
  if (result.best) result.figures = report_of(model, *result.best, mapped, a);
  const bool has_own_pes = result.best && own_pes(result.best->mapping) != 0;
  const std::int32_t pes = has_own_pes ? own_pes(result.best->mapping) : a.num_pes;
  result.bounds = bounds_of(mapped, a, pes);
  result.evaluations = found.evaluations;
  result.rejected = found.rejected;
  result.log = found.log;
  return result;
}

void run_on_machine(search_outcome& outcome,
                    searches_of_layers& all,
                    std::span<evaluator* const> evaluators,
                    const search_observer& observe) {
  const search_request& request = outcome.request;
  for (std::size_t i = 0; i < all.layers.size(); ++i) add_islands(all, request, i);
  checkpoint_keeper keeper(request);
  run_summary start = keeper.resume(all.searches);
  run_options options;
  options.stop = request.stop;
  options.islands = request.islands;
  options.migration_interval = request.migration_interval;
  options.peers = request.peers;
  options.progress = [&](const run_summary& run) { observe(run, ""); };
  options.wants_checkpoint = [&] { return keeper.is_due(); };
  options.checkpoint = [&](const run_summary& run) { keeper.keep(run, all.searches); };
  outcome.run = run_searches(all.searches,
                             all.layers,
                             {&request.machine, 1},
                             evaluators,
                             options,
                             std::move(start));
}

std::vector<std::unique_ptr<evaluator>> make_evaluators(const search_request& request) {
  const std::vector<int> devices = request.devices.empty() ? std::vector{-1} : request.devices;
  std::vector<std::unique_ptr<evaluator>> all;
  for (const int device : devices) {
    all.push_back(make_evaluator(
        request.back_end,
        {.threads = request.threads, .device = device, .model = request.search.model}));
  }
  return all;
}

std::vector<weighted_layer> weighted_layers(const search_request& request,
                                            const searches_of_layers& all) {
  std::vector<weighted_layer> layers;
  for (const layer& l : all.layers) layers.push_back({l, 0});
  for (std::size_t i = 0; i < request.layers.size(); ++i) {
    layers[all.shape_of[i]].count += request.layers[i].count;
  }
  return layers;
}

/// Evaluations a layer that a request allows.
std::int64_t evaluations_allowed(const search_request& request) {
  const double bred = static_cast<double>(request.stop.generations) + 1;
  const double most = bred * static_cast<double>(request.search.population);
  if (most >= static_cast<double>(request.stop.evaluations)) return request.stop.evaluations;
  return static_cast<std::int64_t>(most);
}

co_design_options contest_options(const search_request& request) {
  co_design_options options;
  options.area_budget_um2 = request.search.area_budget_um2;
  options.pe_limit = request.machine.num_pes;
  options.evaluations = evaluations_allowed(request);
  options.seconds = request.stop.seconds;
  options.interrupted = request.stop.interrupted;
  return options;
}

std::string stage_of(const co_design_progress& now) {
  return fmt::format("heat {} of 2, {} machines left", now.heat, now.machines_left);
}

/// One machine for all layers; the request's becomes that machine.
void co_design_network(search_outcome& outcome,
                       searches_of_layers& all,
                       evaluator& score,
                       const search_observer& observe) {
  search_request& request = outcome.request;
  if (request.search.selection == selection_rule::pareto) {
    throw input_error(
        "--pareto with --num-pes search: found several layers, expected one (--layer): each layer "
        "of a front would have a machine of its own");
  }
  if (processes_of(request) > 1) {
    throw input_error("--num-pes search for several layers: found several processes, expected one");
  }
  if (!request.algorithm.starts_with("gamma")) {
    throw input_error(fmt::format(
        "--num-pes search for several layers: found --algorithm {}, expected gamma or gamma-plain",
        request.algorithm));
  }
  if (request.area_budget_mm2 <= 0) {
    throw input_error("--num-pes search for several layers: --area-budget is missing");
  }
  const space_maker make_space = [&](const layer& l, const accelerator& a) {
    search_request on = request;
    on.machine = a;
    on.search_pes = false;
    return space_for(on, l);
  };
  checkpoint_keeper keeper(request);
  co_design_options options = contest_options(request);
  options.initial = [&](std::size_t l, const search_space& space) {
    return first_individuals(request, all.names[l], space);
  };
  options.progress = [&](const co_design_progress& now) { observe(now.run, stage_of(now)); };
  options.wants_checkpoint = [&] { return keeper.is_due(); };
  options.checkpoint = [&](co_design_state state) {
    keeper.keep({{}, std::move(state.run), std::move(state.searches)});
  };
  std::optional<co_design_state> start;
  if (!request.resume.empty()) {
    checkpoint state = read_checkpoint(request.resume);
    start = co_design_state{std::move(state.run), std::move(state.searches)};
  }
  co_design_result found = co_design(weighted_layers(request, all),
                                     request.machine,
                                     make_space,
                                     request.search,
                                     options,
                                     score,
                                     start ? &*start : nullptr);
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

network_figures search_outcome::network() const {
  std::vector<network_part> parts;
  for (const searched_layer& l : layers) parts.push_back(part_of(l));
  return {parts, request.machine};
}

double search_outcome::beyond_limits() const {
  if (machines == 0 || !all_found()) return 0;
  return beyond(request.search.limits, network());
}

search_outcome search(const search_request& request, const search_observer& observe) {
  const auto owners = make_evaluators(request);
  std::vector<evaluator*> evaluators;
  for (const auto& owner : owners) evaluators.push_back(owner.get());
  evaluator& score = *evaluators[0];
  searches_of_layers all = list_shapes(request);
  search_outcome outcome;
  outcome.request = request;
  outcome.back_end = score.name();
  outcome.distinct_shapes = all.layers.size();
  if (request.search_pes && all.layers.size() > 1) {
    outcome.request.islands = 1;
    co_design_network(outcome, all, score, observe);
  } else {
    outcome.request.islands = islands_for(request, all.layers.size());
    run_on_machine(outcome, all, evaluators, observe);
  }
  const auto found = gather_results(outcome.request, all, outcome.run);
  if (rank_of(request) != 0) return outcome;
  for (std::size_t i = 0; i < request.layers.size(); ++i) {
    const std::size_t at = all.shape_of[i];
    outcome.layers.push_back(describe_search(*request.search.model,
                                             request.layers[i],
                                             all.layers[at],
                                             found[at],
                                             outcome.request.machine));
  }
  add_gains(outcome, score);
  return outcome;
}

}  // namespace cugamma::cli
