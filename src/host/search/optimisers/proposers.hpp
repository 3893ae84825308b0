#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "cugamma/search/proposer.hpp"

namespace cugamma {

/// Uniform keys, each mapping once.
std::unique_ptr<proposer> make_random_proposer(const search_space& space,
                                               const search_options& options);

/// (1+1) evolution strategies, one for each individual of the population, side by side.
std::unique_ptr<proposer> make_es_proposer(const search_space& space,
                                           const search_options& options);

/// Whether pagmo is built in.
bool has_pagmo();

/// pagmo's "ga", "pso", "de", "cmaes" or "nsga2". Throws input_error if the population or the
/// number of objectives does not suit it. precondition: has_pagmo()
std::unique_ptr<proposer> make_pagmo_proposer(std::string_view algorithm,
                                              const search_space& space,
                                              const search_options& options);

/// Runs several: every second batch goes to the one with the best result, the others take turns.
/// precondition: members not empty
std::unique_ptr<proposer> make_portfolio(std::vector<std::unique_ptr<proposer>> members);

/// A genetic search as a member of a portfolio.
std::unique_ptr<proposer> make_genetic_proposer(genetic_search search);

}  // namespace cugamma
