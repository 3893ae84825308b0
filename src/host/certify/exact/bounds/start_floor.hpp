#pragma once

#include "certify/exact/bounds/inner_floor.hpp"

namespace cugamma::exact {

/// How level 0 cuts each dimension, as far as a class of tiles tells.
struct outer_cuts {
  four_sizes tiles{};     ///< of level 0
  four_sizes smallest{};  ///< no tile of level 0 but the last is smaller
};

/// Bounds for the tiles of PEs of a range, from what each start of level 1 moves at least:
/// its box, less what its PEs hold when it begins, which is their last tile or less
/// (docs/certify-exact.md "What a start moves").
class start_floors {
 public:
  /// precondition: r.low == r.high
  start_floors(const question& q, const inner_range& r);

  /// Of one tensor's traffic below the cluster buffers, in MACs: that of input_share, filter_share
  /// or output_share.
  double of(floor_kind tensor, const outer_cuts& c) const;

 private:
  /// What one tensor is made of.
  struct tensor {
    std::array<bool, free_dims> is_own{};
    std::array<double, free_dims> each{};  ///< elements of an index of an own dimension
    std::array<double, free_dims> more{};  ///< and of a tile besides
    double weight = 1;
  };

  tensor tensor_of(floor_kind kind) const;
  double held(const tensor& t, int d, bool is_output) const;
  double held_in_all(const tensor& t, const outer_cuts& c, double boxes, bool is_output) const;

  const question& q_;
  inner_range range_;
  std::array<tensor, floor_count> tensors_;
  std::array<std::array<double, free_dims + 1>, floor_count> held_{};
};

}  // namespace cugamma::exact
