#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/search/genetic_search.hpp"

namespace cugamma {

/// Names of all search algorithms, those that this build lacks included: gamma first.
std::vector<std::string> known_algorithms();

/// What one of them does, in a few words. Throws input_error for an unknown name.
std::string_view about_algorithm(std::string_view name);

/// Why this build cannot run an algorithm, or nothing if it can. Throws input_error for an unknown
/// name, with the known ones.
std::optional<std::string> algorithm_obstacle(std::string_view name);

/// The options with which an algorithm searches: "gamma-plain" takes GAMMA's own rates and draws,
/// the others leave them. Throws input_error for an unknown name.
search_options options_for(std::string_view algorithm, search_options options);

/// A search of one layer by an algorithm (docs/optimisers.md), with the options as given. Throws
/// what genetic_search throws, and input_error for an unknown algorithm, one that this build lacks,
/// a population or a number of objectives that does not suit it, and known mappings that it cannot
/// start from.
genetic_search make_search(std::string_view algorithm,
                           const search_space& space,
                           const accelerator& a,
                           const search_options& options,
                           std::span<const genome> initial = {});

}  // namespace cugamma
