#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/genome.hpp"
#include "cugamma/models/timeloop/problem.hpp"
#include "cugamma/models/timeloop/scoring.hpp"

/// The back ends of Timeloop's model: reference, cpu and cuda.
namespace cugamma::timeloop {

/// Scores genomes of one problem on one architecture, as scorer::score does; may be called from
/// several threads at once. All back ends give the same bits.
using score_function = std::function<void(std::span<const genome>, std::span<cost>)>;

/// All names, the slowest first.
std::vector<std::string> back_ends();

/// Why a back end cannot run here; nothing if it can. Throws input_error for an unknown name.
std::optional<std::string> back_end_obstacle(std::string_view name);

/// Throws input_error for an unknown name, backend_error if the back end cannot run here, and what
/// scorer throws.
score_function make_back_end(std::string_view name, const architecture& a, const problem& p);

/// The fastest back end here for generations of so many mappings: cuda pays from some thousands on.
std::string fastest_back_end(std::int64_t population);

}  // namespace cugamma::timeloop
