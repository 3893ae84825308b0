#pragma once

#include "models/exact/chained/deep_held.hpp"

/// deep_held.hpp for SIMD lanes: functions that are compiled once, for any instruction set.
namespace cugamma::exact::chained {

held_elements held_after_move(const cut_numbers& n, const row_grid<extent>& g);
held_elements held_after_restart(const cut_numbers& n, const row_grid<extent>& g);

}  // namespace cugamma::exact::chained
