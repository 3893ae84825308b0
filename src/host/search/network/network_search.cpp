#include "cugamma/search/network_search.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <new>
#include <span>
#include <system_error>
#include <utility>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/search/islands.hpp"
#include "cugamma/search/optimisers.hpp"
#include "cugamma/search/warm_start.hpp"
#include "search/fronts/network_front.hpp"
#include "search/network/checkpoint_keeper.hpp"
#include "search/network/co_design/network_co_design.hpp"
#include "search/network/dataflow_gains.hpp"
#include "search/network/memory.hpp"
#include "search/network/shape_searches.hpp"
#include "search/threads/thread_limit.hpp"

namespace cugamma {
namespace {

int process_of(const network_search_request& request) {
  return request.peers == nullptr ? 0 : request.peers->rank();
}

int processes_of(const network_search_request& request) {
  return request.peers == nullptr ? 1 : request.peers->size();
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

/// Those islands of a shape that this process runs.
void add_islands(std::vector<genetic_search>& searches,
                 const network_search_request& request,
                 const layer_shapes& shapes,
                 std::size_t shape) {
  search_space space = space_for(request, shapes.layers[shape]);
  space.layer_index = static_cast<std::uint16_t>(shape);
  const auto known = first_individuals(request, shapes.names[shape], space);
  const auto options = split_into_islands(request.search, request.islands);
  for (int i = 0; i < request.islands; ++i) {
    const int number = static_cast<int>(shape) * request.islands + i;
    if (number % processes_of(request) != process_of(request)) continue;
    searches.push_back(make_search(request.algorithm,
                                   space,
                                   request.machine,
                                   options[static_cast<std::size_t>(i)],
                                   dealt(known, i, request.islands)));
  }
}

shape_searches search_shapes(const network_search_request& request,
                             const layer_shapes& shapes,
                             std::span<evaluator* const> evaluators,
                             const search_observer& observe) {
  shape_searches found;
  for (std::size_t i = 0; i < shapes.layers.size(); ++i) {
    add_islands(found.searches, request, shapes, i);
  }
  checkpoint_keeper keeper(request);
  run_summary start = keeper.resume(found.searches);
  run_options options;
  options.stop = request.stop;
  options.islands = request.islands;
  options.migration_interval = request.migration_interval;
  options.peers = request.peers;
  if (observe) options.progress = [&](const run_summary& run) { observe(run, ""); };
  options.wants_checkpoint = [&] { return keeper.is_due(); };
  options.checkpoint = [&](const run_summary& run) { keeper.keep(run, found.searches); };
  found.run = run_searches(found.searches,
                           shapes.layers,
                           {&request.machine, 1},
                           evaluators,
                           options,
                           std::move(start));
  found.checkpoint_problem = keeper.problem();
  return found;
}

/// What every shape's islands found, in the first process; nothing in the others.
std::vector<search_result> gather_results(const network_search_request& request,
                                          const shape_searches& found) {
  std::vector<search_result> own;
  for (std::size_t i = 0; i < found.searches.size(); ++i) {
    own.push_back(result_of(found.searches[i], found.run.logs[i]));
  }
  std::vector<search_result> islands = gather_islands(own, request.peers);
  std::vector<search_result> merged;
  const auto each = static_cast<std::size_t>(request.islands);
  for (std::size_t first = 0; first < islands.size(); first += each) {
    merged.push_back(merge_islands(std::span(islands).subspan(first, each)));
  }
  return merged;
}

searched_layer describe_search(const cost_model& model,
                               const network_layer& given,
                               const layer& mapped,
                               const layer& with_strides,
                               const search_result& found,
                               accelerator machine) {
  searched_layer result;
  result.name = given.name;
  result.given = given.l;
  result.mapped = mapped;
  result.count = given.count;
  result.best = found.best;
  result.front = found.front;
  if (result.best) {
    const genome& best = result.best->mapping;
    machine.num_pes = pes_of(best, machine);
    result.figures = model.explain(mapped, machine, to_mapping(best, mapped));
    result.others = second_opinions(model, with_strides, machine, to_mapping(best, with_strides));
  }
  result.bounds = bounds_of(unit_stride(mapped), machine, machine.num_pes);
  result.evaluations = found.evaluations;
  result.rejected = found.rejected;
  result.log = found.log;
  return result;
}

std::vector<std::unique_ptr<evaluator>> make_evaluators(const network_search_request& request) {
  const std::vector<int> devices = request.devices.empty() ? std::vector{-1} : request.devices;
  std::vector<std::unique_ptr<evaluator>> all;
  for (const int device : devices) {
    all.push_back(make_evaluator(
        request.back_end,
        {.threads = request.threads, .device = device, .model = request.search.model}));
  }
  return all;
}

/// Whether one accelerator is searched for several shapes.
bool is_co_design(const network_search_request& request, std::size_t shapes) {
  return request.search_pes && shapes > 1;
}

/// Individuals that this process keeps.
double individuals_of(const network_search_request& request, std::size_t shapes) {
  const int machines = is_co_design(request, shapes) ? most_contest_machines : 1;
  return static_cast<double>(request.search.population) * static_cast<double>(shapes) * machines /
         processes_of(request);
}

network_search_result search(const network_search_request& request,
                             const search_observer& observe) {
  network_search_result result;
  result.request = completed(request);
  const thread_limit limit(request.threads);
  const auto owners = make_evaluators(request);
  std::vector<evaluator*> evaluators;
  for (const auto& owner : owners) evaluators.push_back(owner.get());
  evaluator& score = *evaluators[0];
  const layer_shapes shapes = list_shapes(result.request);
  expect_memory(individuals_of(result.request, shapes.layers.size()));
  result.back_end = score.name();
  result.distinct_shapes = shapes.layers.size();
  const bool one_for_all = is_co_design(request, shapes.layers.size());
  result.request.islands = one_for_all ? 1 : islands_for(result.request, shapes.layers.size());
  const bool has_front = request.search.selection == selection_rule::pareto;
  std::vector<search_result> merged;
  if (one_for_all && has_front) {
    merged = co_design_front(result, shapes, score, observe);
  } else {
    shape_searches found = one_for_all ? co_design_network(result, shapes, score, observe)
                                       : search_shapes(result.request, shapes, evaluators, observe);
    merged = gather_results(result.request, found);
    result.run = std::move(found.run);
    result.checkpoint_problem = std::move(found.checkpoint_problem);
  }
  if (one_for_all && searches_smallest_machine(result.request)) {
    for (search_result& of_shape : merged) rank_by_request(of_shape, result.request);
  }
  if (process_of(request) != 0) return result;
  for (std::size_t i = 0; i < request.layers.size(); ++i) {
    const std::size_t at = shapes.shape_of[i];
    const layer& given = request.layers[i].l;
    result.layers.push_back(
        describe_search(*request.search.model,
                        request.layers[i],
                        shapes.layers[at],
                        request.constraint ? constrained_layer(*request.constraint, given) : given,
                        merged[at],
                        result.request.machine));
  }
  if (has_front && !one_for_all && result.layers.size() > 1) {
    result.front = network_front(result.layers, shapes.shape_of, result.request);
  }
  add_gains(result, score);
  return result;
}

}  // namespace

layer_shapes list_shapes(const network_search_request& request) {
  layer_shapes shapes;
  for (const network_layer& given : request.layers) {
    const layer mapped = mapped_layer(request, given.l);
    const auto known = std::ranges::find(shapes.layers, mapped);
    shapes.shape_of.push_back(static_cast<std::size_t>(known - shapes.layers.begin()));
    if (known != shapes.layers.end()) continue;
    shapes.layers.push_back(mapped);
    shapes.names.push_back(given.name);
  }
  return shapes;
}

std::vector<genome> first_individuals(const network_search_request& request,
                                      const std::string& name,
                                      const search_space& space) {
  const std::int64_t most = std::max<std::int64_t>(1, request.search.population / 2);
  return warm_start(request.init, name, space, most);
}

double searched_layer::above_bound() const {
  return static_cast<double>(best->figures.runtime_cycles) / static_cast<double>(bounds.larger()) -
         1;
}

bool network_search_result::all_found() const {
  return std::ranges::all_of(layers, [](const searched_layer& l) { return l.best.has_value(); });
}

double network_search_result::mappings_per_second() const {
  return run.seconds > 0 ? static_cast<double>(run.evaluations) / run.seconds : 0;
}

network_figures network_search_result::network() const {
  std::vector<network_part> parts;
  for (const searched_layer& l : layers) parts.push_back(part_of(l));
  return {parts, request.machine};
}

double network_search_result::macs() const {
  double sum = 0;
  for (const searched_layer& l : layers) {
    sum += static_cast<double>(l.count) * static_cast<double>(layer_macs(l.mapped));
  }
  return sum;
}

double network_search_result::machine_area_mm2() const {
  const accelerator& a = request.machine;
  return budget_area_um2(a.constants, a.num_pes, a.l1_size_elems, a.l2_size_elems) / 1e6;
}

double network_search_result::beyond_limits() const {
  if (machines == 0 || !all_found()) return 0;
  return beyond(request.search.limits, network());
}

network_search_result search_network(const network_search_request& request,
                                     const search_observer& observe) {
  try {
    return search(request, observe);
  } catch (const std::bad_alloc&) {
    const double individuals =
        individuals_of(completed(request), list_shapes(request).layers.size());
    throw backend_error(fmt::format("out of memory: {}", memory_text(individuals)));
  } catch (const std::system_error& error) {
    throw backend_error(
        fmt::format("{} threads (0: all cores) cannot be started: {}; ask for fewer",
                    request.threads,
                    error.what()));
  }
}

}  // namespace cugamma
