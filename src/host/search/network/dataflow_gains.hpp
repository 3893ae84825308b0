#pragma once

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/evaluate/network_figures.hpp"
#include "cugamma/search/network_search.hpp"

namespace cugamma {

/// A searched layer as a part of its network. precondition: it has a best mapping
network_part part_of(const searched_layer& l);

/// Adds to every layer, and to several together, how much better than the fixed dataflows of the
/// request they are; dataflows that do not fit the accelerator are left out.
void add_gains(network_search_result& result, evaluator& score);

}  // namespace cugamma
