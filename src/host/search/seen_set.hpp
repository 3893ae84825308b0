#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/byte_stream.hpp"

namespace cugamma {

/// The hashes of everything proposed so far: open addressing, at most half full. When it reaches
/// its largest size it forgets and starts over, so memory stays bounded: 64 MiB, or what a
/// population's hashes need, 16 to 32 bytes each.
class seen_set {
 public:
  explicit seen_set(std::size_t population = 0)
      : max_slots_(std::max(std::size_t{1} << 23, std::bit_ceil(2 * population + 2))) {}

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

  /// Writes the hashes and the number of slots, which decides when the set grows or forgets.
  void save(byte_writer& out) const {
    out.put(static_cast<std::uint64_t>(slots_.size()));
    out.put(static_cast<std::uint64_t>(used_));
    for (const std::uint64_t key : slots_)
      if (key != 0) out.put(key);
  }

  /// Takes back what save wrote. Throws input_error for what it cannot have written.
  void restore(byte_reader& in) {
    const auto slots = in.get<std::uint64_t>();
    const auto used = in.get<std::uint64_t>();
    if (slots > max_slots_ || (slots & (slots - 1)) != 0 || 2 * used > slots)
      throw input_error("the set of proposed mappings cannot be");
    slots_.assign(slots, 0);
    used_ = 0;
    for (std::uint64_t i = 0; i < used; ++i) insert(in.get<std::uint64_t>());
  }

  /// Asks the cache for the place of a hash that will be inserted soon.
  void prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }

 private:
  std::uint64_t& slot_of(std::uint64_t key) {
    std::size_t at = key & (slots_.size() - 1);
    while (slots_[at] != 0 && slots_[at] != key) at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }

  void grow() {
    std::vector<std::uint64_t> old(slots_.size() == max_slots_ ? max_slots_ : 2 * slots_.size());
    if (old.empty()) old.resize(1024);
    old.swap(slots_);
    used_ = 0;
    if (old.size() == max_slots_) return;
    for (const std::uint64_t key : old) {
      if (key != 0) {
        slot_of(key) = key;
        ++used_;
      }
    }
  }

  std::size_t max_slots_;
  std::vector<std::uint64_t> slots_;
  std::size_t used_ = 0;
};

}  // namespace cugamma
