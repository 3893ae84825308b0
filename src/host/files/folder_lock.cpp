#include "files/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "cugamma/error.hpp"

namespace cugamma {

folder_lock::~folder_lock() {
  for (const locked& one : folders_) ::close(one.number);
}

std::string folder_lock::add(const std::filesystem::path& folder) {
  const int number = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (number < 0) return std::generic_category().message(errno);
  struct stat found {};
  ::fstat(number, &found);
  const std::pair<std::uint64_t, std::uint64_t> identity{found.st_dev, found.st_ino};
  if (std::ranges::find(folders_, identity, &locked::identity) != folders_.end()) {
    ::close(number);
    return "";
  }
  const int cause = ::flock(number, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  if (cause == 0) {
    folders_.push_back({number, identity});
    return "";
  }
  ::close(number);
  if (cause != EWOULDBLOCK) return std::generic_category().message(cause);
  throw input_error(
      fmt::format("{}: another run of cugamma writes into this folder; wait for its end or name "
                  "another folder",
                  folder.string()));
}

}  // namespace cugamma
