#pragma once

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>

#include <cstddef>

namespace cugamma {

/// Calls body(i) for 0 <= i < count, on all cores where it pays.
template <typename Body>
void for_each_index(std::size_t count, const Body& body) {
  constexpr std::size_t grain = 256;
  tbb::parallel_for(
      tbb::blocked_range<std::size_t>(0, count, grain),
      [&](const tbb::blocked_range<std::size_t>& range) {
        for (std::size_t i = range.begin(); i < range.end(); ++i) body(i);
      },
      tbb::simple_partitioner{});
}

}  // namespace cugamma
