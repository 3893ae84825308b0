#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace cugamma {

/// The text of a JSON file for people and programs: two spaces a level, a newline at the end. Bytes
/// of names that are no UTF-8 are replaced.
inline std::string json_text(const nlohmann::ordered_json& value) {
  return value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace cugamma
