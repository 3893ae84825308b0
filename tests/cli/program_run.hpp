#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>

namespace cugamma::testing {

/// What a program printed (both streams) and its exit status.
struct program_run {
  int status = -1;
  std::string output;
};

/// Runs a shell command.
inline program_run run_program(const std::string& command) {
  program_run result;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) {
    result.output.append(buffer, n);
  }
  const int raw = pclose(pipe);
  if (WIFEXITED(raw)) result.status = WEXITSTATUS(raw);
  return result;
}

}  // namespace cugamma::testing
