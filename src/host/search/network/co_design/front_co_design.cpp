#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "search/co_design/front_contest.hpp"
#include "search/fronts/network_front.hpp"
#include "search/network/co_design/network_co_design.hpp"

namespace cugamma {
namespace {

/// A choice of the network's front, and the accelerator that it is for.
struct machine_choice {
  std::size_t machine = 0;
  network_choice choice;
};

/// The request's layers with their fronts on an accelerator.
std::vector<searched_layer> layers_on(const machine_fronts& fronts,
                                      const layer_shapes& shapes,
                                      const network_search_request& request) {
  std::vector<searched_layer> layers(request.layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::size_t shape = shapes.shape_of[i];
    layers[i].mapped = shapes.layers[shape];
    layers[i].count = request.layers[i].count;
    layers[i].front = fronts.searches[shape].front();
  }
  return layers;
}

/// The front of the network over all accelerators.
std::vector<machine_choice> common_front(std::span<const machine_fronts> machines,
                                         const layer_shapes& shapes,
                                         network_search_request request) {
  std::vector<machine_choice> all;
  std::vector<objective_values> points;
  for (std::size_t m = 0; m < machines.size(); ++m) {
    request.machine = machines[m].machine;
    const std::vector<searched_layer> layers = layers_on(machines[m], shapes, request);
    for (network_choice& choice : network_front(layers, shapes.shape_of, request)) {
      points.push_back(choice.values);
      all.push_back({m, std::move(choice)});
    }
  }
  std::vector<machine_choice> front;
  const auto most = static_cast<std::size_t>(request.search.front_capacity);
  for (const std::uint32_t i : best_of(points, most)) front.push_back(std::move(all[i]));
  return front;
}

/// The accelerators of a front; all of them where there is none yet.
std::vector<std::size_t> machines_of(std::span<const machine_choice> front, std::size_t count) {
  std::vector<std::size_t> used;
  for (std::size_t m = 0; m < count; ++m) {
    const auto is_its = [&](const machine_choice& c) { return c.machine == m; };
    if (front.empty() || std::ranges::any_of(front, is_its)) used.push_back(m);
  }
  return used;
}

/// Where no accelerator has a mapping for every layer: the one with the most.
std::size_t nearest_machine(std::span<const machine_fronts> machines) {
  const auto mapped = [](const machine_fronts& m) {
    return std::ranges::count_if(m.searches,
                                 [](const genetic_search& s) { return s.best().has_value(); });
  };
  const auto most = std::ranges::max_element(machines, {}, mapped);
  return static_cast<std::size_t>(most - machines.begin());
}

/// Where the hypervolume of a shape's mappings on several accelerators ends: at the worst of their
/// references, which are one where the request gives it.
objective_values common_reference(std::span<const machine_fronts> machines, std::size_t shape) {
  std::optional<objective_values> worst;
  for (const machine_fronts& m : machines) {
    const auto& own = m.searches[shape].front().reference;
    if (!own) continue;
    if (!worst) worst = own;
    std::ranges::transform(*worst, *own, worst->begin(), [](double a, double b) {
      return std::max(a, b);
    });
  }
  return worst.value_or(objective_values{});
}

/// The mappings of a shape that choices take, each with its accelerator's PEs; the choices' members
/// become their numbers.
class choices_of_shape {
 public:
  choices_of_shape(std::span<const machine_fronts> machines,
                   std::span<const machine_choice> choices,
                   std::size_t shape,
                   std::size_t layer) {
    for (const machine_choice& c : choices) {
      number_of_.try_emplace({c.machine, c.choice.members[layer]}, 0);
    }
    std::vector<std::pair<key, candidate>> members;
    for (const auto& [place, number] : number_of_) {
      const machine_fronts& m = machines[place.first];
      candidate c = m.searches[shape].front().members[place.second];
      set_own_pes(c.mapping, m.machine.num_pes);
      members.emplace_back(place, c);
    }
    std::ranges::stable_sort(members, {}, [](const auto& m) { return m.second.rank.values; });
    for (const auto& [place, member] : members) {
      number_of_[place] = static_cast<std::uint32_t>(front_.members.size());
      front_.members.push_back(member);
    }
    front_.reference = common_reference(machines, shape);
    std::vector<objective_values> values;
    for (const candidate& c : front_.members) values.push_back(c.rank.values);
    const int objectives =
        static_cast<int>(machines[0].searches[shape].options().objectives.size());
    front_.hypervolume = hypervolume_share(values, objectives, *front_.reference);
  }

