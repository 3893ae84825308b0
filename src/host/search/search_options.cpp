#include <fmt/format.h>

#include <array>
#include <utility>

#include "cugamma/error.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "problem/enum_names.hpp"

namespace cugamma {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 3> selection_names{"truncation", "tournament", "pareto"};

constexpr std::int64_t front_population = 200;

}  // namespace

std::string_view name_of(selection_rule rule) {
  return selection_names[static_cast<std::size_t>(rule)];
}

selection_rule parse_selection(std::string_view name) {
  return enumerator_named<selection_rule>("selection", name, selection_names);
}

breeding_rates rates_for(belief trust) {
  breeding_rates rates;
  if (trust == belief::strict) rates.guided = chance_of(0.8);
  return rates;
}

search_options plain_gamma_options() {
  search_options options;
  options.rates = plain_gamma_rates;
  options.guided_draws = 0;
  options.immigrants = 0;
  options.patience = 0;
  return options;
}

search_options front_options(std::vector<objective> objectives) {
  search_options options;
  options.objectives = std::move(objectives);
  options.selection = selection_rule::pareto;
  options.population = front_population;
  return options;
}

search_space for_model(search_space space, const cost_model& model) {
  space.counts_exact_sizes = model.counts_exact_sizes;
  if (model.most_parallel_dimensions > 1) return space;
  for (int level = 0; level < space.levels_max; ++level) {
    dimension_mask& second = space.levels[static_cast<std::size_t>(level)].second_parallel;
    if (!contains(second, no_dimension)) {
      throw input_error(fmt::format(
          "level {} has two parallel dimensions, but cost model {} prices mappings with one; "
          "maestro (--cost-model maestro) has both",
          level,
          model.name));
    }
    second = no_second_parallel;
  }
  return space;
}

std::int64_t default_population(belief trust, selection_rule rule, bool runs_on_host) {
  if (rule == selection_rule::pareto) return front_population;
  return (trust == belief::strict ? 64 : 32) * (runs_on_host ? 1 : 2);
}

}  // namespace cugamma
