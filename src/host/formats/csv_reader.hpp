#pragma once

#include <string_view>
#include <vector>

#include "formats/tokenizer.hpp"

namespace cugamma {

/// The rows of a comma-separated text, without quoting: cells are trimmed, blank lines and lines
/// that begin with # are dropped. Cells point into the text.
std::vector<std::vector<token>> read_csv(std::string_view text);

}  // namespace cugamma
