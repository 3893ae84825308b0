#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "search/breeding/hash_shards.hpp"
#include "search/byte_stream.hpp"
#include "search/threads/for_each_index.hpp"
#include "search/threads/raw_vector.hpp"

namespace cugamma {

/// Sets of hashes, as many as there are shards, side by side in one piece of memory: open
/// addressing, at most half full. When they have their largest size and one is half full, all
/// forget and start over, so that memory stays bounded.
template <std::unsigned_integral Hash, std::size_t Shards>
class hash_tables {
 public:
  /// Slots of each: from `slots` to `max_slots`, both powers of two.
  hash_tables(std::size_t slots, std::size_t max_slots)
      : first_slots_(slots), max_slots_(max_slots) {}

  /// Makes room for this number of new hashes in the shard that gets the most.
  void reserve(std::size_t most_new) {
    const std::size_t used = *std::ranges::max_element(used_);
    while (2 * (used + most_new) > slots_each_ && slots_each_ < max_slots_) grow();
    if (2 * (used + most_new) > slots_each_) forget();
  }

  /// Inserts hash_of(i) for i < count into a shard and tells whether it is new by mark(i, is_new).
  /// Shards can be filled at the same time. precondition: reserve has made room
  template <class HashOf, class Mark>
  void insert(std::size_t shard, std::size_t count, const HashOf& hash_of, const Mark& mark) {
    constexpr std::size_t ahead = 24;  // places asked for early hide the memory's latency
    Hash* const slots = slots_.data() + shard * slots_each_;
    const std::size_t mask = slots_each_ - 1;
    std::size_t fresh = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i + ahead < count) __builtin_prefetch(&slots[hash_of(i + ahead) & mask], 1);
      Hash& slot = slot_of(slots, mask, hash_of(i));
      const bool is_new = slot == 0;
      slot = key_of(hash_of(i));
      fresh += is_new ? 1 : 0;
      mark(i, is_new);
    }
    used_[shard] += fresh;
  }

  /// Writes the hashes and the number of slots, which decides when the sets grow or forget.
  void save(byte_writer& out) const {
    out.put(static_cast<std::uint64_t>(slots_each_));
    for (std::size_t s = 0; s < Shards; ++s) {
      out.put(static_cast<std::uint64_t>(used_[s]));
      for (const Hash key : shard(s))
        if (key != 0) out.put(key);
    }
  }

  /// Takes back what save wrote. Throws input_error for what it cannot have written.
  void restore(byte_reader& in) {
    slots_each_ = in.get<std::uint64_t>();
    if (slots_each_ > max_slots_ || (slots_each_ & (slots_each_ - 1)) != 0)
      throw input_error("the set of proposed mappings cannot be");
    slots_.assign(Shards * slots_each_, 0);
    used_ = {};
    for (std::size_t s = 0; s < Shards; ++s) {
      const auto used = in.get<std::uint64_t>();
      if (2 * used > slots_each_) throw input_error("the set of proposed mappings cannot be");
      for (std::uint64_t i = 0; i < used; ++i) put(s, in.get<Hash>());
    }
  }

 private:
  /// 0 marks a free slot.
  static Hash key_of(Hash hash) { return hash == 0 ? 1 : hash; }

  static Hash& slot_of(Hash* slots, std::size_t mask, Hash hash) {
    const Hash key = key_of(hash);
    std::size_t at = key & mask;
    while (slots[at] != 0 && slots[at] != key) at = (at + 1) & mask;
    return slots[at];
  }

  std::span<const Hash> shard(std::size_t s) const {
    return std::span(slots_).subspan(s * slots_each_, slots_each_);
  }
  void clear(std::size_t s) {
    std::ranges::fill(std::span(slots_).subspan(s * slots_each_, slots_each_), 0);
    used_[s] = 0;
  }

  void put(std::size_t s, Hash key) {
    slot_of(slots_.data() + s * slots_each_, slots_each_ - 1, key) = key;
    ++used_[s];
  }

  void forget() {
    for_each_block(Shards, 1, [&](std::size_t s, std::size_t) { clear(s); });
  }

  void grow() {
    hash_tables larger(first_slots_, max_slots_);
    larger.slots_each_ = std::max(first_slots_, 2 * slots_each_);
    larger.slots_.resize(Shards * larger.slots_each_);
    for_each_block(Shards, 1, [&](std::size_t s, std::size_t) {
      larger.clear(s);
      for (const Hash key : shard(s))
        if (key != 0) larger.put(s, key);
    });
    *this = std::move(larger);
  }

  std::size_t first_slots_;
  std::size_t max_slots_;
  std::size_t slots_each_ = 0;
  raw_vector<Hash> slots_;
  std::array<std::size_t, Shards> used_{};
};

