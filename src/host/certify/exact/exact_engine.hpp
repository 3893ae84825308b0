#pragma once

#include "certify/engine.hpp"

namespace cugamma {

/// Proves optima under the exact cost model (docs/certify-exact.md).
extern const certify_engine exact_engine;

}  // namespace cugamma
