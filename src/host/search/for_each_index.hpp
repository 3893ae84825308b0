#pragma once

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace cugamma {

/// Calls body(begin, end) for the blocks of 0 .. count-1 that begin at multiples of `block`, on all
/// cores where it pays.
template <typename Body>
void for_each_block(std::size_t count, std::size_t block, const Body& body) {
  if (count <= block) {
    if (count > 0) body(std::size_t{0}, count);
    return;
  }
  tbb::parallel_for(
      tbb::blocked_range<std::size_t>(0, (count + block - 1) / block, 1),
      [&](const tbb::blocked_range<std::size_t>& range) {
        for (std::size_t i = range.begin(); i < range.end(); ++i) {
          body(i * block, std::min((i + 1) * block, count));
        }
      },
      tbb::simple_partitioner{});
}

/// Calls body(i) for 0 <= i < count, on all cores where it pays.
template <typename Body>
void for_each_index(std::size_t count, const Body& body) {
  for_each_block(count, 256, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) body(i);
  });
}

/// Individuals of a block of a pass that does little to each: so many that a block keeps a core
/// busy for some microseconds, and so few that there are blocks for all cores.
constexpr std::size_t pass_block(std::size_t count) {
  return std::clamp(std::bit_ceil(count / 64), std::size_t{1} << 12, std::size_t{1} << 14);
}

/// How many i < count `counts` holds for, on all cores where it pays.
template <typename Predicate>
std::size_t count_indices(std::size_t count, const Predicate& counts) {
  std::atomic<std::size_t> sum = 0;
  for_each_block(count, pass_block(count), [&](std::size_t begin, std::size_t end) {
    std::size_t part = 0;
    for (std::size_t i = begin; i < end; ++i) part += counts(i) ? 1 : 0;
    sum += part;
  });
  return sum;
}

/// Puts item(i) of every i < count that `keeps` holds for into a list, in the order of i. Asks on
/// all cores where it pays, twice where there are many.
template <typename Predicate, typename Item, typename List>
void list_kept(std::size_t count, const Predicate& keeps, const Item& item, List& list) {
  list.resize(count);
  // Those of a block go to its front, so that no branch is needed.
  const auto move_to_front = [&](std::size_t begin, std::size_t end) {
    std::size_t at = begin;
    for (std::size_t i = begin; i < end; ++i) {
      list[at] = item(i);
      at += keeps(i) ? 1 : 0;
    }
    return at - begin;
  };
  const std::size_t block = pass_block(count);
  if (count <= block) return list.resize(move_to_front(0, count));
  std::vector<std::size_t> kept((count + block - 1) / block);
  constexpr int many_cores = 4;  // from here on one of them moves slower than all look again
  if (tbb::this_task_arena::max_concurrency() >= many_cores) {
    for_each_block(count, block, [&](std::size_t begin, std::size_t end) {
      std::size_t& part = kept[begin / block];
      for (std::size_t i = begin; i < end; ++i) part += keeps(i) ? 1 : 0;
    });
    const std::size_t all = std::reduce(kept.begin(), kept.end());
    std::exclusive_scan(kept.begin(), kept.end(), kept.begin(), std::size_t{0});
    for_each_block(count, block, [&](std::size_t begin, std::size_t end) {
      std::size_t at = kept[begin / block];
      for (std::size_t i = begin; i < end; ++i) {
        if (keeps(i)) list[at++] = item(i);
      }
    });
    return list.resize(all);
  }
  for_each_block(count, block, [&](std::size_t begin, std::size_t end) {
    kept[begin / block] = move_to_front(begin, end);
  });
  auto end = list.begin();
  for (std::size_t b = 0; b < kept.size(); ++b) {
    const auto from = list.begin() + static_cast<std::ptrdiff_t>(b * block);
    end = std::copy_n(from, kept[b], end);
  }
  list.erase(end, list.end());
}

}  // namespace cugamma
