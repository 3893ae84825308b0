#pragma once

#include <fmt/core.h>

#include <cstdio>
#include <string>
#include <vector>

namespace cugamma::cli {

/// Tells on stderr what the readers of files took for something else than it says, or left out. A
/// stderr that cannot be written is no reason to stop.
inline void print_warnings(const std::vector<std::string>& warnings,
                           const char* program = "cugamma") {
  for (const std::string& warning : warnings) {
    std::fputs(fmt::format("{}: warning: {}\n", program, warning).c_str(), stderr);
  }
}

}  // namespace cugamma::cli
