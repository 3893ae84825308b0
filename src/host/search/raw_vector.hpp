#pragma once

#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace cugamma {

/// Leaves values that are made without arguments as the memory was.
template <class T>
class raw_allocator : public std::allocator<T> {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  template <class U>
  struct rebind {
    using other = raw_allocator<U>;
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

}  // namespace cugamma
