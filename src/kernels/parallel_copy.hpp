#pragma once

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <cstddef>
#include <cstring>
#include <span>

namespace cugamma {

/// A copy that one core would do slower than the bus can take it. precondition: there is room
template <class T>
void copy_in_parallel(std::span<const T> from, T* to) {
  constexpr std::size_t grain = (std::size_t{1} << 18) / sizeof(T);
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, from.size(), grain), [&](const auto& r) {
    std::memcpy(to + r.begin(), from.data() + r.begin(), r.size() * sizeof(T));
  });
}

}  // namespace cugamma
