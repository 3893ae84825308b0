#include "models/exact/chained/deep_numbers.hpp"

namespace cugamma::exact::chained {
namespace {

chain chain_from(const cut_numbers& n) {
  chain c;
  for (int level = 0; level < most_levels; ++level) {
    c.tile[level] = n.tile[level];
    c.units[level] = n.units[level];
  }
  cut_boxes(n.size, most_levels, c);
  return c;
}

}  // namespace

held_elements held_after_move(const cut_numbers& n, const row_grid<extent>& g) {
  return held_after_move(chain_from(n), g);
}

held_elements held_after_restart(const cut_numbers& n, const row_grid<extent>& g) {
  return held_after_restart(chain_from(n), g);
}

}  // namespace cugamma::exact::chained
