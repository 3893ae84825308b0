#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <tuple>
#include <vector>

#include "cugamma/evaluate/ranking.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "search/breeding/hash_shards.hpp"
#include "search/threads/for_each_index.hpp"
#include "search/threads/raw_vector.hpp"

namespace cugamma {

/// A number that orders like ranks, except that some that differ get the same one.
constexpr std::uint64_t coarse_key(const search_rank& f) {
  const double value = f.violation > 0 ? f.violation : f.values[0];
  return (f.violation > 0 ? 1ull << 63 : 0) | ordered_bits(value) >> 1;
}

/// 64-bit hash of a rank; equal ones have equal hashes, and of ten million different ones two
/// have the same once in 370,000 pools.
inline std::uint64_t hash(const search_rank& f) {
  std::uint64_t h = 0x9E3779B97F4A7C15u;
  const auto mix = [&h](double value) {
    h = (h ^ std::bit_cast<std::uint64_t>(value + 0.0)) * 0xFF51AFD7ED558CCDu;
    h ^= h >> 32;
  };
  mix(f.violation);
  for (const double value : f.values) mix(value);
  return h * 0x9FB21C651E98DF25u;
}

/// Parents and children together, numbered, children from behind the parents: those that selection
/// chooses from. Keeps its memory from call to call.
class distinct_pool {
 public:
  /// The key of members that are never chosen, above all others.
  static constexpr std::uint64_t never = coarse_key({std::numeric_limits<double>::infinity(), {}});

  /// Looks at two lists until the next call. precondition: fewer than 2^32 members
  void assign(std::span<const search_rank> parents, std::span<const search_rank> children) {
    parents_ = parents;
    children_ = children;
    keys_.resize(parents.size() + children.size());
    for_each_index(keys_.size(), [&](std::size_t i) {
      keys_[i] = coarse_key(rank_of(static_cast<std::uint32_t>(i)));
    });
  }

  const search_rank& rank_of(std::uint32_t i) const {
    return i < parents_.size() ? parents_[i] : children_[i - parents_.size()];
  }

  /// coarse_key of each member.
  std::span<const std::uint64_t> keys() const { return keys_; }

  /// Whether member a comes before member b, by rank, then by index.
  bool is_fitter(std::uint32_t a, std::uint32_t b) const {
    return std::tie(rank_of(a), a) < std::tie(rank_of(b), b);
  }

  /// Members whose keys are up to `high`, in the order of their indices; of those that rank the
  /// same only the first. Without a key all that may be chosen. Takes time linear in the pool.
  /// Valid until the next call.
  std::span<const std::uint32_t> different(std::uint64_t high = never - 1) {
    list_kept(
        keys_.size(),
        [&](std::size_t i) { return keys_[i] <= high; },
        [](std::size_t i) { return static_cast<std::uint32_t>(i); },
        listed_);
    hashes_.resize(listed_.size());
    for_each_index(listed_.size(), [&](std::size_t i) { hashes_[i] = hash(rank_of(listed_[i])); });
    is_first_.resize(listed_.size());
    mark_first();
    list_kept(
        listed_.size(),
        [&](std::size_t i) { return is_first_[i] != 0; },
        [&](std::size_t i) { return listed_[i]; },
        different_);
    return different_;
  }

  /// Members that the last call of different() looked at.
  std::size_t looked_at() const { return listed_.size(); }

 private:
  static constexpr std::size_t worth_sharding = std::size_t{1} << 12;

  /// Finds the first of equals among those listed, on all cores where it pays.
  void mark_first() {
    if (listed_.size() < worth_sharding) {
      few_.resize(listed_.size());
      for (std::uint32_t i = 0; i < few_.size(); ++i) {
        few_[i] = {static_cast<std::uint32_t>(hashes_[i]), i};
      }
      answer_first(few_);
      for (const hashed_index& entry : few_) {
        is_first_[entry.index] = static_cast<std::uint8_t>(entry.hash);
      }
      return;
    }
    shards_.assign(hashes_);
    shards_.ask([&](std::size_t, std::span<hashed_index> shard) { answer_first(shard); },
                is_first_);
  }

  /// Answers 1 to the first of equals among the members of a shard, 0 to others.
  void answer_first(std::span<hashed_index> shard) const {
    thread_local std::vector<hashed_index> slots;  // index + 1; 0: free
    slots.assign(std::bit_ceil(2 * shard.size()), {});
    const std::size_t mask = slots.size() - 1;
    for (hashed_index& entry : shard) {
      std::size_t at = entry.hash & mask;
      while (slots[at].index != 0 && !are_equal(slots[at], entry)) at = (at + 1) & mask;
      const bool is_first = slots[at].index == 0;
      if (is_first) slots[at] = {entry.hash, entry.index + 1};
      entry.hash = is_first ? 1 : 0;
    }
  }

  bool are_equal(const hashed_index& slot, const hashed_index& entry) const {
    return slot.hash == entry.hash && hashes_[slot.index - 1] == hashes_[entry.index];
  }

  std::span<const search_rank> parents_;
  std::span<const search_rank> children_;
  raw_vector<std::uint64_t> keys_;
  raw_vector<std::uint32_t> listed_;
  raw_vector<std::uint64_t> hashes_;  ///< of those listed
  raw_vector<std::uint8_t> is_first_;
  raw_vector<hashed_index> few_;
  hash_shards shards_;
  raw_vector<std::uint32_t> different_;
};

}  // namespace cugamma
