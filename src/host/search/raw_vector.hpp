#pragma once

#include <memory>
#include <memory_resource>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace cugamma {

/// Leaves values that are made without arguments as the memory was.
template <class T, class Allocator = std::allocator<T>>
class raw_allocator : public Allocator {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  using Allocator::Allocator;

  template <class U>
  struct rebind {
    using other =
        raw_allocator<U, typename std::allocator_traits<Allocator>::template rebind_alloc<U>>;
  };

  template <class U>
  void construct(U*) noexcept {}
  template <class U, class... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }
};

/// A vector of values that are written before they are read: resize() does not touch them, so that
/// the cores that write them are the first to.
template <class T>
using raw_vector = std::vector<T, raw_allocator<T>>;

/// The same in the memory of a std::pmr::memory_resource.
template <class T>
using raw_pmr_vector = std::vector<T, raw_allocator<T, std::pmr::polymorphic_allocator<T>>>;

}  // namespace cugamma
