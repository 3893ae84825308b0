#pragma once

#include <span>
#include <string>

#include "cugamma/models/timeloop/constraints.hpp"
#include "cugamma/search/timeloop_search.hpp"
#include "search/timeloop/judge.hpp"

namespace cugamma::timeloop {

/// Everything that decides which mappings a search proposes, as bytes.
std::string identity(const architecture& a,
                     const problem& p,
                     const constraints& c,
                     const search_options& options);

/// Throws input_error if a candidate that was read from a file is no mapping that keeps the
/// constraints, or has other figures than those that scoring gives it.
void check_candidates(const architecture& a,
                      const problem& p,
                      const constraints& c,
                      const judge& values,
                      const score_function& score,
                      std::span<const candidate> candidates);

}  // namespace cugamma::timeloop
