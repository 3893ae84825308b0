#pragma once

#include "certify/exact/terms/dimension_terms.hpp"
#include "certify/exact/terms/loop_orders.hpp"

namespace cugamma::exact {

using four_terms = std::array<const dimension_terms*, free_dims>;

/// Weights of what moves at each level, in MACs an element.
struct stream_weights {
  std::array<double, stream_count> outer{};
  std::array<double, stream_count> inner{};
};

stream_weights weights_of(const question& q);

/// The energy of a mapping but for its loop orders: what would move if nothing stayed in place, and
/// what may stay. Level 0's order decides one part, level 1's the other.
struct open_energy {
  double most = 0;
  stay_table outer{};
  stay_table inner{};

  /// At the best orders.
  double least(const question& q) const {
    return most - most_staying(outer, q.orders[0]) - most_staying(inner, q.orders[1]);
  }
};

open_energy open_energy_of(const stream_weights& w, const four_terms& t);

}  // namespace cugamma::exact
