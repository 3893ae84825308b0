#pragma once

#include <vector>

#include "models/timeloop/reference/counts.hpp"

namespace cugamma::timeloop::reference {

/// Energy and area of what was counted; adders cost nothing. preconditions: the counts are in
/// figures f, with cycles of every level
void set_energy(const architecture& a, const problem& p, const nest& n, figures& f);

/// What a word takes from one inner tile to the next, over the network below a level.
double hop_pj(const architecture& a, int level);

/// Area of the whole accelerator.
double area_of(const architecture& a);

}  // namespace cugamma::timeloop::reference
