#pragma once

#include <string>
#include <vector>

namespace cugamma::report {

/// The values an axis spans and where its marks are; logarithmic when the values span more than a
/// given ratio and none is below or at zero.
class axis {
 public:
  /// precondition: low <= high, both finite
  axis(double low, double high, double log_ratio);

  /// Place of a value in percent of the axis, 0 to 100.
  double place(double value) const;
  /// Values to be labelled, rising, at most about `count`.
  std::vector<double> marks(int count) const;
  double low() const { return low_; }
  double high() const { return high_; }
  bool logarithmic() const { return logarithmic_; }

 private:
  double low_;
  double high_;
  bool logarithmic_;
};

}  // namespace cugamma::report
