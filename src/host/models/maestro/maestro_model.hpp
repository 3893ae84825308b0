#pragma once

#include "cugamma/models/cost_model.hpp"

namespace cugamma {

/// MAESTRO's cost model (docs/model.md): the row of the registry.
extern const cost_model maestro_model;

}  // namespace cugamma
