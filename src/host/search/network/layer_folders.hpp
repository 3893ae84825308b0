#pragma once

#include <string>
#include <vector>

#include "cugamma/search/network_search.hpp"

namespace cugamma {

/// The names of the layers' folders in a folder of results, one a layer: its name where that can be
/// one, is not another's, also where a file system takes a and A for the same, and not that of a
/// file of ours; else a name that begins with the layer's number.
std::vector<std::string> layer_folders(const network_search_request& request);

}  // namespace cugamma
