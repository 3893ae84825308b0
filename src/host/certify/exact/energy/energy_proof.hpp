#pragma once

#include "certify/exact/question.hpp"

namespace cugamma::exact {

/// Proves the least energy, or energy times cycles (docs/certify-exact.md "Energy and EDP"). Where
/// mappings may wait for a NoC, the lower bound of a product is the least of bounds, and there is
/// no certificate. precondition: the goal has an energy
engine_result prove_energy(const question& q, proof& p, int threads, bool wants_records);

}  // namespace cugamma::exact
