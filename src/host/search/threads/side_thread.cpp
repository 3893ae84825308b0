#include "search/threads/side_thread.hpp"

namespace cugamma {

side_thread::side_thread(bool has_thread) {
  if (has_thread) thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

side_thread::~side_thread() = default;

void side_thread::append(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void side_thread::work(const std::stop_token& stop) {
  while (true) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [this] { return !jobs_.empty(); })) return;
    const std::function<void()> next = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    next();
  }
}

}  // namespace cugamma
