#pragma once

#include <string>

#include "cugamma/search/network_search.hpp"

namespace cugamma::cli {

/// For people: of a single layer, or with is_verbose of every one, the best mapping as a loop nest,
/// its figures, the bounds, what was rejected; of several layers else a line for each shape. Then
/// how the run went.
std::string as_table(const network_search_result& result, bool is_verbose);

}  // namespace cugamma::cli
