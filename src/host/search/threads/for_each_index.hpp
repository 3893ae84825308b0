#pragma once

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>

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

/// Individuals of a block of a pass that does little to each: so many that a block keeps a core
/// busy for some microseconds, and so few that there are blocks for all cores.
constexpr std::size_t pass_block(std::size_t count) {
  return std::clamp(std::bit_ceil(count / 128), std::size_t{1} << 10, std::size_t{1} << 14);
}

/// Calls body(i) for 0 <= i < count, on all cores where it pays.
template <typename Body>
void for_each_index(std::size_t count, const Body& body) {
  for_each_block(count, pass_block(count), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) body(i);
  });
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
/// all cores where it pays, twice for each i.
template <typename Predicate, typename Item, typename List>
void list_kept(std::size_t count, const Predicate& keeps, const Item& item, List& list) {
  const std::size_t block = pass_block(count);
  std::vector<std::size_t> ends((count + block - 1) / block);
  for_each_block(count, block, [&](std::size_t begin, std::size_t end) {
    std::size_t kept = 0;
    for (std::size_t i = begin; i < end; ++i) kept += keeps(i) ? 1 : 0;
    ends[begin / block] = kept;
  });
  std::inclusive_scan(ends.begin(), ends.end(), ends.begin());
  list.resize(ends.empty() ? 0 : ends.back());
  for_each_block(count, block, [&](std::size_t begin, std::size_t) {
    const std::size_t b = begin / block;
    // An item is overwritten by the next unless it is kept, so that no branch is needed.
    std::size_t at = b == 0 ? 0 : ends[b - 1];
    for (std::size_t i = begin; at < ends[b]; ++i) {
      list[at] = item(i);
      at += keeps(i) ? 1 : 0;
    }
  });
}

}  // namespace cugamma
