#pragma once

#include <string>
#include <vector>

#include "formats/page/sections.hpp"

namespace cugamma::report {

/// Whether a result is of a search by Timeloop's model, which has figures of its own.
bool is_timeloop_result(const result_node& root);

/// All of such a result: its totals, the table of its layers, and each of them, a lone one open if
/// the result is alone on its page.
std::string timeloop_sections(const run& r, bool alone);

/// Several of them side by side.
std::string timeloop_comparison(const std::vector<run>& runs);

/// "edp, pJ x cycles"
std::string unit_of_first_objective(const result_node& root);

/// The best of a layer over valid mappings, as chart points: the steps and the end.
std::vector<chart_point> improvements(const result_node& layer);

}  // namespace cugamma::report
