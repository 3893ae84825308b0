#pragma once

#include <string>

#include "formats/page/sections.hpp"

namespace cugamma::report {

/// Whether a result is of a search by Timeloop's model, which has figures of its own.
bool is_timeloop_result(const result_node& root);

/// All of such a result: its totals, the table of its layers, and each of them.
std::string timeloop_sections(const run& r);

}  // namespace cugamma::report
