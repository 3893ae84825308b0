#pragma once

#include "cugamma/models/timeloop/figures.hpp"
#include "cugamma/models/timeloop/scoring.hpp"

namespace cugamma::timeloop {

/// What a search reads of the figures of a valid mapping.
cost cost_of(const figures& f);

}  // namespace cugamma::timeloop
