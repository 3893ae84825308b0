#pragma once

#include <string>

#include "certify/exact/question.hpp"

namespace cugamma::exact {

/// Proves the least energy, or energy times cycles (docs/certify-exact.md "Energy and EDP"). Where
/// mappings may wait for a NoC, a back end prices those that no bound settles. precondition: the
/// goal has an energy
engine_result prove_energy(const question& q,
                           proof& p,
                           const std::string& back_end,
                           int threads,
                           bool wants_records);

}  // namespace cugamma::exact
