#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "search/for_each_index.hpp"
#include "search/raw_vector.hpp"

namespace cugamma {

/// Half of a hash, and whose it is.
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
    const std::size_t block = pass_block(hashes.size());
    sorted_.resize(hashes.size());
    ends_.assign((hashes.size() + block - 1) / block, {});
    for_each_block(hashes.size(), block, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++ends_[begin / block][shard_of(hashes[i])];
    });
    number_places();
    for_each_block(hashes.size(), block, [&](std::size_t begin, std::size_t end) {
      shard_places& next = ends_[begin / block];
      for (std::size_t i = begin; i < end; ++i) {
        sorted_[next[shard_of(hashes[i])]++] = {static_cast<std::uint32_t>(hashes[i]),
                                                static_cast<std::uint32_t>(i)};
      }
    });
  }

  /// The lower halves of a shard's hashes, in the order of their indices.
  std::span<const hashed_index> of(std::size_t shard) const {
    if (ends_.empty()) return {};
    const std::size_t begin = shard == 0 ? 0 : ends_.back()[shard - 1];
    return std::span(sorted_).subspan(begin, ends_.back()[shard] - begin);
  }

 private:
  using shard_places = std::array<std::uint32_t, count>;

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

  raw_vector<hashed_index> sorted_;
  std::vector<shard_places> ends_;  ///< of each block: where each shard's entries end
};

}  // namespace cugamma
