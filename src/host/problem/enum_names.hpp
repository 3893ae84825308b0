#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "cugamma/error.hpp"

namespace cugamma {

/// The enumerator of a name, in a list of the names of all enumerators in their order. Throws
/// input_error that names the option, what was found, and the list.
template <typename Enum, std::size_t Count>
Enum enumerator_named(std::string_view option,
                      std::string_view name,
                      const std::array<std::string_view, Count>& names) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<Enum>(found - names.begin());
  throw input_error(
      fmt::format("{}: found \"{}\", expected one of {}", option, name, fmt::join(names, ", ")));
}

}  // namespace cugamma
