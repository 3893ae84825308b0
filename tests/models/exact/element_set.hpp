#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cugamma {

/// A set of the numbers 0 .. n - 1. All calls take constant time, clear too: an element is in the
/// set if it was marked since.
class element_set {
 public:
  explicit element_set(std::int64_t n) : marks_(static_cast<std::size_t>(n)) {}

  void clear() {
    count_ = 0;
    if (++mark_ != 0) return;
    std::ranges::fill(marks_, 0);
    mark_ = 1;
  }

  /// True if the element is new.
  bool insert(std::int64_t element) {
    std::uint32_t& mark = marks_[static_cast<std::size_t>(element)];
    if (mark == mark_) return false;
    mark = mark_;
    ++count_;
    return true;
  }

  bool contains(std::int64_t element) const {
    return marks_[static_cast<std::size_t>(element)] == mark_;
  }

  std::int64_t size() const { return count_; }

 private:
  std::vector<std::uint32_t> marks_;
  std::uint32_t mark_ = 1;
  std::int64_t count_ = 0;
};

}  // namespace cugamma
