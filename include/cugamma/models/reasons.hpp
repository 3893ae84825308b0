#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/models/cost.hpp"

namespace cugamma {

/// What a status bit says, for people: "tile exceeds dim".
std::string_view reason_name(status_bit bit);

/// The names of all bits that are set, the lowest first.
std::vector<std::string> reasons(std::uint32_t status);

}  // namespace cugamma
