#pragma once

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/mapping.hpp"
#include "cugamma/models/timeloop/problem.hpp"
#include "cugamma/models/timeloop/scoring.hpp"

namespace cugamma::timeloop {

/// What scorer::score gives, by the plain reference: explain, and that no level takes more of its
/// fan-out than it has. The excess of a rejected mapping is 0. Preconditions as explain.
cost reference_cost(const architecture& a, const problem& p, const mapping& m);

}  // namespace cugamma::timeloop