/// The hashes of everything proposed so far. Those of large populations are spread over shards,
/// which cores fill side by side; a shard holds the lower half of each hash, so that of a million
/// new ones it takes some four for known. Memory: up to 64 MiB, or 8 to 16 bytes for each of the
/// population.
class seen_set {
 public:
  explicit seen_set(std::size_t population = 0)
      : is_sharded_(population >= sharded_from),
        whole_(least_slots, slots_for(population)),
        shards_(std::min(std::bit_ceil(8 * population), slots_for(population)) >> hash_shards::bits,
                slots_for(population) >> hash_shards::bits) {}

  /// False if the hash is there already.
  bool insert(std::uint64_t hash) {
    std::uint8_t is_new = 0;
    insert({&hash, 1}, {&is_new, 1});
    return is_new != 0;
  }

  /// Inserts all hashes; is_new[i] is 1 if hash i was neither there nor came before i, else 0.
  void insert(std::span<const std::uint64_t> hashes, std::span<std::uint8_t> is_new) {
    for (std::size_t i = 0; i < hashes.size(); i += most_at_once) {
      const std::size_t n = std::min(most_at_once, hashes.size() - i);
      if (is_sharded_) {
        insert_sharded(hashes.subspan(i, n), is_new.subspan(i, n));
      } else {
        insert_whole(hashes.subspan(i, n), is_new.subspan(i, n));
      }
    }
  }

  void save(byte_writer& out) const {
    if (is_sharded_) return shards_.save(out);
    whole_.save(out);
  }
  /// Throws input_error for what save of a set for the same population cannot have written.
  void restore(byte_reader& in) {
    if (is_sharded_) return shards_.restore(in);
    whole_.restore(in);
  }

 private:
  static constexpr std::size_t sharded_from = std::size_t{1} << 12;
  static constexpr std::size_t most_at_once = 1 << 20;  // is_new of so many stays in the cache
  static constexpr std::size_t least_slots = 1024;
  static constexpr std::size_t few = 2048;  // not worth sorting for all cores

  static std::size_t slots_for(std::size_t population) {
    return std::max(std::size_t{1} << 23, std::bit_ceil(2 * population + 2));
  }

  void insert_whole(std::span<const std::uint64_t> hashes, std::span<std::uint8_t> is_new) {
    whole_.reserve(hashes.size());
    whole_.insert(
        0,
        hashes.size(),
        [&](std::size_t i) { return hashes[i]; },
        [&](std::size_t i, bool fresh) { is_new[i] = fresh ? 1 : 0; });
  }

  void insert_few(std::span<const std::uint64_t> hashes, std::span<std::uint8_t> is_new) {
    std::array<std::size_t, hash_shards::count> in_shard{};
    for (const std::uint64_t hash : hashes) ++in_shard[hash_shards::shard_of(hash)];
    shards_.reserve(*std::ranges::max_element(in_shard));
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      shards_.insert(
          hash_shards::shard_of(hashes[i]),
          1,
          [&](std::size_t) { return static_cast<std::uint32_t>(hashes[i]); },
          [&](std::size_t, bool fresh) { is_new[i] = fresh ? 1 : 0; });
    }
  }

  void insert_sharded(std::span<const std::uint64_t> hashes, std::span<std::uint8_t> is_new) {
    if (hashes.size() < few) return insert_few(hashes, is_new);
    sorted_.assign(hashes);
    std::size_t most = 0;
    for (std::size_t s = 0; s < hash_shards::count; ++s) most = std::max(most, sorted_.size_of(s));
    shards_.reserve(most);
    sorted_.ask(
        [&](std::size_t s, std::span<hashed_index> entries) {
          shards_.insert(
              s,
              entries.size(),
              [&](std::size_t i) { return entries[i].hash; },
              [&](std::size_t i, bool fresh) { entries[i].hash = fresh ? 1 : 0; });
        },
        is_new);
  }

  bool is_sharded_;
  hash_tables<std::uint64_t, 1> whole_;  ///< of a small population
  hash_tables<std::uint32_t, hash_shards::count> shards_;
  hash_shards sorted_;  // kept between calls for its memory only
};

}  // namespace cugamma
