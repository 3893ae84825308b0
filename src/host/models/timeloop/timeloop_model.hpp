#pragma once

#include "cugamma/models/cost_model.hpp"

namespace cugamma {

inline constexpr file_cost_model timeloop_model{
    .name = "timeloop",
    .about = "Timeloop's figures, of any number of storage levels and of any tensors",
    .files = "Timeloop's YAML files (docs/timeloop-files.md)"};

}  // namespace cugamma
