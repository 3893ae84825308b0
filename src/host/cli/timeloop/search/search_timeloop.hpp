#pragma once

#include <vector>

#include "cli/timeloop/search/timeloop_results.hpp"

namespace cugamma::cli {

/// `cugamma search --cost-model timeloop`: as command::run.
int run_timeloop_search(int argc, char** argv);

/// Searches all jobs, as many at once as there are cores; what was found, in their order.
std::vector<timeloop_found> search_jobs(const timeloop_request& r);

}  // namespace cugamma::cli
