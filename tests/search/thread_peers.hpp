#pragma once

#include <barrier>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "cugamma/processes/run_peers.hpp"

namespace cugamma {

/// What threads that play the processes of a run share.
struct thread_hub {
  explicit thread_hub(int count) : size(count), sync(count), texts(count) {}

  int size;
  std::barrier<> sync;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::tuple<int, int, int>, std::deque<std::string>> mail;  // from, to, channel
  std::vector<std::int64_t> sums;
  std::vector<std::string> texts;
};

class thread_peers final : public run_peers {
 public:
  thread_peers(thread_hub& hub, int rank) : hub_(hub), rank_(rank) {}

  int rank() const override { return rank_; }
  int size() const override { return hub_.size; }

  void sum(std::span<std::int64_t> numbers) override {
    {
      const std::lock_guard lock(hub_.mutex);
      hub_.sums.resize(numbers.size());
      for (std::size_t i = 0; i < numbers.size(); ++i) hub_.sums[i] += numbers[i];
    }
    hub_.sync.arrive_and_wait();
    std::copy(hub_.sums.begin(), hub_.sums.end(), numbers.begin());
    hub_.sync.arrive_and_wait();
    if (rank_ == 0) hub_.sums.clear();
    hub_.sync.arrive_and_wait();
  }

  void send(int to, int channel, std::string message) override {
    const std::lock_guard lock(hub_.mutex);
    hub_.mail[{rank_, to, channel}].push_back(std::move(message));
    hub_.changed.notify_all();
  }

  std::string receive(int from, int channel) override {
    std::unique_lock lock(hub_.mutex);
    auto& box = hub_.mail[{from, rank_, channel}];
    hub_.changed.wait(lock, [&] { return !box.empty(); });
    std::string message = std::move(box.front());
    box.pop_front();
    return message;
  }

  std::vector<std::string> gather(std::string_view text) override {
    hub_.texts[static_cast<std::size_t>(rank_)] = text;
    hub_.sync.arrive_and_wait();
    std::vector<std::string> all;
    if (rank_ == 0) all = hub_.texts;
    hub_.sync.arrive_and_wait();
    return all;
  }

 private:
  thread_hub& hub_;
  int rank_;
};

/// Calls body on so many threads, each with its peers; no message may be left over.
inline bool run_as_processes(int count, const std::function<void(run_peers&)>& body) {
  thread_hub hub(count);
  {
    std::vector<std::jthread> threads;
    for (int rank = 0; rank < count; ++rank) {
      threads.emplace_back([&hub, &body, rank] {
        thread_peers peers(hub, rank);
        body(peers);
      });
    }
  }
  for (const auto& [route, box] : hub.mail) {
    if (!box.empty()) return false;
  }
  return true;
}

}  // namespace cugamma
