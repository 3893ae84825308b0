#pragma once

#include <cstdint>

namespace cugamma {

/// How far a search trusts the figures of a cost model (docs/model.md "Plausibility").
enum class belief : std::uint8_t {
  plausible,  ///< rejects mappings with a doubt that rejects from `plausible` on
  strict,     ///< rejects mappings with any doubt
  maestro,    ///< rejects for no doubt
};

}  // namespace cugamma
