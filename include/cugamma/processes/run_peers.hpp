#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cugamma {

/// The processes that run a search together, as one of them sees them. Every call but send is made
/// by all of them in the same order.
class run_peers {
 public:
  virtual ~run_peers() = default;
  run_peers() = default;
  run_peers(const run_peers&) = delete;
  run_peers& operator=(const run_peers&) = delete;

  /// This process's number, 0 to size() - 1.
  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// Replaces each number by its sum over all processes.
  virtual void sum(std::span<std::int64_t> numbers) = 0;

  /// Sends to a process without waiting for it.
  virtual void send(int to, int channel, std::string message) = 0;
  /// The next message of a process on a channel, in the order sent; waits for it.
  virtual std::string receive(int from, int channel) = 0;

  /// The texts of all processes, in the order of their numbers, at process 0; elsewhere nothing.
  virtual std::vector<std::string> gather(std::string_view text) = 0;
};

}  // namespace cugamma
