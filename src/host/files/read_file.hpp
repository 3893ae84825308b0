#pragma once

#include <filesystem>
#include <string>

namespace cugamma {

/// The bytes of a file, a pipe or a device. Throws input_error naming the file and the cause: it is
/// a folder, without the right to read it, endless, larger than memory.
std::string read_file(const std::string& path);

/// Whether a name is that of a file that is there. Throws input_error naming the cause where that
/// cannot be told.
bool is_given_file(const std::filesystem::path& name);

/// Whether a name that a user gave is a file to read, a pipe or a device included. Throws
/// input_error, with the reason, for a path that is none: a name without a slash may be another
/// thing's.
bool is_given_input(const std::filesystem::path& name);

}  // namespace cugamma
