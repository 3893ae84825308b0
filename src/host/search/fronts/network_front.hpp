#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cugamma/search/network_search.hpp"

namespace cugamma {

/// The choices of a member of every layer's front that no other choice found beats in all
/// objectives of the network (network_figures), in the order of the first objective, at most as
/// many as a front holds. Layers of one shape, by `shape_of`, take the same member. Cycles and
/// energies add up, so the fronts of the shapes are added one after another, under many bounds on
/// L1 and L2 where objectives count these; sums that are too many are thinned as fronts are. What
/// is beyond the area budget, or with search_pes beyond the limits, is left out. Empty if a layer's
/// front is.
std::vector<network_choice> network_front(std::span<const searched_layer> layers,
                                          std::span<const std::size_t> shape_of,
                                          const network_search_request& request);

/// Indices of the points that no other one beats, in the order of their values, thinned to a number
/// as fronts are.
std::vector<std::uint32_t> best_of(std::span<const objective_values> points, std::size_t most);

}  // namespace cugamma
