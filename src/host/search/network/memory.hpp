#pragma once

#include <string>

namespace cugamma {

/// What so many individuals of a search take, and what this process can have: for messages.
std::string memory_text(double individuals);

/// Throws input_error, in the words of memory_text, for so many individuals that the memory of the
/// machine, or what limits of the process or its container leave of it, cannot hold them.
void expect_memory(double individuals);

}  // namespace cugamma
