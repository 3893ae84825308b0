#include "certify/proof.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cugamma {

double gap_between(double lower, double upper) {
  if (lower == upper) return 0;
  if (!std::isfinite(lower) || !std::isfinite(upper) || lower == 0) {
    return std::numeric_limits<double>::infinity();
  }
  return (upper - lower) / std::abs(lower);
}

proof::proof(proof_end end, std::function<void(double lower, double upper)> improved)
    : end_(std::move(end)), improved_(std::move(improved)) {}

void proof::raise(double lower) {
  const std::scoped_lock lock(mutex_);
  lower = std::min(lower, upper());
  if (!(lower > lower_)) return;
  lower_ = lower;
  tell();
}

void proof::offer(const genome& mapping, double value) {
  const std::scoped_lock lock(mutex_);
  if (!(value < upper_)) return;
  upper_ = value;
  best_ = mapping;
  tell();
}

std::optional<genome> proof::best() const {
  const std::scoped_lock lock(mutex_);
  return best_;
}

bool proof::is_over() const {
  return gap() <= end_.gap || seconds() >= end_.seconds || (end_.interrupted && end_.interrupted());
}

void proof::tell() const {
  if (improved_) improved_(lower_, upper_);
}

}  // namespace cugamma
