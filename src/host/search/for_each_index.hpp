#pragma once

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>

#include <algorithm>
#include <cstddef>

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

}  // namespace cugamma
