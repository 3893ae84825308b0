#pragma once

#include "certify/exact/lists/top_lists.hpp"
#include "certify/exact/terms/loop_orders.hpp"

namespace cugamma::exact {

/// How level 0 cuts a dimension for its first sub-cluster, as far as a class of tiles tells;
/// lengths are least ones.
struct first_boxes {
  double steps = 1;
  double whole = 1;      ///< of the first step of level 1 in a box that is not the last
  double last = 1;       ///< and in the last box
  bool is_long = false;  ///< level 1 makes three steps or more in each box that is not the last
};
using four_boxes = std::array<first_boxes, free_dims>;

/// Boxes for tiles of PEs of a range.
first_boxes boxes_of(const question& q,
                     const inner_range& r,
                     const class_grid& grid,
                     const top_list& list,
                     const top_vector& v,
                     int d);

/// Elements of input and filter that the first steps of level 1 wait for in the first sub-cluster:
/// in all starts at least, by the loop order of level 0 (docs/certify-exact.md "Narrow NoCs").
class start_waits {
 public:
  start_waits(const question& q, const four_boxes& boxes);

  double in(const four_dims& order) const { return all_ + staying(new_, order); }
  /// In the order of level 0 that waits for least.
  double least() const { return all_ + least_staying(new_, q_.orders[0]); }

 private:
  void add_filter(int mover);
  void add_input(int mover);
  static void raise(stay_row& most,
                    int mover,
                    double moved,
                    const std::array<order_factors, free_dims>& f);
  void add(const stay_row& most, int mover);
  order_factors elements(int d, bool is_restricted) const;
  double moving(int d, bool has_overlap) const;

  const question& q_;
  const four_boxes& boxes_;
  double all_ = 0;    ///< of the first start
  stay_table new_{};  ///< of starts after a loop of level 0 has gone on
};

}  // namespace cugamma::exact
