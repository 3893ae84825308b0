#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>

namespace cugamma {

/// Does one job after the other on a thread of its own or, without one, when the job's result is
/// asked for.
class side_thread {
 public:
  explicit side_thread(bool has_thread);
  /// Ends after the jobs that were submitted.
  ~side_thread();
  side_thread(const side_thread&) = delete;
  side_thread& operator=(const side_thread&) = delete;

  /// The result of job(), or what it throws. What the job works on must outlive the future.
  template <class Job>
  std::future<std::invoke_result_t<Job>> submit(Job job) {
    if (!thread_.joinable()) return std::async(std::launch::deferred, std::move(job));
    using task = std::packaged_task<std::invoke_result_t<Job>()>;
    auto next = std::make_shared<task>(std::move(job));
    auto result = next->get_future();
    append([next] { (*next)(); });
    return result;
  }

 private:
  void append(std::function<void()> job);
  void work(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> jobs_;
  std::jthread thread_;
};

}  // namespace cugamma
