#pragma once

#include <cstddef>

#include "cuda_resources.hpp"

namespace cugamma {

/// Gives thrust its temporary storage from a stream's pool.
struct stream_allocator {
  using value_type = char;
  cudaStream_t stream;
  char* allocate(std::ptrdiff_t bytes) {
    return static_cast<char*>(detail::allocate_device(static_cast<std::size_t>(bytes), stream));
  }
  void deallocate(char* data, std::size_t) { detail::free_device(data, stream); }
};

}  // namespace cugamma
