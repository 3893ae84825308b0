#pragma once

#include "certify/exact/terms/loop_orders.hpp"
#include "certify/exact/terms/mapping_energy.hpp"

namespace cugamma::exact {

/// Cycles that a mapping takes at least where it may wait for the NoC of level 0, or of level 1
/// when that starts, by the loop order of level 0 (docs/certify-exact.md "Narrow NoCs").
class level_0_waits {
 public:
  /// knows_pes: the tiles of PEs are those of the terms; else they may be any, of these extents.
  level_0_waits(const question& q, const four_terms& t, bool knows_pes);

  /// No mapping with these tiles takes fewer in this order; nor does one with larger tiles of level
  /// 0 of the same steps and busy extents.
  double cycles(const four_dims& order) const;

 private:
  /// How often outputs leave in an order.
  struct leavings {
    double count = 0;
    bool is_first_step_one = false;
  };
  leavings leavings_in(const four_dims& order) const;
  double add_starts(const four_terms& t, std::size_t i, double weight);
  double cycles(const leavings& l, double out, double starts, double longest) const;
  double least_delay() const;

  const question& q_;
  std::array<double, free_dims> steps_{};
  double busy_ = 1;
  double all_steps_ = 1;
  double longest_ = 1;        ///< that the busiest PE works in a step of level 0 at most
  double first_ = 0;          ///< elements that the first step waits for
  double most_starts_ = 0;    ///< elements that starts of level 1 wait for if nothing is there
  stay_table there_{};        ///< what is
  double longest_start_ = 0;  ///< elements that one waits for at most
  double most_in_ = 0;        ///< that come in if nothing stays in place
  double most_out_ = 0;       ///< and leave
  stay_table stays_in_{};     ///< what stays
  stay_table stays_out_{};
};

}  // namespace cugamma::exact
