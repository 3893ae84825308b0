#pragma once

#include <string>

#include "cugamma/search/network_search.hpp"

namespace cugamma {

/// The text of best.m for a layer. precondition: it has a best mapping
std::string best_mapping_text(const searched_layer& l);

/// Writes a file into a folder, making it if need be. Throws input_error naming what cannot be
/// written.
void write_file(const std::string& folder, const std::string& name, const std::string& text);

}  // namespace cugamma
