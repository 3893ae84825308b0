#pragma once

#include "certify/maestro/traffic.hpp"

namespace cugamma::maestro_proof {

/// A mapping that the enumeration settled on.
struct winner {
  int outer_parallel = 0;
  int inner_parallel = 0;
  number cluster_size = 1;
  number outer_tile[free_dims] = {1, 1, 1, 1};
  number inner_tile[free_dims] = {1, 1, 1, 1};
  loop_order order;
  loop_order inner_order;
};

/// Prices a mapping by the cost model itself and offers it to the proof. Returns its value,
/// infinite if it does not count. is_exact: what is counted are its figures, not bounds of them.
/// Throws logic_error where the cost model does not agree with exact ones.
double offer_winner(const facts& f,
                    const winner& w,
                    const movement& counted,
                    bool is_exact,
                    proof& p);

}  // namespace cugamma::maestro_proof
