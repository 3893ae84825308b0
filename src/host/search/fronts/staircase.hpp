#pragma once

#include <algorithm>
#include <iterator>
#include <map>

namespace cugamma {

/// What a set of points in the plane dominates: steps that fall from left to right.
class staircase {
 public:
  /// Whether a point of the set is neither above nor right of (x, y).
  bool covers(double x, double y) const {
    const auto right = steps_.upper_bound(x);
    return right != steps_.begin() && std::prev(right)->second <= y;
  }

  /// precondition: not covered
  void add(double x, double y) {
    auto at = steps_.lower_bound(x);
    while (at != steps_.end() && at->second >= y) at = steps_.erase(at);
    steps_.emplace_hint(at, x, y);
  }

  /// The area that (x, y) would cover and the set does not, up to a corner above and right of all.
  double gain(double x, double y, double corner_x, double corner_y) const {
    auto right = steps_.upper_bound(x);
    double top = right == steps_.begin() ? corner_y : std::prev(right)->second;
    double left = x;
    double area = 0;
    while (top > y) {
      const double end = right == steps_.end() ? corner_x : right->first;
      area += (end - left) * (top - y);
      if (right == steps_.end()) break;
      left = right->first;
      top = right->second;
      ++right;
    }
    return area;
  }

 private:
  std::map<double, double> steps_;
};

}  // namespace cugamma
