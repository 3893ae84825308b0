#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace cugamma {

/// The JSON of a text, which messages call by the name. Throws input_error where it is none, or
/// where it is nested so deep that a stack could not hold what walks over it.
nlohmann::json parse_json(std::string_view text, const std::string& name);

}  // namespace cugamma
