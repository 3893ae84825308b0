#pragma once

#include <cstddef>
#include <memory_resource>
#include <vector>

namespace cugamma {

/// Memory for what grows with a population: in large pages where the system gives them on request
/// (Linux, "madvise"), so that filling and searching it costs fewer page faults and address
/// translations. Small pieces come from the heap.
std::pmr::memory_resource* large_page_memory();

/// Gives containers large_page_memory.
template <class T>
struct large_page_allocator {
  using value_type = T;

  large_page_allocator() = default;
  template <class U>
  explicit large_page_allocator(const large_page_allocator<U>&) {}

  T* allocate(std::size_t count) {
    return static_cast<T*>(large_page_memory()->allocate(count * sizeof(T), alignof(T)));
  }
  void deallocate(T* data, std::size_t count) {
    large_page_memory()->deallocate(data, count * sizeof(T), alignof(T));
  }
  friend bool operator==(const large_page_allocator&, const large_page_allocator&) = default;
};

template <class T>
using large_vector = std::vector<T, large_page_allocator<T>>;

}  // namespace cugamma
