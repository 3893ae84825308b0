#include "certify/proof.hpp"

#include <cmath>

namespace cugamma {

double gap_between(double lower, double upper) {
  if (lower == upper) return 0;
  if (!std::isfinite(lower) || !std::isfinite(upper) || lower == 0) {
    return std::numeric_limits<double>::infinity();
  }
  return (upper - lower) / std::abs(lower);
}

}  // namespace cugamma
