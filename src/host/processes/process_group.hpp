#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cugamma/processes/run_peers.hpp"

namespace cugamma {

/// The processes that a launcher such as mpirun started together. Waiting for one that is gone
/// throws backend_error once this one was told to end, as launchers do then.
class process_group : public run_peers {
 public:
  /// How to learn that this process was told to end, and what a message about it says at its end.
  virtual void expect_end(std::function<bool()> told_to_end, std::string last_words) = 0;

  /// Gives an error of this process to process 0, which throws it out of its next call as
  /// backend_error and ends all; does not return then. False in process 0 itself.
  virtual bool hand_over(std::string_view message) = 0;

  /// Ends all processes at once, the launcher with this exit code.
  virtual void end_all(int code) = 0;
};

/// The name of the function by which the module cugamma_mpi.so lets a process join; its result is
/// owned by the caller and leaves the group in its destructor, which waits for the others.
inline constexpr const char* join_function_name = "cugamma_join_processes";
using join_function = process_group* (*)();

}  // namespace cugamma
