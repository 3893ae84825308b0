#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "cugamma/mapping/genome.hpp"
#include "search/threads/stopwatch.hpp"

namespace cugamma {

/// When a proof may end before the optimum is known.
struct proof_end {
  double gap = 0;  ///< that is close enough, 0.01 for 1 %
  double seconds = std::numeric_limits<double>::infinity();
  std::function<bool()> interrupted;  ///< asked now and then; may be empty
};

/// (upper - lower) / |lower|; infinite while either is missing, 0 where they meet.
double gap_between(double lower, double upper);

/// What is proved of one problem: no mapping that counts has a value below lower(), and the best
/// mapping known has upper(). Both only ever improve. Any thread may call any member. A template
/// because each family of cost models has mappings of its own.
template <class Mapping>
class proof_of {
 public:
  /// improved: told lower and upper after each improvement, by one thread at a time; may be empty.
  explicit proof_of(proof_end end, std::function<void(double lower, double upper)> improved = {})
      : end_(std::move(end)), improved_(std::move(improved)) {}

  /// No mapping that counts has a value below this one. Less than what is known changes nothing.
  void raise(double lower) {
    const std::scoped_lock lock(mutex_);
    lower = std::min(lower, upper());
    if (!(lower > lower_)) return;
    lower_ = lower;
    tell();
  }

  /// A mapping that counts. One that is no better than the best known changes nothing.
  void offer(const Mapping& mapping, double value) {
    const std::scoped_lock lock(mutex_);
    if (!(value < upper_)) return;
    upper_ = value;
    best_ = mapping;
    tell();
  }

  double lower() const { return lower_; }
  double upper() const { return upper_; }  ///< infinite if no mapping is known
  std::optional<Mapping> best() const {
    const std::scoped_lock lock(mutex_);
    return best_;
  }
  double gap() const { return gap_between(lower(), upper()); }
  /// A lower bound that is close enough, of positive values; infinite if no mapping is known.
  double wanted() const {
    constexpr double rounding = 1e-15;  // so that gap() is no larger than what was asked
    return std::min(upper(), upper() / (1 + end_.gap) * (1 + rounding));
  }

  /// Whether to stop: the gap is reached, the time is up or somebody interrupted. Cheap.
  bool is_over() const {
    return gap() <= end_.gap || seconds() >= end_.seconds ||
           (end_.interrupted && end_.interrupted());
  }
  double seconds() const { return watch_.seconds(); }

 private:
  void tell() const {
    if (improved_) improved_(lower_, upper_);
  }

  proof_end end_;
  std::function<void(double, double)> improved_;
  stopwatch watch_;
  mutable std::mutex mutex_;
  std::atomic<double> lower_ = -std::numeric_limits<double>::infinity();
  std::atomic<double> upper_ = std::numeric_limits<double>::infinity();
  std::optional<Mapping> best_;
};

/// Of mappings of two or three cluster levels.
using proof = proof_of<genome>;

}  // namespace cugamma
