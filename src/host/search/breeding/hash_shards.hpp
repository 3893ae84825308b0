#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "search/threads/for_each_index.hpp"
#include "search/threads/raw_vector.hpp"

namespace cugamma {

/// Half of a hash, or the answer to it, and the index of its individual.
struct hashed_index {
  std::uint32_t hash;
  std::uint32_t index;
};

/// Hashes sorted by their upper bits into shards that cores can work on side by side, each small
/// enough for a core's cache. Keeps its memory from call to call.
class hash_shards {
 public:
  static constexpr int bits = 8;
  static constexpr std::size_t count = std::size_t{1} << bits;

  static constexpr std::size_t shard_of(std::uint64_t hash) { return hash >> (64 - bits); }

  /// Looks at hashes 0, 1, 2 and so on: fewer than 2^32.
  void assign(std::span<const std::uint64_t> hashes) {
    block_ = block_for(hashes.size());
    sorted_.resize(hashes.size());
    ends_.assign((hashes.size() + block_ - 1) / block_, {});
    for_each_block(hashes.size(), block_, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++ends_[begin / block_][shard_of(hashes[i])];
    });
    number_places();
    for_each_block(hashes.size(), block_, [&](std::size_t begin, std::size_t end) {
      shard_places& next = ends_[begin / block_];
      for (std::size_t i = begin; i < end; ++i) {
        sorted_[next[shard_of(hashes[i])]++] = {static_cast<std::uint32_t>(hashes[i]),
                                                static_cast<std::uint32_t>(i)};
      }
    });
  }

  /// Those in a shard.
  std::size_t size_of(std::size_t shard) const {
    return ends_.empty() ? 0 : ends_.back()[shard] - begin_of(0, shard);
  }

  /// Has answer(shard, entries) put an answer in the place of each hash, for all shards side by
  /// side; entries are the lower halves of the shard's hashes in the order of their indices. Then
  /// answers[i] is that to hash i. No two cores write to one cache line again and again, as they
  /// would if shards wrote to `answers`.
  template <class Answer>
  void ask(const Answer& answer, std::span<std::uint8_t> answers) {
    for_each_block(count, 1, [&](std::size_t s, std::size_t) {
      if (size_of(s) > 0) answer(s, std::span(sorted_).subspan(begin_of(0, s), size_of(s)));
    });
    for_each_block(sorted_.size(), block_, [&](std::size_t begin, std::size_t) {
      const std::size_t b = begin / block_;
      for (std::size_t s = 0; s < count; ++s) {
        for (std::size_t i = begin_of(b, s); i < ends_[b][s]; ++i) {
          answers[sorted_[i].index] = static_cast<std::uint8_t>(sorted_[i].hash);
        }
      }
    });
  }

 private:
  using shard_places = std::array<std::uint32_t, count>;

  /// So many that those of a block in a shard fill some cache lines.
  static constexpr std::size_t block_for(std::size_t hashes) {
    return std::clamp(std::bit_ceil(hashes / 64), std::size_t{1} << 12, std::size_t{1} << 14);
  }

  /// Where a block's entries in a shard begin.
  std::size_t begin_of(std::size_t block, std::size_t shard) const {
    if (block > 0) return ends_[block - 1][shard];
    return shard > 0 ? ends_.back()[shard - 1] : 0;
  }

  void number_places() {
    std::uint32_t before = 0;
    for (std::size_t s = 0; s < count; ++s) {
      for (shard_places& places : ends_) {
        const std::uint32_t in_block = places[s];
        places[s] = before;
        before += in_block;
      }
    }
  }

  std::size_t block_ = 0;  ///< hashes of a block
  raw_vector<hashed_index> sorted_;
  std::vector<shard_places> ends_;  ///< of each block: where each shard's entries end
};

}  // namespace cugamma
