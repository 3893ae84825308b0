#include "cli/output/places.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <system_error>

#include "cli/output/terminal.hpp"
#include "cugamma/error.hpp"
#include "files/whole_file.hpp"

namespace cugamma::cli {
namespace {

namespace fs = std::filesystem;

/// The folder that a result's file goes to may not be there yet, but must not be a file.
void expect_folder(const fs::path& folder) {
  std::error_code ignored;
  const fs::file_status found = fs::status(folder, ignored);
  if (!fs::exists(found) || fs::is_directory(found)) return;
  throw input_error(fmt::format("{}: is no folder", folder.string()));
}

fs::path free_name(const fs::path& folder) {
  std::error_code ignored;
  for (int i = 1;; ++i) {
    fs::path name = folder / fmt::format("cugamma-result-{}-{}.json", ::getpid(), i);
    if (!fs::exists(fs::symlink_status(name, ignored))) return name;
  }
}

bool rescue_into(const fs::path& folder, const std::string& json) {
  const fs::path file = free_name(folder);
  try {
    write_whole(file, json);
  } catch (const input_error&) {
    return false;
  }
  say("cugamma: the result is in {}\n", file.string());
  return true;
}

}  // namespace

void claim_folder(folder_lock& lock, const char* option, const std::string& folder) {
  try {
    try_folder(folder);
    const std::string obstacle = lock.add(folder);
    if (obstacle.empty()) return;
    say("cugamma: {}: other runs cannot be kept out of this folder: {}\n", folder, obstacle);
  } catch (const input_error& error) {
    throw input_error(fmt::format("--{}: {}", option, error.what()));
  }
}

void try_output(const fs::path& output, std::span<const std::string> inputs) {
  const fs::path folder = output.has_parent_path() ? output.parent_path() : ".";
  expect_folder(folder);
  std::error_code error;
  if (fs::exists(folder, error)) try_file(output);
  if (!fs::is_regular_file(output, error)) return;
  for (const std::string& input : inputs) {
    if (input.empty() || !fs::equivalent(input, output, error)) continue;
    throw input_error(
        fmt::format("{}: would be written over, but is what this run reads; name another place",
                    output.string()));
  }
}

void expect_stdout(const std::string& out) {
  const int flags = ::fcntl(STDOUT_FILENO, F_GETFL);
  if (!out.empty() || (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)) return;
  throw input_error("standard output is closed, and no --out names a folder for the result");
}

bool is_written(const std::function<void()>& write) {
  try {
    write();
    return true;
  } catch (const input_error& error) {
    say("cugamma: {}\n", error.what());
    return false;
  }
}

void rescue(const std::string& json) {
  std::error_code error;
  if (rescue_into(fs::current_path(error), json)) return;
  if (rescue_into(fs::temp_directory_path(error), json)) return;
  say("cugamma: the result could be written nowhere; it is:\n{}", json);
}

}  // namespace cugamma::cli
