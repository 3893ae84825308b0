#include "formats/page/charts/axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace cugamma::report {
namespace {

/// The smallest of 1, 2, 5, 10, ... x 10^n that is at least `step`.
double round_step(double step) {
  const double decade = std::pow(10.0, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * decade >= step) return factor * decade;
  return 10 * decade;
}

std::vector<double> even_marks(double low, double high, int count) {
  const double step = round_step((high - low) / count);
  std::vector<double> out;
  for (double mark = std::ceil(low / step) * step; mark <= high + step * 1e-9; mark += step)
    out.push_back(std::fabs(mark) < step * 1e-9 ? 0.0 : mark);
  return out;
}

std::vector<double> decade_marks(double low, double high, const std::vector<double>& factors) {
  std::vector<double> out;
  for (double decade = std::pow(10.0, std::floor(std::log10(low))); decade <= high; decade *= 10)
    for (const double factor : factors)
      if (factor * decade >= low && factor * decade <= high) out.push_back(factor * decade);
  return out;
}

/// Every n-th, so that at most `count` stay.
std::vector<double> thinned(const std::vector<double>& marks, std::size_t count) {
  const std::size_t step = (marks.size() + count - 1) / std::max<std::size_t>(count, 1);
  std::vector<double> out;
  for (std::size_t i = 0; i < marks.size(); i += std::max<std::size_t>(step, 1))
    out.push_back(marks[i]);
  return out;
}

}  // namespace

axis::axis(double low, double high, double log_ratio)
    : low_(low), high_(high), logarithmic_(low > 0 && high / low > log_ratio) {
  if (high_ > low_) return;
  const double margin = low_ == 0 ? 1 : std::fabs(low_) * 0.05;
  low_ -= margin;
  high_ += margin;
}

double axis::place(double value) const {
  const double share = logarithmic_ ? std::log(value / low_) / std::log(high_ / low_)
                                    : (value - low_) / (high_ - low_);
  return 100 * std::clamp(share, 0.0, 1.0);
}

std::vector<double> axis::marks(int count) const {
  const auto most = static_cast<std::size_t>(count);
  if (!logarithmic_) return even_marks(low_, high_, count);
  const std::vector<double> decades = decade_marks(low_, high_, {1.0});
  if (decades.size() >= 3) return thinned(decades, most);
  const std::vector<double> finer = decade_marks(low_, high_, {1.0, 2.0, 5.0});
  return finer.size() >= 2 ? thinned(finer, most) : even_marks(low_, high_, count);
}

}  // namespace cugamma::report
