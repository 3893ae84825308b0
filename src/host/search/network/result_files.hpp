#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cugamma/search/network_search.hpp"

namespace cugamma {

/// The text of best.m for a layer. precondition: it has a best mapping
std::string best_mapping_text(const searched_layer& l);

/// The files that write_result makes for a request, but for the mappings of fronts.
std::vector<std::filesystem::path> result_paths(const network_search_request& request,
                                                const std::filesystem::path& folder);

}  // namespace cugamma
