#include "search/fronts/network_front.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>
#include <utility>

#include "cugamma/search/pareto.hpp"
#include "search/threads/for_each_index.hpp"

namespace cugamma {
namespace {

constexpr std::int64_t no_bound = std::numeric_limits<std::int64_t>::max();
/// Sums that are kept of the shapes added so far, and members of the front that is added to them.
constexpr std::size_t most_sums = 160;
constexpr std::size_t most_members = 48;
/// Bounds that are tried on a buffer: where both are bounded, and where one is.
constexpr std::size_t bounds_of_two = 10;
constexpr std::size_t bounds_of_one = 64;

/// The figures of mappings that an objective of a network is made of, beside its PEs.
struct ingredients {
  bool latency = false;
  bool energy = false;
  bool maestro_energy = false;
  bool l1 = false;
  bool l2 = false;
};

ingredients ingredients_of(objective o) {
  using enum objective;
  switch (o) {
    case latency:
    case throughput:
    case l_pe:
      return {.latency = true};
    case energy:
      return {.energy = true};
    case edp:
      return {.latency = true, .energy = true};
    case maestro_energy:
      return {.maestro_energy = true};
    case maestro_edp:
      return {.latency = true, .maestro_energy = true};
    case power:
    case area:
    case budget_area:
      return {.l1 = true, .l2 = true};
    case lap:
    case lalp:
      return {.latency = true, .l1 = true, .l2 = true};
    case eap:
      return {.energy = true, .l1 = true, .l2 = true};
    case l1_size:
      return {.l1 = true};
    case l2_size:
      return {.l2 = true};
    case l_pe_l2:
      return {.latency = true, .l2 = true};
    case pe:
      return {};
  }
  return {};
}

ingredients ingredients_of(std::span<const objective> objectives) {
  ingredients all;
  for (const objective o : objectives) {
    const ingredients own = ingredients_of(o);
    all.latency |= own.latency;
    all.energy |= own.energy;
    all.maestro_energy |= own.maestro_energy;
    all.l1 |= own.l1;
    all.l2 |= own.l2;
  }
  return all;
}

/// A member of a shape's front: what it adds to the sums, as often as the network runs the shape,
/// and what it needs.
struct front_option {
  objective_values adds{};
  std::int64_t l1 = 0;
  std::int64_t l2 = 0;
  std::uint32_t member = 0;
};

/// Members for the shapes added so far, and their sums.
struct partial_choice {
  objective_values sums{};
  std::vector<std::uint32_t> members;
};

objective_values sum_of(const objective_values& a, const objective_values& b) {
  objective_values sum{};
  std::ranges::transform(a, b, sum.begin(), std::plus{});
  return sum;
}

using options_of_shapes = std::vector<std::vector<front_option>>;

options_of_shapes list_options(std::span<const searched_layer> layers,
                               std::span<const std::size_t> shape_of,
                               const ingredients& used) {
  options_of_shapes all(1 + *std::ranges::max_element(shape_of));
  std::vector<double> counts(all.size(), 0);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    counts[shape_of[i]] += static_cast<double>(layers[i].count);
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    std::vector<front_option>& own = all[shape_of[i]];
    if (!own.empty()) continue;
    const double count = counts[shape_of[i]];
    for (const candidate& c : layers[i].front.members) {
      const cost& f = c.figures;
      own.push_back({{used.latency ? count * static_cast<double>(f.runtime_cycles) : 0,
                      used.energy ? count * f.energy_nj : 0,
                      used.maestro_energy ? count * f.second_energy_nj : 0},
                     used.l1 ? f.l1_size_elems : 0,
                     used.l2 ? f.l2_size_elems : 0,
                     static_cast<std::uint32_t>(own.size())});
    }
  }
  return all;
}

/// Bounds on a need of the members, from the least under which every shape has one.
std::vector<std::int64_t> bounds_on(std::int64_t front_option::*need,
                                    const options_of_shapes& shapes,
                                    std::size_t most) {
  std::int64_t least = 0;
  std::vector<std::int64_t> needs;
  for (const std::vector<front_option>& options : shapes) {
    least = std::max(least, (*std::ranges::min_element(options, {}, need)).*need);
    for (const front_option& o : options) needs.push_back(o.*need);
  }
  std::ranges::sort(needs);
  const auto repeated = std::ranges::unique(needs);
  needs.erase(repeated.begin(), needs.end());
  needs.erase(needs.begin(), std::ranges::lower_bound(needs, least));
  if (needs.size() <= most) return needs;
  std::vector<std::int64_t> spread;
  for (std::size_t i = 0; i < most; ++i)
    spread.push_back(needs[i * (needs.size() - 1) / (most - 1)]);
  return spread;
}

std::vector<front_option> within(std::span<const front_option> options,
                                 std::int64_t l1,
                                 std::int64_t l2) {
  std::vector<front_option> fitting;
  std::vector<objective_values> points;
  for (const front_option& o : options) {
    if (o.l1 > l1 || o.l2 > l2) continue;
    fitting.push_back(o);
    points.push_back(o.adds);
  }
  std::vector<front_option> kept;
  for (const std::uint32_t i : best_of(points, most_members)) kept.push_back(fitting[i]);
  return kept;
}

std::vector<partial_choice> added(std::span<const partial_choice> so_far,
                                  std::span<const front_option> options) {
  std::vector<objective_values> points;
  points.reserve(so_far.size() * options.size());
  for (const partial_choice& p : so_far) {
    for (const front_option& o : options) points.push_back(sum_of(p.sums, o.adds));
  }
  std::vector<partial_choice> sums;
  for (const std::uint32_t i : best_of(points, most_sums)) {
    partial_choice next{points[i], so_far[i / options.size()].members};
    next.members.push_back(options[i % options.size()].member);
    sums.push_back(std::move(next));
  }
  return sums;
}

/// The best sums of members, one a shape, that need no larger buffers; empty if there are none.
std::vector<partial_choice> sums_within(const options_of_shapes& shapes,
                                        std::int64_t l1,
                                        std::int64_t l2) {
  std::vector<partial_choice> sums{{}};
  for (const std::vector<front_option>& options : shapes)
    sums = added(sums, within(options, l1, l2));
  return sums;
}

/// The best sums under each pair of bounds.
std::vector<partial_choice> all_sums(const options_of_shapes& shapes, const ingredients& used) {
  const std::size_t most = used.l1 && used.l2 ? bounds_of_two : bounds_of_one;
  const auto bounds = [&](bool is_used, std::int64_t front_option::*need) {
    return is_used ? bounds_on(need, shapes, most) : std::vector{no_bound};
  };
  const std::vector<std::int64_t> l1 = bounds(used.l1, &front_option::l1);
  const std::vector<std::int64_t> l2 = bounds(used.l2, &front_option::l2);
  std::vector<std::vector<partial_choice>> found(l1.size() * l2.size());
  for_each_block(found.size(), 1, [&](std::size_t i, std::size_t) {
    found[i] = sums_within(shapes, l1[i / l2.size()], l2[i % l2.size()]);
  });
  std::vector<partial_choice> all;
  for (std::vector<partial_choice>& sums : found) {
    std::ranges::move(sums, std::back_inserter(all));
  }
  return all;
}

/// Of all choices those that no other one beats.
std::vector<network_choice> unbeaten(std::vector<network_choice> choices, std::size_t most) {
  std::vector<objective_values> points;
  for (const network_choice& c : choices) points.push_back(c.values);
  std::vector<network_choice> front;
  for (const std::uint32_t i : best_of(points, most)) front.push_back(std::move(choices[i]));
  return front;
}

/// Whether a network is within the budget, and where one accelerator is searched for all of it
/// within the limits.
bool is_allowed(const network_figures& figures, const network_search_request& request) {
  if (request.search_pes && beyond(request.search.limits, figures) > 0) return false;
  return request.area_budget_mm2 <= 0 || figures.budget_area() <= request.area_budget_mm2 * 1e6;
}

}  // namespace

