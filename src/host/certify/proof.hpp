#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>

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
/// mapping known has upper(). Both only ever improve. Any thread may call any member.
class proof {
 public:
  /// improved: told lower and upper after each improvement, by one thread at a time; may be empty.
  explicit proof(proof_end end, std::function<void(double lower, double upper)> improved = {});

  /// No mapping that counts has a value below this one. Less than what is known changes nothing.
  void raise(double lower);
  /// A mapping that counts. One that is no better than the best known changes nothing.
  void offer(const genome& mapping, double value);

  double lower() const { return lower_; }
  double upper() const { return upper_; }  ///< infinite if no mapping is known
  std::optional<genome> best() const;
  double gap() const { return gap_between(lower(), upper()); }

  /// Whether to stop: the gap is reached, the time is up or somebody interrupted. Cheap.
  bool is_over() const;
  double seconds() const { return watch_.seconds(); }

 private:
  void tell() const;

  proof_end end_;
  std::function<void(double, double)> improved_;
  stopwatch watch_;
  mutable std::mutex mutex_;
  std::atomic<double> lower_ = -std::numeric_limits<double>::infinity();
  std::atomic<double> upper_ = std::numeric_limits<double>::infinity();
  std::optional<genome> best_;
};

}  // namespace cugamma
