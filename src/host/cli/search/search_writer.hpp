#pragma once

#include <string>

#include "cugamma/search/network_search.hpp"

namespace cugamma::cli {

/// For people: per layer the best mapping as a loop nest, its figures, the bounds, what was
/// rejected; then how the run went.
std::string as_table(const network_search_result& result);

}  // namespace cugamma::cli
