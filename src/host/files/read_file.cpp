#include "files/read_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <new>
#include <string_view>
#include <system_error>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

/// More than any input that comes through a pipe; a device such as /dev/zero has no end.
constexpr std::size_t most_of_a_stream = std::size_t{256} << 20;

[[noreturn]] void fail(const std::string& path, std::string_view what, int cause) {
  throw input_error(fmt::format("{}: {}: {}", path, what, std::generic_category().message(cause)));
}

/// A file that is open for reading, closed at the end.
class source {
 public:
  explicit source(const std::string& path)
      : path_(path), number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {
    if (number_ < 0) fail(path, "cannot be opened for reading", errno);
  }
  ~source() { ::close(number_); }
  source(const source&) = delete;
  source& operator=(const source&) = delete;

  std::string read() const {
    struct stat found {};
    ::fstat(number_, &found);
    const bool is_stream = !S_ISREG(found.st_mode);
    std::string text;
    std::array<char, std::size_t{1} << 16> part;
    for (;;) {
      const ssize_t size = ::read(number_, part.data(), part.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) fail(path_, "cannot be read", errno);
      if (size == 0) return text;
      text.append(part.data(), static_cast<std::size_t>(size));
      if (is_stream && text.size() > most_of_a_stream) {
        throw input_error(
            fmt::format("{}: is endless or has more than {} bytes", path_, most_of_a_stream));
      }
    }
  }

 private:
  const std::string& path_;
  int number_;
};

}  // namespace

std::string read_file(const std::string& path) {
  try {
    return source(path).read();
  } catch (const std::bad_alloc&) {
    std::error_code is_stream;
    const auto size = std::filesystem::file_size(path, is_stream);
    throw input_error(
        fmt::format("{}: does not fit into memory: {}",
                    path,
                    is_stream ? "it is endless or too long" : fmt::format("{} bytes", size)));
  }
}

namespace {

std::filesystem::file_type type_of(const std::filesystem::path& name) {
  std::error_code error;
  const std::filesystem::file_status found = std::filesystem::status(name, error);
  using type = std::filesystem::file_type;
  if (found.type() == type::none || found.type() == type::unknown) {
    fail(name.string(), "cannot be looked up", error.value());
  }
  return found.type();
}

}  // namespace

bool is_given_file(const std::filesystem::path& name) {
  return type_of(name) == std::filesystem::file_type::regular;
}

bool is_given_input(const std::filesystem::path& name) {
  using type = std::filesystem::file_type;
  const type found = type_of(name);
  if (found == type::regular || found == type::fifo || found == type::character) return true;
  if (found == type::directory) {
    if (name.native().find('/') == std::string::npos) return false;  // a name of ours may be meant
    fail(name.string(), "cannot be read", EISDIR);
  }
  if (name.native().find('/') != std::string::npos) fail(name.string(), "cannot be read", ENOENT);
  return false;
}

}  // namespace cugamma
