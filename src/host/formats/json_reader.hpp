#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cugamma/error.hpp"

namespace cugamma {

/// A JSON text from anybody. Throws input_error "name: what" for a text that is none, or that is
/// nested deeper than any result: copying and writing JSON take a stack frame a level.
inline nlohmann::json parse_json(std::string_view text, const std::string& name) {
  constexpr int most_levels = 100;
  const auto count_levels = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    if (depth <= most_levels) return true;
    throw input_error(fmt::format("{}: JSON nested deeper than {} levels", name, most_levels));
  };
  try {
    return nlohmann::json::parse(text, count_levels);
  } catch (const nlohmann::json::exception& error) {
    throw input_error(fmt::format("{}: not JSON: {}", name, error.what()));
  }
}

}  // namespace cugamma
