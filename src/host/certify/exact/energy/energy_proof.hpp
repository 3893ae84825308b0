#pragma once

#include "certify/exact/question.hpp"

namespace cugamma::exact {

/// Proves the least energy, or energy times cycles (docs/certify-exact.md "Energy and EDP"). Where
/// mappings may wait for a NoC, also the least cycles, and a back end prices the mappings that no
/// bound settles. Throws backend_error if that cannot run. precondition: the goal has an energy, or
/// mappings may wait
engine_result prove_energy(const certify_problem& problem,
                           const question& q,
                           proof& p,
                           bool wants_records);

}  // namespace cugamma::exact
