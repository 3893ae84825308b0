#pragma once

#include <vector>

#include "certify/exact/bounds/first_boxes.hpp"
#include "certify/exact/bounds/vector_lanes.hpp"

namespace cugamma::exact {

/// Bounds vectors of level 0 under ranges of PEs' tiles, many at once: by B3, B4 and B6, and where
/// mappings may wait by N1 to N4.
class vector_bounder {
 public:
  vector_bounder(const question& q, const class_grid& grid);

  /// The range under which vectors are, with its floors of level 1.
  void set_range(const inner_range& r, const four_floors& floors);
  /// The list that the next vectors are of. precondition: none are waiting
  void set_list(const top_list& list);

  /// precondition: not is_full()
  void add(const top_vector& v);
  bool is_full() const { return batch_.count == vectors::batch_length; }

  /// Of all vectors that were added, in their order; then none are waiting. limit: bounds above it
  /// need not be the highest. Valid until the next call.
  const vectors::bounds& bound_all(double limit);

 private:
  const question& q_;
  const class_grid& grid_;
  const vectors::bound_lanes& lanes_;
  question_numbers numbers_;
  inner_range range_;
  vectors::kind_floors floors_;
  double inner_busy_ = 1;  ///< least extents of the busiest PE along the inner parallel dimension
  std::array<std::vector<first_boxes>, free_dims> boxes_;  ///< by class
  const top_list* list_ = nullptr;
  list_question list_numbers_{};
  first_boxes list_boxes_;
  vectors::batch batch_;
  vectors::bounds found_;
};

/// What the busiest PE has along the inner parallel dimension at least, under a list: of clusters
/// that leave it so many sub-clusters, a PE has a whole number of indices.
double inner_busy_under(const question& q,
                        const inner_range& r,
                        const top_list& list,
                        double inner_busy);

}  // namespace cugamma::exact
