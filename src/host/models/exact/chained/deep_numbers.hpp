#pragma once

#include "models/exact/chained/deep_held.hpp"

/// deep_held.hpp for SIMD lanes: functions that are compiled once, for any instruction set.
namespace cugamma::exact::chained {

/// How three levels cut a dimension.
struct cut_numbers {
  extent size;
  extent tile[most_levels];
  extent units[most_levels];
};

held_elements held_after_move(const cut_numbers& n, const row_grid<extent>& g);
held_elements held_after_restart(const cut_numbers& n, const row_grid<extent>& g);

}  // namespace cugamma::exact::chained
