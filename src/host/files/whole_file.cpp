#include "files/whole_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, int cause) {
  throw input_error(fmt::format("{}: cannot be written: {}",
                                path.string(),
                                std::generic_category().message(cause)));
}

/// An open file, closed at the end.
class open_file {
 public:
  open_file(int number, const fs::path& path) : number_(number), path_(path) {
    if (number_ < 0) fail(path_, errno);
  }
  ~open_file() {
    if (number_ >= 0) ::close(number_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  int number() const { return number_; }

  void write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = ::write(number_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(path_, errno);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  /// Makes what was written last; some file systems only tell at the end that it does not fit.
  void finish() {
    if (::fsync(number_) != 0 && errno != EINVAL && errno != EROFS) fail(path_, errno);
    close();
  }

  void close() {
    const int number = number_;
    number_ = -1;
    if (::close(number) != 0 && errno != EINTR) fail(path_, errno);
  }

 private:
  int number_;
  const fs::path& path_;
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// Whether a path names an open file or a device, which cannot be replaced by a file: /dev/stdout
/// and the like, a pipe, a terminal.
bool is_written_to(const fs::path& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return false;
  if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) return true;
  std::error_code ignored;
  const std::string folder = fs::canonical(folder_of(path), ignored).string();
  return folder == "/dev" || folder.starts_with("/proc/");
}

void write_through(const fs::path& path, std::string_view text) {
  open_file out(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY), path);
  out.write(text);
  out.finish();
}

mode_t new_file_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

/// The rights that a file has or shall get. Throws input_error if it must not be replaced.
mode_t mode_for(const fs::path& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno != ENOENT) fail(path, errno);
    return new_file_mode();
  }
  if (S_ISDIR(found.st_mode)) fail(path, EISDIR);
  if (!S_ISREG(found.st_mode)) return new_file_mode();
  if (::access(path.c_str(), W_OK) != 0) fail(path, errno);
  return found.st_mode & 07777;
}

/// The name of a new file in a folder, as mkostemp takes it.
std::string draft_name(const fs::path& folder) { return (folder / ".cugamma-XXXXXX").string(); }

/// Calls `write` with a new file in a folder and its name; it is gone if that throws. Errors name
/// the path that it stands for.
template <typename Write>
void with_new_file(const fs::path& folder, const fs::path& path, Write write) {
  std::string name = draft_name(folder);
  open_file out(::mkostemp(name.data(), O_CLOEXEC), path);
  try {
    write(out, name);
  } catch (...) {
    ::unlink(name.c_str());
    throw;
  }
}

/// Files under names of their own until all of them last; what has not got its name goes at the
/// end.
class drafts {
 public:
  explicit drafts(const fs::path& folder) : folder_(folder) {}
  ~drafts() {
    for (const auto& [name, path] : all_) ::unlink(name.c_str());
  }
  drafts(const drafts&) = delete;
  drafts& operator=(const drafts&) = delete;

  void add(const fs::path& path, std::string_view text) {
    const mode_t mode = mode_for(path);
    std::string name = draft_name(folder_);
    open_file out(::mkostemp(name.data(), O_CLOEXEC), path);
    all_.emplace_back(name, path);
    out.write(text);
    if (::fchmod(out.number(), mode) != 0) fail(path, errno);
    out.close();
  }

  /// Waits once for the disk, then gives all files their names.
  void finish() {
    const open_file at(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), folder_);
    if (::syncfs(at.number()) != 0) fail(folder_, errno);
    for (const auto& [name, path] : all_) rename_file(name, path);
    all_.clear();
  }

 private:
  const fs::path& folder_;
  std::vector<std::pair<std::string, fs::path>> all_;
};

std::string_view missing_newline(const open_file& file, off_t size) {
  char last = '\n';
  if (size > 0 && ::pread(file.number(), &last, 1, size - 1) == 1 && last != '\n') return "\n";
  return "";
}

}  // namespace

void write_whole(const fs::path& path, std::string_view text) {
  if (is_written_to(path)) return write_through(path, text);
  const mode_t mode = mode_for(path);
  with_new_file(folder_of(path), path, [&](open_file& out, const std::string& name) {
    out.write(text);
    if (::fchmod(out.number(), mode) != 0) fail(path, errno);
    out.finish();
    rename_file(name, path);
  });
}

void write_all_whole(const fs::path& folder, std::span<const named_text> files) {
  drafts all(folder);
  for (const named_text& file : files) all.add(folder / file.name, file.text);
  all.finish();
}

void write_or_remove(const fs::path& path, std::string_view text) {
  if (!text.empty()) return write_whole(path, text);
  if (is_written_to(path)) return;
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail(path, errno);
}

void write_new_file(const fs::path& path, std::string_view text) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail(path, errno);
  open_file out(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666),
                path);
  try {
    out.write(text);
    out.finish();
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
}

void rename_file(const fs::path& from, const fs::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) fail(to, errno);
}

void synchronise_folder(const fs::path& folder) {
  const int number = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (number < 0) return;  // a folder without the right to read it
  ::fsync(number);
  ::close(number);
}

void append_whole(const fs::path& path, std::string_view header, std::string_view rows) {
  std::optional<open_file> out;
  struct stat before {};
  // A process that failed removes the file that it began, also while others wait for it.
  do {
    out.emplace(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666),
                path);
    while (::flock(out->number(), LOCK_EX) != 0 && errno == EINTR) {
    }
    if (::fstat(out->number(), &before) != 0) fail(path, errno);
  } while (before.st_nlink == 0);
  const bool is_new = before.st_size == 0;
  try {
    out->write(fmt::format("{}{}", is_new ? header : missing_newline(*out, before.st_size), rows));
    out->finish();
  } catch (...) {
    if (is_new && S_ISREG(before.st_mode)) {
      ::unlink(path.c_str());
    } else if (::truncate(path.c_str(), before.st_size) != 0) {
      fail(path, errno);
    }
    throw;
  }
}

void make_folder(const fs::path& path, bool replace_link) {
  std::error_code error;
  if (replace_link && fs::is_symlink(path, error)) fs::remove(path, error);
  fs::create_directories(path, error);
  if (error) throw input_error(fmt::format("{}: {}", path.string(), error.message()));
}

void try_folder(const fs::path& path) {
  make_folder(path);
  // Some bytes, so that a full disk is found too.
  const std::string page(4096, '\0');
  with_new_file(path, path, [&](open_file& out, const std::string& name) {
    out.write(page);
    out.finish();
    ::unlink(name.c_str());
  });
}

void try_file(const fs::path& path) {
  if (is_written_to(path)) return;
  mode_for(path);
  if (::access(folder_of(path).c_str(), W_OK) != 0) fail(path, errno);
}

}  // namespace cugamma
