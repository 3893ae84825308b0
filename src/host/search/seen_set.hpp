#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "search/byte_stream.hpp"
#include "search/for_each_index.hpp"

namespace cugamma {

/// A set of hashes: open addressing, at most half full. When it reaches its largest size it forgets
/// and starts over, so memory stays bounded.
class hash_table {
 public:
  /// Grows from `slots` to `max_slots`, both powers of two.
  hash_table(std::size_t slots, std::size_t max_slots)
      : first_slots_(slots), max_slots_(max_slots) {}

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

  /// Asks the cache for the place of a hash that will be inserted soon.
  void prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)], 1);
  }

  /// Forgets everything but keeps the memory.
  void clear() {
    std::ranges::fill(slots_, 0);
    used_ = 0;
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

 private:
  std::uint64_t& slot_of(std::uint64_t key) {
    std::size_t at = key & (slots_.size() - 1);
    while (slots_[at] != 0 && slots_[at] != key) at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }

  void grow() {
    if (slots_.size() == max_slots_) return clear();
    std::vector<std::uint64_t> old(std::max(first_slots_, 2 * slots_.size()));
    old.swap(slots_);
    used_ = 0;
    for (const std::uint64_t key : old) {
      if (key != 0) {
        slot_of(key) = key;
        ++used_;
      }
    }
  }

  std::size_t first_slots_;
  std::size_t max_slots_;
  std::vector<std::uint64_t> slots_;
  std::size_t used_ = 0;
};

/// The hashes of everything proposed so far, or of what it is told to tell apart. Large populations
/// are spread over shards by hash, each small enough for a core's cache, which cores fill side by
/// side. Memory: up to 64 MiB, or 16 to 32 bytes for each of the population.
class seen_set {
 public:
  explicit seen_set(std::size_t population = 0)
      : shard_bits_(population < sharded_from ? 0 : 8),
        shards_(std::size_t{1} << shard_bits_,
                hash_table(room_for(population), slots_for(population) >> shard_bits_)) {}

  /// A set that never forgets, with room for as many.
  static seen_set unbounded(std::size_t count) {
    seen_set set(count);
    for (hash_table& shard : set.shards_) shard = {set.room_for(count), never_full};
    return set;
  }

  /// False if the hash is there already.
  bool insert(std::uint64_t hash) { return shard_of(hash).insert(hash); }

  /// Inserts all hashes; is_new[i] is 1 if hash i was neither there nor came before i, else 0.
  void insert(std::span<const std::uint64_t> hashes, std::span<std::uint8_t> is_new) {
    if (shards_.size() == 1 || hashes.size() < sharded_from) {
      for (std::size_t i = 0; i < hashes.size(); ++i) {
        is_new[i] = insert(hashes[i]) ? 1 : 0;
      }
      return;
    }
    for (std::size_t i = 0; i < hashes.size(); i += most_at_once) {
      const std::size_t n = std::min(most_at_once, hashes.size() - i);
      insert_sharded(hashes.subspan(i, n), is_new.subspan(i, n));
    }
  }

  void clear() {
    for_each_block(shards_.size(), 1, [&](std::size_t i, std::size_t) { shards_[i].clear(); });
  }

  void save(byte_writer& out) const {
    for (const hash_table& shard : shards_) shard.save(out);
  }
  /// Throws input_error for what save of a set for the same population cannot have written.
  void restore(byte_reader& in) {
    for (hash_table& shard : shards_) shard.restore(in);
  }

 private:
  static constexpr std::size_t sharded_from = 1 << 14;
  static constexpr std::size_t most_at_once = 1 << 20;
  static constexpr std::size_t chunk = 1 << 14;
  static constexpr std::size_t least_slots = 1024;
  static constexpr std::size_t never_full = std::size_t{1} << 62;

  static std::size_t slots_for(std::size_t population) {
    return std::max(std::size_t{1} << 23, std::bit_ceil(2 * population + 2));
  }

  /// Slots of a shard that has its share of `count` hashes.
  std::size_t room_for(std::size_t count) const {
    return std::max(least_slots, std::bit_ceil(4 * count + 2) >> shard_bits_);
  }

  struct entry {
    std::uint64_t hash;
    std::uint32_t index;
  };

  std::size_t shard_number(std::uint64_t hash) const {
    return static_cast<std::size_t>(hash >> 32 >> (32 - shard_bits_));
  }
  hash_table& shard_of(std::uint64_t hash) { return shards_[shard_number(hash)]; }

  void insert_sharded(std::span<const std::uint64_t> hashes, std::span<std::uint8_t> is_new) {
    sort_by_shard(hashes);
    for_each_block(shards_.size(), 1, [&](std::size_t s, std::size_t) {
      constexpr std::size_t ahead = 24;  // hides the memory's latency
      const std::size_t begin = s == 0 ? 0 : ends_.back()[s - 1];
      const std::size_t end = ends_.back()[s];
      for (std::size_t i = begin; i < end; ++i) {
        if (i + ahead < end) shards_[s].prefetch(sorted_[i + ahead].hash);
        is_new[sorted_[i].index] = shards_[s].insert(sorted_[i].hash) ? 1 : 0;
      }
    });
  }

  /// Puts the entries of each shard together, in the order of their indices.
  void sort_by_shard(std::span<const std::uint64_t> hashes) {
    sorted_.resize(hashes.size());
    ends_.assign((hashes.size() + chunk - 1) / chunk, std::vector<std::uint32_t>(shards_.size()));
    for_each_block(hashes.size(), chunk, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++ends_[begin / chunk][shard_number(hashes[i])];
    });
    std::uint32_t before = 0;
    for (std::size_t s = 0; s < shards_.size(); ++s) {
      for (std::vector<std::uint32_t>& ends : ends_) {
        const std::uint32_t count = ends[s];
        ends[s] = before;
        before += count;
      }
    }
    for_each_block(hashes.size(), chunk, [&](std::size_t begin, std::size_t end) {
      std::vector<std::uint32_t>& next = ends_[begin / chunk];
      for (std::size_t i = begin; i < end; ++i) {
        sorted_[next[shard_number(hashes[i])]++] = {hashes[i], static_cast<std::uint32_t>(i)};
      }
    });
  }

  int shard_bits_;
  std::vector<hash_table> shards_;
  // Kept between calls for their memory only.
  std::vector<entry> sorted_;
  std::vector<std::vector<std::uint32_t>> ends_;  ///< of each chunk: where each shard's entries end
};

}  // namespace cugamma
