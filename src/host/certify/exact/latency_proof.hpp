#pragma once

#include "certify/exact/question.hpp"

namespace cugamma::exact {

/// Proves the least runtime (docs/certify-exact.md "Latency"): exact where no mapping waits for a
/// NoC, else a lower bound that is no further raised. precondition: the goal is latency
engine_result prove_latency(const question& q, proof& p, bool wants_records);

}  // namespace cugamma::exact
