#pragma once

#include "cli/output/said_of.hpp"
#include "cugamma/search/network_search.hpp"

namespace cugamma::cli {

/// Why layers have no mapping, and the least L1 or L2 that one needs, as far as a short search
/// finds it.
said_of missing_layers(const network_search_result& result);

}  // namespace cugamma::cli
