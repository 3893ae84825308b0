#pragma once

#include "cugamma/models/cost_model.hpp"

namespace cugamma {

extern const cost_model exact_model;

}  // namespace cugamma
