#pragma once

#include <string>
#include <vector>

#include "cli/output/terminal.hpp"

namespace cugamma::cli {

/// Tells on stderr what the readers of files took for something else than it says, or left out.
inline void print_warnings(const std::vector<std::string>& warnings,
                           const char* program = "cugamma") {
  for (const std::string& warning : warnings) {
    say("{}: warning: {}\n", program, warning);
  }
}

}  // namespace cugamma::cli
