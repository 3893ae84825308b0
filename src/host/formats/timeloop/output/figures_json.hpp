#pragma once

#include <nlohmann/json.hpp>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/figures.hpp"
#include "cugamma/models/timeloop/problem.hpp"

namespace cugamma::timeloop {

/// All figures of a mapping, the innermost level first (docs/timeloop-files.md). Of a rejected one:
/// valid, reason, at, the level's name.
nlohmann::ordered_json figures_json(const architecture& a, const problem& p, const figures& f);

}  // namespace cugamma::timeloop
