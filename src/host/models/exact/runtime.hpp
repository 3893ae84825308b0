#pragma once

#include <cstdint>

#include "models/exact/nest.hpp"

namespace cugamma::exact {

/// Cycles that a nest takes on an accelerator.
std::int64_t runtime_of(const loop_nest& n, const accelerator& a);

}  // namespace cugamma::exact
