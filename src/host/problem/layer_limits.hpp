#pragma once

#include <optional>
#include <string>

#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// Counts are exact below 2^53: what of a layer is not ("1.2e+20 MACs, fewer than 2^53 can be
/// counted"), if anything.
std::optional<std::string> uncountable(const layer& l);

}  // namespace cugamma
