#pragma once

#include <string>

#include "cugamma/mapping/constraint.hpp"
#include "cugamma/mapping/search_space.hpp"

namespace cugamma {

/// Throws the input_error that says which clause no mapping can obey together with another, or with
/// what `other` says.
[[noreturn]] void clash(const mapping_constraint& c, const clause& a, const std::string& other);
[[noreturn]] void clash(const mapping_constraint& c, const clause& a, const clause& b);

/// Tiles that nothing allows: larger than the tile above, than the dimension that bounds them, or a
/// part of a filter that no level spreads. `space` has the clauses' rules.
void check_tiles(const mapping_constraint& c, const search_space& space);

/// Cluster sizes that multiply to more than the PEs.
void check_clusters(const mapping_constraint& c, const search_space& space);

/// Fixed tiles that no choice of parallel dimensions makes fit the buffers.
void check_buffers(const mapping_constraint& c, const search_space& space);

}  // namespace cugamma