  std::uint32_t number(const machine_choice& c, std::size_t layer) const {
    return number_of_.at({c.machine, c.choice.members[layer]});
  }
  const pareto_front& front() const { return front_; }

 private:
  using key = std::pair<std::size_t, std::uint32_t>;  // accelerator, member of its front

  std::map<key, std::uint32_t> number_of_;
  pareto_front front_;
};

/// A layer of each shape.
std::vector<std::size_t> first_layers(const layer_shapes& shapes) {
  std::vector<std::size_t> first;
  for (std::size_t shape = 0; shape < shapes.layers.size(); ++shape) {
    const auto found = std::ranges::find(shapes.shape_of, shape);
    first.push_back(static_cast<std::size_t>(found - shapes.shape_of.begin()));
  }
  return first;
}

/// Takes the first choice's mappings as the best ones, its accelerator with the buffers that they
/// need as the result's, and all choices as the network's front.
void take_choices(network_search_result& result,
                  std::vector<search_result>& of_shapes,
                  std::span<const machine_fronts> machines,
                  const layer_shapes& shapes,
                  std::span<const machine_choice> choices) {
  accelerator& machine = result.request.machine;
  machine.l1_size_elems = machine.l2_size_elems = 0;
  std::vector<choices_of_shape> chosen;
  const std::vector<std::size_t> first = first_layers(shapes);
  for (std::size_t s = 0; s < of_shapes.size(); ++s) {
    chosen.emplace_back(machines, choices, s, first[s]);
    candidate best = chosen[s].front().members[chosen[s].number(choices[0], first[s])];
    set_own_pes(best.mapping, 0);
    machine.l1_size_elems = std::max(machine.l1_size_elems, best.figures.l1_size_elems);
    machine.l2_size_elems = std::max(machine.l2_size_elems, best.figures.l2_size_elems);
    of_shapes[s].best = best;
    of_shapes[s].front = chosen[s].front();
  }
  for (const machine_choice& c : choices) {
    network_choice numbered{c.choice.values, {}};
    for (std::size_t i = 0; i < shapes.shape_of.size(); ++i) {
      numbered.members.push_back(chosen[shapes.shape_of[i]].number(c, i));
    }
    result.front.push_back(std::move(numbered));
  }
}

}  // namespace

std::vector<search_result> co_design_front(network_search_result& result,
                                           const layer_shapes& shapes,
                                           evaluator& score,
                                           const search_observer& observe) {
  network_search_request& request = result.request;
  checkpoint_keeper keeper(request);
  const co_design_setting setting = co_design_setting_of(request, shapes, keeper, observe);
  const front_judge judge = [&](std::span<const machine_fronts> machines) {
    return machines_of(common_front(machines, shapes, request), machines.size());
  };
  front_contest_result found = search_machine_fronts(setting.problem(score),
                                                     request.search,
                                                     setting.options,
                                                     judge,
                                                     setting.resumed ? &*setting.resumed : nullptr);
  const std::vector<machine_choice> choices = common_front(found.machines, shapes, request);
  const std::size_t shown = choices.empty() ? nearest_machine(found.machines) : choices[0].machine;
  const machine_fronts& of_first = found.machines[shown];
  std::vector<search_result> of_shapes;
  for (std::size_t s = 0; s < shapes.layers.size(); ++s) {
    of_shapes.push_back(result_of(of_first.searches[s], of_first.logs[s]));
  }
  request.machine = of_first.machine;
  if (!choices.empty()) take_choices(result, of_shapes, found.machines, shapes, choices);
  result.machines = found.machines_tried;
  result.run = std::move(found.run);
  result.checkpoint_problem = keeper.problem();
  return of_shapes;
}

}  // namespace cugamma
