#pragma once

#include "cugamma/models/cost_model.hpp"

namespace cugamma {

/// A model of the smallest size, the example of docs/cost-models.md: every tile of every level
/// takes a cycle.
extern const cost_model tile_count_model;

}  // namespace cugamma
