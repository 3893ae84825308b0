#pragma once

#include <string>
#include <string_view>

#include "cugamma/problem/accelerator.hpp"

namespace cugamma {

/// Reads an accelerator from YAML: keys and values; a table in it stands for keys that begin with
/// its name, so that "l1: {bytes: 512}" is "l1_bytes: 512". Comments begin with #, or with // as
/// MAESTRO's do. Throws input_error "file:line:column: found X, expected Y".
accelerator parse_accelerator_yaml(std::string_view text,
                                   std::string_view file,
                                   const accelerator& base);

/// The value of its key "about"; empty, if it has none.
std::string about_in_yaml(std::string_view text, std::string_view file);

/// The text with blanks in place of comments from # to the end of their line.
std::string without_hash_comments(std::string_view text);

}  // namespace cugamma
