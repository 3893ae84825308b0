#pragma once

#include <limits>
#include <optional>

#include "certify/exact/bounds/level_0_waits.hpp"
#include "certify/exact/terms/mapping_energy.hpp"

namespace cugamma::exact {

/// The goal's value of a mapping but for its loop orders; where mappings may wait for a NoC, no
/// more than that.
class open_price {
 public:
  /// limit: values above it need not be exact, as long as they are above it.
  open_price(const question& q,
             const stream_weights& w,
             const four_terms& t,
             double limit = std::numeric_limits<double>::infinity());

  /// At the best orders.
  double least() const;
  /// In one order of level 0, at the best one of level 1.
  double least_in(const four_dims& outer) const;
  double cycles_in(const four_dims& outer) const {
    return waits_ ? waits_->cycles(outer) : cycles_;
  }
  const open_energy& energy() const { return energy_; }

 private:
  double value_at(double stays, std::optional<double> cycles = {}) const;

  const question& q_;
  open_energy energy_;
  double limit_;
  double most_staying_inside_;          ///< in level 1
  double cycles_ = 0;                   ///< in all orders, where no mapping waits; else at least
  std::optional<level_0_waits> waits_;  ///< where mappings may
};

}  // namespace cugamma::exact
