#pragma once

#include "certify/exact/question.hpp"

namespace cugamma::exact {

/// Cycles that no mapping of a space takes fewer of, whatever its levels, R and S parallel or not:
/// what the busiest PE works at least, the starts of its levels, and what has to be moved.
/// precondition: no obstacle (question_obstacle)
double floor_of_cycles(const question& q, const search_space& space);

/// The goal's value that no mapping of the space is below, to the last bit: all tensors moved once
/// between all levels, in the least cycles.
double floor_of(const question& q, const search_space& space);

}  // namespace cugamma::exact
