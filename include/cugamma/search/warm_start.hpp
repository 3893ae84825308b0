#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/mapping/genome.hpp"
#include "cugamma/mapping/search_space.hpp"

namespace cugamma {

/// The mappings of a MAESTRO file, or of the result.json of a search (the best of every layer).
/// Throws input_error if the file cannot be read or holds no mapping that a genome says.
std::vector<named_mapping> read_known_mappings(const std::string& path);

/// The best mapping of every layer in the text of a search's result.json. `name` is for messages.
/// Throws input_error for a text that is no such result.
std::vector<named_mapping> known_mappings_of(std::string_view text, const std::string& name);

/// Known mappings as members of a space: levels added or dropped, then repaired. Those of layers of
/// this name or of the space's shape alone if there are any, else all; those of the same shape
/// first, at most `most`; mappings that a genome cannot express are left out. Where PEs are
/// searched, they have those that the mapping was found for, else the most.
std::vector<genome> warm_start(const std::vector<named_mapping>& known,
                               const std::string& name,
                               const search_space& space,
                               std::int64_t most);

}  // namespace cugamma
