#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "files/folder_lock.hpp"

namespace cugamma::cli {

/// Takes a folder for this run: makes it, tries to write into it, keeps other runs out. Throws
/// input_error naming the option if it cannot; warns on stderr where runs cannot be kept apart.
void claim_folder(folder_lock& lock, const char* option, const std::string& folder);

/// Throws input_error if a file could not be written, were its folder there, or if it is one of
/// those that the run reads (empty names aside).
void try_output(const std::filesystem::path& output, std::span<const std::string> inputs);

/// Throws input_error if results have no place: stdout is closed and no folder is given for them.
void expect_stdout(const std::string& out);

/// Whether results are written: calls `write`, and says on stderr what could not be.
bool is_written(const std::function<void()>& write);

/// Puts a result that found no other place into a file of the working folder or of that for
/// temporary files, else on stderr, and says where.
void rescue(const std::string& json);

}  // namespace cugamma::cli
