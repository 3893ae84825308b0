#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>

#include "cugamma/evaluator.hpp"

namespace cugamma {

/// An evaluator that scores one batch after the other, on a thread of its own or, without one, when
/// its costs are asked for.
class scoring_side {
 public:
  scoring_side(evaluator& score, bool has_thread);
  /// Ends after the batches that were submitted.
  ~scoring_side();
  scoring_side(const scoring_side&) = delete;
  scoring_side& operator=(const scoring_side&) = delete;

  /// Has a batch scored into `out`; both stay as they are until the future is ready. Its value is
  /// the seconds that scoring took; it throws what the evaluator throws.
  std::future<double> submit(const batch& b, std::span<cost> out);

 private:
  using job = std::packaged_task<double()>;

  void work(const std::stop_token& stop);

  evaluator& score_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<job> jobs_;
  std::jthread thread_;
};

}  // namespace cugamma
