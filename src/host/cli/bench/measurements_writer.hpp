#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "cli/bench/benchmark.hpp"

namespace cugamma::cli {

/// The sizes that --populations asks for. Throws input_error.
std::vector<std::size_t> read_populations(const std::vector<std::string>& texts);

nlohmann::ordered_json to_json(const measurement& m);

/// Prints a line that says what was measured, then a row a measurement.
void print_table(const std::vector<measurement>& all, const std::string& what);

}  // namespace cugamma::cli
