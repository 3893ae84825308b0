#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cugamma {

/// The hashes of everything proposed so far: open addressing, at most half full. When it reaches
/// its largest size it forgets and starts over, so memory stays bounded (64 MiB).
class seen_set {
 public:
  /// False if the hash is there already.
  bool insert(std::uint64_t hash) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    const std::uint64_t key = hash == 0 ? 1 : hash;
    std::uint64_t& slot = slot_of(key);
    if (slot == key) return false;
    slot = key;
    ++used_;
    return true;
  }

 private:
  static constexpr std::size_t max_slots = std::size_t{1} << 23;

  std::uint64_t& slot_of(std::uint64_t key) {
    std::size_t at = key & (slots_.size() - 1);
    while (slots_[at] != 0 && slots_[at] != key) at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }

  void grow() {
    std::vector<std::uint64_t> old(slots_.size() == max_slots ? max_slots : 2 * slots_.size());
    if (old.empty()) old.resize(1024);
    old.swap(slots_);
    used_ = 0;
    if (old.size() == max_slots) return;
    for (const std::uint64_t key : old) {
      if (key != 0) {
        slot_of(key) = key;
        ++used_;
      }
    }
  }

  std::vector<std::uint64_t> slots_;
  std::size_t used_ = 0;
};

}  // namespace cugamma
