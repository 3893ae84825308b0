#pragma once

#include <memory>

#include "models/host_scoring.hpp"

namespace cugamma {

/// MAESTRO's model in SIMD lanes: the closed form a mapping a lane, and where it does not hold, the
/// walk a tile a lane.
std::unique_ptr<host_scoring> make_maestro_scoring();

}  // namespace cugamma
