#pragma once

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/terms/mapping_energy.hpp"

namespace cugamma::exact {

/// Level 0's sums of one dimension.
using outer_terms = std::array<outer_sums<double>, stream_count>;

/// Adds a stream of level 0, weighed, to what may stay in place; returns what would move if nothing
/// stayed.
double add_stream(const std::array<const outer_terms*, free_dims>& t,
                  std::size_t s,
                  double weight,
                  stay_table& stays);

/// Energies of level 0: L2, and what fills cluster buffers.
class level_0_energy {
 public:
  explicit level_0_energy(const question& q);

  /// Of each element once: no more than the least, rounding apart.
  double compulsory() const { return compulsory_; }

  /// The least over loop orders, and with the share that each kind of floor takes from level 0.
  four_floors least(const std::array<const outer_terms*, free_dims>& t) const;

 private:
  const order_choice& orders_;
  stream_weights weights_;
  four_floors share_{};
  double compulsory_ = 0;
};

}  // namespace cugamma::exact
