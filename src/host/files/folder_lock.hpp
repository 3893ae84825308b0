#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace cugamma {

/// Folders that this process alone writes into, as far as other runs ask. The locks end with the
/// object or with the process, however that ends; they leave no file.
class folder_lock {
 public:
  folder_lock() = default;
  ~folder_lock();
  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;

  /// Locks a folder, once however often it is named. Throws input_error if another run has it.
  /// Returns why runs cannot be kept apart there, empty if they can: some file systems know no
  /// locks.
  std::string add(const std::filesystem::path& folder);

 private:
  struct locked {
    int number;
    std::pair<std::uint64_t, std::uint64_t> identity;
  };
  std::vector<locked> folders_;
};

}  // namespace cugamma