std::vector<std::uint32_t> best_of(std::span<const objective_values> points, std::size_t most) {
  const std::vector<std::uint32_t> unbeaten = undominated(points);
  std::vector<objective_values> front;
  for (const std::uint32_t i : unbeaten) front.push_back(points[i]);
  std::vector<std::uint32_t> kept;
  for (const std::uint32_t i : thinned(front, max_front_objectives, most))
    kept.push_back(unbeaten[i]);
  return kept;
}

network_figures figures_of(const network_choice& choice,
                           std::span<const searched_layer> layers,
                           const accelerator& machine) {
  std::vector<network_part> parts;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const candidate& c = layers[i].front.members[choice.members[i]];
    parts.push_back({layers[i].mapped, c.mapping, c.figures, layers[i].count});
  }
  return {parts, machine};
}

std::vector<network_choice> network_front(std::span<const searched_layer> layers,
                                          std::span<const std::size_t> shape_of,
                                          const network_search_request& request) {
  const std::vector<objective>& objectives = request.search.objectives;
  const ingredients used = ingredients_of(objectives);
  const options_of_shapes shapes = list_options(layers, shape_of, used);
  if (std::ranges::any_of(shapes, &std::vector<front_option>::empty)) return {};
  const std::vector<partial_choice> sums = all_sums(shapes, used);
  std::vector<network_choice> choices(sums.size());
  std::vector<std::uint8_t> is_kept(sums.size(), 1);
  for_each_index(sums.size(), [&](std::size_t i) {
    for (const std::size_t shape : shape_of) choices[i].members.push_back(sums[i].members[shape]);
    const network_figures figures = figures_of(choices[i], layers, request.machine);
    for (std::size_t o = 0; o < objectives.size(); ++o) {
      choices[i].values[o] = value(objectives[o], figures);
    }
    is_kept[i] = is_allowed(figures, request) ? 1 : 0;
  });
  std::vector<network_choice> allowed;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (is_kept[i] != 0) allowed.push_back(std::move(choices[i]));
  }
  return unbeaten(std::move(allowed), static_cast<std::size_t>(request.search.front_capacity));
}

}  // namespace cugamma
