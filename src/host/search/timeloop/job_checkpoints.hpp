#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/search/timeloop_search.hpp"
#include "search/checkpoint_writer.hpp"
#include "search/timeloop/jobs.hpp"

namespace cugamma::timeloop {

/// The checkpoints of the searches of several jobs, which run one after another or at once: each
/// hands its state over now and then, and a checkpoint holds the last one of each.
class job_checkpoints {
 public:
  /// Reads the checkpoint that the plan resumes, if it does. Throws input_error if it holds
  /// searches of other jobs in number. Both must outlive the checkpoints.
  job_checkpoints(const checkpoint_plan& plan, std::span<const search_job> jobs);

  /// The options of a job's search that goes on from where the checkpoint has it, and is kept.
  search_options with_checkpoints(const search_options& options, std::size_t job);

  /// What was wrong with a job's search, with the checkpoint that it went on from, if it did.
  input_error named(const input_error& error, std::size_t job) const;

  /// Writes the last states of all, when the searches are over.
  void finish();

  /// Why the last checkpoint could not be written; empty: it was.
  const std::string& problem() const { return writer_.problem(); }

 private:
  using clock = std::chrono::steady_clock;

  void keep(std::size_t job, std::string state);
  void write();

  const checkpoint_plan& plan_;
  std::span<const search_job> jobs_;
  std::mutex mutex_;
  checkpoint_writer writer_;
  std::vector<std::string> states_;     ///< of each job; empty: it has not begun
  std::vector<clock::time_point> due_;  ///< when each hands its next state over
};

}  // namespace cugamma::timeloop
