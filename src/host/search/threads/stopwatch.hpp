#pragma once

#include <chrono>

namespace cugamma {

/// The steady clock cannot hold much more.
inline constexpr double century_s = 3e9;

/// Wall time since it was made, and since the last lap began.
class stopwatch {
 public:
  /// already_s: seconds that it shows from the start
  explicit stopwatch(double already_s = 0)
      : start_(clock::now() - std::chrono::duration_cast<clock::duration>(
                                  std::chrono::duration<double>(already_s))),
        last_(clock::now()) {}

  double seconds() const { return seconds_from(start_, clock::now()); }

  void begin_lap() { last_ = clock::now(); }

  /// Adds the lap's time to a share, and begins the next lap.
  void lap(double& share) {
    const auto now = clock::now();
    share += seconds_from(last_, now);
    last_ = now;
  }

 private:
  using clock = std::chrono::steady_clock;
  static double seconds_from(clock::time_point from, clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }

  clock::time_point start_;
  clock::time_point last_;
};

}  // namespace cugamma
