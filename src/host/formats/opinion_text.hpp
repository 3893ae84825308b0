#pragma once

#include <string>

#include "cugamma/models/second_opinion.hpp"

namespace cugamma {

/// "maestro says 4746977 cycles (-28.57 %), 1335880 nJ (-7.99 %)": what another cost model says of
/// a mapping, with the difference from what the one asked says.
std::string opinion_text(const second_opinion& o, const cost& asked);

}  // namespace cugamma
