#pragma once

#include <cstdint>

#include "cugamma/search_run.hpp"

namespace cugamma {

/// A population that comes close to the best soon (bench/RESULTS.md, "Time to quality"). On the
/// cores that it is bred on: 32 individuals, and 64 where test 4 rejects as well. A device takes as
/// long for a few thousand mappings as for a few, so there it is 2,000, or what leaves the budget
/// of evaluations 20 generations.
std::int64_t auto_population(const stop_rule& budget, belief trust, bool runs_on_host);

}  // namespace cugamma
