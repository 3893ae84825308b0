#pragma once

#include <cstdint>
#include <string_view>

namespace cugamma {

/// How far a search trusts the figures of a cost model (docs/model.md "Plausibility").
enum class belief : std::uint8_t {
  plausible,  ///< rejects mappings with a doubt that rejects from `plausible` on
  strict,     ///< rejects mappings with any doubt
  maestro,    ///< rejects for no doubt
};

/// "plausible", "strict" or "maestro-compat".
std::string_view name_of(belief trust);

/// Reads one of these names; "maestro" is short for the last. Throws input_error for another.
belief parse_belief(std::string_view name);

}  // namespace cugamma
