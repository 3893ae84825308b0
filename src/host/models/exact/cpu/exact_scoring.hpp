#pragma once

#include <memory>

#include "models/host_scoring.hpp"

namespace cugamma::exact {

/// The exact model in SIMD lanes: the closed form a mapping a lane, and where it does not hold, the
/// walk over classes of steps.
std::unique_ptr<host_scoring> make_scoring();

}  // namespace cugamma::exact
