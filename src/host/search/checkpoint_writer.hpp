#pragma once

#include <chrono>
#include <string>

#include "cugamma/search/checkpoint.hpp"
#include "cugamma/search/network_search.hpp"

namespace cugamma {

/// Writes the checkpoints of a plan, and knows when the next one is due: the first at once, then
/// every so many seconds.
class checkpoint_writer {
 public:
  /// plan: must outlive the writer
  explicit checkpoint_writer(const checkpoint_plan& plan) : plan_(plan) {}

  /// Whether a checkpoint is due; never if the plan has no folder.
  bool is_due() const;

  /// Writes one; warns if it cannot. precondition: the plan has a folder
  void write(const checkpoint& state);

  /// Why the last one could not be written; empty: it was.
  const std::string& problem() const { return problem_; }

 private:
  const checkpoint_plan& plan_;
  std::string problem_;
  std::chrono::steady_clock::time_point due_ = std::chrono::steady_clock::now();
};

/// So much time as a duration of the steady clock, which cannot hold much more than a century.
std::chrono::steady_clock::duration pause_of(double seconds);

}  // namespace cugamma
