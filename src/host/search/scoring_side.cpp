#include "search/scoring_side.hpp"

#include <utility>

#include "search/stopwatch.hpp"

namespace cugamma {

scoring_side::scoring_side(evaluator& score, bool has_thread) : score_(score) {
  if (has_thread) thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

scoring_side::~scoring_side() = default;

std::future<double> scoring_side::submit(const batch& b, std::span<cost> out) {
  const auto score = [this, b, out] {
    const stopwatch watch;
    score_.evaluate(b, out);
    return watch.seconds();
  };
  if (!thread_.joinable()) return std::async(std::launch::deferred, score);
  job j(score);
  std::future<double> seconds = j.get_future();
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(j));
  }
  changed_.notify_one();
  return seconds;
}

void scoring_side::work(const std::stop_token& stop) {
  while (true) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [this] { return !jobs_.empty(); })) return;
    job next = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    next();
  }
}

}  // namespace cugamma
