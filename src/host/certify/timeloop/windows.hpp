#pragma once

#include <cstdint>
#include <vector>

#include "certify/timeloop/splits.hpp"

namespace cugamma::timeloop::proving {

/// What an axis of a tensor contributes to the words that a level hands down and that its inner
/// neighbours get, as factors of their sums over all instances. whole: every tile comes whole.
/// slid: of a tile, only what is new along this axis comes, in every loop along it.
struct axis_share {
  double whole = 1, slid = 1;                ///< handed down, once to elements that get the same
  double served_whole = 1, served_slid = 1;  ///< as if neighbours served all elements but one
  double filled_whole = 1, filled_slid = 1;  ///< that the inner neighbours get
  bool may_serve = false;                    ///< whether neighbours may serve each other
};

/// An axis with several dimensions or with steps above 1.
class window {
 public:
  /// precondition: at most two terms with a dimension above 1, of different dimensions
  window(const axis& of_tensor,
         const std::vector<std::vector<split>>& splits,
         int levels,
         const problem& p);

  /// Its dimensions; the second one is -1 where only one is above 1.
  int first() const { return first_.dimension; }
  int second() const { return second_.dimension; }

  /// Words of the axis.
  double length() const { return length_; }

  /// At a level, for splits of both dimensions; -1: any, the least of each figure.
  const axis_share& at(int split_of_first, int split_of_second, int level) const {
    return shares_[place_of(split_of_first, split_of_second) * levels_ +
                   static_cast<std::size_t>(level)];
  }

 private:
  std::size_t place_of(int i, int j) const {
    return static_cast<std::size_t>(i + 1) * columns_ + static_cast<std::size_t>(j + 1);
  }
  axis_share share_of(const split& a, const split& b, std::size_t level) const;
  void set_least();

  axis_term first_{-1, 0};
  axis_term second_{-1, 0};
  std::size_t levels_;
  std::size_t rows_ = 0;     ///< splits of the first dimension, and one for any
  std::size_t columns_ = 0;  ///< of the second one
  double length_ = 0;
  std::vector<axis_share> shares_;
};

}  // namespace cugamma::timeloop::proving
