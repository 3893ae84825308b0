#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cugamma/mapping/constraint.hpp"

namespace cugamma {

/// Reads a YAML constraint (docs/constraints.md). `file` is the name for messages. Throws
/// input_error "file:line:column: found X, expected Y".
mapping_constraint parse_constraint(const std::string& text, const std::string& file);

/// Reads a file from disk. Throws input_error also if it cannot be read.
mapping_constraint read_constraint(const std::string& path);

/// The path of a constraint by name: a path that exists, or NAME.yaml in the folders of constraints
/// (environment variable CUGAMMA_CONSTRAINTS_DIR, the source tree's, the installed ones). Throws
/// input_error with the known names.
std::string find_constraint(std::string_view name);

/// The names that find_constraint knows, sorted.
std::vector<std::string> constraint_names();

}  // namespace cugamma
