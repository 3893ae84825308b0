#include "large_pages.hpp"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cstddef>

namespace cugamma {
namespace {

constexpr std::size_t large_page = std::size_t{1} << 21;

class large_page_resource final : public std::pmr::memory_resource {
  static bool is_large(std::size_t bytes) { return bytes >= 2 * large_page; }
  static std::size_t whole_pages(std::size_t bytes) {
    return (bytes + large_page - 1) / large_page * large_page;
  }

  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    std::pmr::memory_resource* heap = std::pmr::new_delete_resource();
    if (!is_large(bytes)) return heap->allocate(bytes, alignment);
    void* data = heap->allocate(whole_pages(bytes), std::max(alignment, large_page));
#ifdef __linux__
    // A hint: where it is refused, small pages do the same.
    static_cast<void>(madvise(data, whole_pages(bytes), MADV_HUGEPAGE));
#endif
    return data;
  }
  void do_deallocate(void* data, std::size_t bytes, std::size_t alignment) override {
    std::pmr::memory_resource* heap = std::pmr::new_delete_resource();
    if (!is_large(bytes)) return heap->deallocate(data, bytes, alignment);
    heap->deallocate(data, whole_pages(bytes), std::max(alignment, large_page));
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

}  // namespace

std::pmr::memory_resource* large_page_memory() {
  static large_page_resource memory;
  return &memory;
}

}  // namespace cugamma
