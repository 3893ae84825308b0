#pragma once

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>

namespace cugamma::cli {

/// Turns the first Ctrl-C or SIGTERM into a request to stop; a second one ends the program. So does
/// a closed terminal (SIGHUP, which may come twice and then ends nothing) unless nohup has it
/// ignored, and the soft limit of CPU time (SIGXCPU, once a second from then on).
class interrupt_guard {
 public:
  interrupt_guard() {
    interrupted_ = false;
    for (std::size_t i = 0; i < signals_.size(); ++i) {
      previous_[i] = std::signal(signals_[i], [](int number) {
        interrupted_ = true;
        if (number == SIGINT || number == SIGTERM) std::signal(number, SIG_DFL);
      });
      if (signals_[i] == SIGHUP && previous_[i] == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
    }
  }
  ~interrupt_guard() {
    for (std::size_t i = 0; i < signals_.size(); ++i) std::signal(signals_[i], previous_[i]);
  }
  interrupt_guard(const interrupt_guard&) = delete;
  interrupt_guard& operator=(const interrupt_guard&) = delete;

  static bool was_interrupted() { return interrupted_.load(); }

 private:
  static constexpr std::array signals_{SIGINT, SIGTERM, SIGHUP, SIGXCPU};
  inline static std::atomic<bool> interrupted_ = false;
  static_assert(std::atomic<bool>::is_always_lock_free);
  std::array<void (*)(int), signals_.size()> previous_{};
};

}  // namespace cugamma::cli
