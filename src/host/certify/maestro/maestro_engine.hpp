#pragma once

#include "certify/engine.hpp"

namespace cugamma {

/// Optima under MAESTRO's model, strict: docs/certify.md.
extern const certify_engine maestro_engine;

}  // namespace cugamma
