#pragma once

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/figures.hpp"
#include "cugamma/models/timeloop/mapping.hpp"
#include "cugamma/models/timeloop/problem.hpp"

namespace cugamma::timeloop {

/// Timeloop's figures of a mapping (commit 4cf6d4c, dense, loop analysis without ISL): the plain
/// reference. preconditions: levels of mapping and architecture are equal in number; the mapping's
/// orders are permutations; the architecture's meshes divide each other
figures explain(const architecture& a, const problem& p, const mapping& m);

}  // namespace cugamma::timeloop
