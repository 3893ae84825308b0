#pragma once

#include <span>
#include <string>

#include "cugamma/search/pareto.hpp"

namespace cugamma::cli {

/// "latency 516197 cycles, energy 186702.75 nJ": the figures of a mapping or a network.
std::string objectives_text(const objective_values& values, std::span<const objective> objectives);

/// "least latency" or "most throughput": what the end of a front in one objective is best in.
std::string extreme_of(objective o);

}  // namespace cugamma::cli
