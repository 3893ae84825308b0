#include "cugamma/search/optimisers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "cugamma/error.hpp"
#include "files/did_you_mean.hpp"
#include "search/optimisers/proposers.hpp"

namespace cugamma {
namespace {

struct algorithm {
  std::string_view name;
  std::string_view about;
  bool needs_pagmo;
};

constexpr std::array algorithms{
    algorithm{"gamma", "GAMMA's operators, guided draws", false},
    algorithm{"gamma-plain", "only what GAMMA itself does", false},
    algorithm{"random", "uniform keys", false},
    algorithm{"ga", "pagmo's genetic algorithm", true},
    algorithm{"pso", "pagmo's particle swarm", true},
    algorithm{"de", "pagmo's differential evolution", true},
    algorithm{"cmaes", "pagmo's CMA-ES", true},
    algorithm{"es", "(1+1) evolution strategies", false},
    algorithm{"nsga2", "pagmo's NSGA-II", true},
    algorithm{"portfolio", "gamma and the others, the best one most often", true},
};

const algorithm& find(std::string_view name) {
  const auto found = std::ranges::find(algorithms, name, &algorithm::name);
  if (found != algorithms.end()) return *found;
  const std::vector<std::string> names = known_algorithms();
  throw input_error(fmt::format(
      "algorithm: found \"{}\"{}",
      name,
      did_you_mean(name, names, fmt::format(", expected one of {}", fmt::join(names, ", ")))));
}

std::unique_ptr<proposer> make_portfolio_of_all(const search_space& space,
                                                const accelerator& a,
                                                const search_options& options) {
  std::vector<std::unique_ptr<proposer>> members;
  members.push_back(make_genetic_proposer({space, a, options}));
  for (const std::string_view name : {"ga", "pso", "de", "cmaes"}) {
    members.push_back(make_pagmo_proposer(name, space, options));
  }
  members.push_back(make_es_proposer(space, options));
  return make_portfolio(std::move(members));
}

std::unique_ptr<proposer> make_proposer(std::string_view name,
                                        const search_space& space,
                                        const accelerator& a,
                                        const search_options& options) {
  if (name == "random") return make_random_proposer(space, options);
  if (name == "es") return make_es_proposer(space, options);
  if (name == "portfolio") return make_portfolio_of_all(space, a, options);
  return make_pagmo_proposer(name, space, options);
}

}  // namespace

std::vector<std::string> known_algorithms() {
  std::vector<std::string> names;
  for (const algorithm& a : algorithms) names.emplace_back(a.name);
  return names;
}

std::string_view about_algorithm(std::string_view name) { return find(name).about; }

std::optional<std::string> algorithm_obstacle(std::string_view name) {
  if (!find(name).needs_pagmo || has_pagmo()) return std::nullopt;
  return "this build has no pagmo (Debian package libpagmo-dev)";
}

search_options options_for(std::string_view algorithm, search_options options) {
  find(algorithm);
  if (algorithm != "gamma-plain") return options;
  const search_options plain = plain_gamma_options();
  options.rates = plain.rates;
  options.guided_draws = plain.guided_draws;
  options.immigrants = plain.immigrants;
  options.patience = plain.patience;
  return options;
}

genetic_search make_search(std::string_view algorithm,
                           const search_space& space,
                           const accelerator& a,
                           const search_options& options,
                           std::span<const genome> initial) {
  if (const auto obstacle = algorithm_obstacle(algorithm)) {
    throw input_error(fmt::format("algorithm {}: {}", algorithm, *obstacle));
  }
  if (algorithm == "gamma" || algorithm == "gamma-plain") return {space, a, options, initial};
  if (!initial.empty()) {
    throw input_error(
        fmt::format("algorithm {}: cannot start from known mappings; gamma can", algorithm));
  }
  check(space);
  return {space, a, options, make_proposer(algorithm, space, a, options)};
}

}  // namespace cugamma
