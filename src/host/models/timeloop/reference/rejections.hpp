#pragma once

#include <vector>

#include "models/timeloop/reference/counts.hpp"

namespace cugamma::timeloop::reference {

struct verdict {
  rejection why = rejection::none;
  int at = -1;  ///< the level; -1: the whole mapping or the arithmetic
};

/// What is wrong with a mapping's factors and what it keeps, before anything is counted.
verdict check_mapping(const architecture& a, const problem& p, const mapping& m);

/// What does not fit the accelerator: the arithmetic first, then level by level from the inside.
/// preconditions: check_mapping found nothing; counts has one entry for each tensor
verdict check_fit(const architecture& a, const nest& n, const std::vector<tensor_counts>& counts);

}  // namespace cugamma::timeloop::reference
