#pragma once

#include "cugamma/search/timeloop_search.hpp"
#include "search/timeloop/map_space.hpp"

namespace cugamma::timeloop {

/// Searches a map space by breeding. What it finds is a function of space, options and costs.
search_result search_space(const map_space& space,
                           const architecture& a,
                           const search_options& options,
                           const score_function& score);

}  // namespace cugamma::timeloop
