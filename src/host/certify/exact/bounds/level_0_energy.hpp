#pragma once

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/terms/mapping_energy.hpp"

namespace cugamma::exact {

/// Level 0's sums of one dimension.
using outer_terms = std::array<outer_sums<double>, stream_count>;

/// What level 0 moves at least in any loop order, each stream weighed.
double least_moved(const std::array<double, stream_count>& weights,
                   const std::array<const outer_terms*, free_dims>& t);

/// Energies of level 0: L2, and what fills cluster buffers.
class level_0_energy {
 public:
  explicit level_0_energy(const question& q);

  /// The least over loop orders, and with the share that each kind of floor takes from level 0.
  four_floors least(const std::array<const outer_terms*, free_dims>& t) const;

 private:
  const order_choice& orders_;
  stream_weights weights_;
  four_floors share_{};
};

}  // namespace cugamma::exact
