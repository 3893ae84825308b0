#include "models/exact/chained/deep_numbers.hpp"

namespace cugamma::exact::chained {

held_elements held_after_move(const cut_numbers& n, const row_grid<extent>& g) {
  return held_after_move(chain_of_cuts(n), g);
}

held_elements held_after_restart(const cut_numbers& n, const row_grid<extent>& g) {
  return held_after_restart(chain_of_cuts(n), g);
}

}  // namespace cugamma::exact::chained
