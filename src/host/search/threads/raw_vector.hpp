#pragma once

#include <cstddef>
#include <memory_resource>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace cugamma {

/// Takes memory from a resource, from where a cache line begins, and leaves values that are made
/// without arguments as the memory was.
template <class T>
class raw_allocator {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  using value_type = T;

  raw_allocator(std::pmr::memory_resource* memory = std::pmr::new_delete_resource()) noexcept
      : memory_(memory) {}
  template <class U>
  raw_allocator(const raw_allocator<U>& other) noexcept : memory_(other.memory()) {}

  T* allocate(std::size_t count) {
    return static_cast<T*>(memory_->allocate(count * sizeof(T), line));
  }
  void deallocate(T* at, std::size_t count) noexcept {
    memory_->deallocate(at, count * sizeof(T), line);
  }

  template <class U>
  void construct(U*) noexcept {}
  template <class U, class... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }

  std::pmr::memory_resource* memory() const noexcept { return memory_; }
  friend bool operator==(const raw_allocator& a, const raw_allocator& b) noexcept {
    return *a.memory_ == *b.memory_;
  }

 private:
  static constexpr std::size_t line = 64;

  std::pmr::memory_resource* memory_;
};

/// A vector of values that are written before they are read: resize() does not touch them, so that
/// the cores that write them are the first to. Values of 64 bytes lie in one cache line each.
template <class T>
using raw_vector = std::vector<T, raw_allocator<T>>;

}  // namespace cugamma
