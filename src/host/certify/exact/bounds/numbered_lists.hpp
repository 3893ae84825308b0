#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "certify/exact/bounds/top_lists.hpp"

namespace cugamma::exact {

/// Vectors of level 0 that are left, by their numbers, and a bound of what they are part of.
struct candidates {
  bool is_all = false;
  std::vector<std::uint32_t> numbers;  ///< ascending; none if all are left
  double bound = 0;
};

/// Vectors of one list next to one another, and what bounds all of them.
struct vector_block {
  const top_list* list = nullptr;
  const top_vector* vectors = nullptr;
  std::uint32_t first = 0;  ///< the number of the first
  std::uint32_t count = 0;
  top_vector least{};  ///< the least energies, steps and elements of any
};

/// Lists that have vectors, those of little energy first. The vectors of all are numbered one list
/// after another.
class numbered_lists {
 public:
  explicit numbered_lists(std::vector<top_list> lists) : lists_(std::move(lists)) {
    std::erase_if(lists_, [](const top_list& l) { return l.vectors.empty(); });
    std::uint32_t number = 0;
    for (top_list& l : lists_) {
      std::ranges::sort(l.vectors, {}, [](const top_vector& v) { return v.least[no_share]; });
      const auto count = static_cast<std::uint32_t>(l.vectors.size());
      for (std::uint32_t i = 0; i < count; i += most_in_block) {
        blocks_.push_back(block_of(l, number, i, std::min(count - i, most_in_block)));
      }
      number += count;
    }
  }

  const std::vector<top_list>& all() const { return lists_; }
  const std::vector<vector_block>& blocks() const { return blocks_; }

  /// Calls body(list, vector, its number) for each vector of the candidates, but for the blocks
  /// that begin(block) declines.
  template <class Begin, class Body>
  void for_each(const candidates& c, const Begin& begin, const Body& body) const {
    if (c.is_all) {
      for (const vector_block& b : blocks_) {
        if (!begin(b)) continue;
        for (std::uint32_t i = 0; i < b.count; ++i) body(*b.list, b.vectors[i], b.first + i);
      }
      return;
    }
    auto block = blocks_.begin();
    for (auto next = c.numbers.begin(); next != c.numbers.end();) {
      if (*next >= block->first + block->count) {
        block = std::ranges::upper_bound(block, blocks_.end(), *next, {}, &vector_block::first) - 1;
      }
      const vector_block& b = *block;
      const bool is_wanted = begin(b);
      for (; next != c.numbers.end() && *next < b.first + b.count; ++next) {
        if (is_wanted) body(*b.list, b.vectors[*next - b.first], *next);
      }
    }
  }

 private:
  static constexpr std::uint32_t most_in_block = 64;

  static vector_block block_of(const top_list& l,
                               std::uint32_t number,
                               std::uint32_t begin,
                               std::uint32_t count) {
    vector_block b{&l, &l.vectors[begin], number + begin, count, l.vectors[begin]};
    for (std::uint32_t i = begin; i < begin + count; ++i) {
      const top_vector& v = l.vectors[i];
      for (std::size_t k = 0; k < floor_count; ++k) {
        b.least.least[k] = std::min(b.least.least[k], v.least[k]);
      }
      b.least.steps = std::min(b.least.steps, v.steps);
      b.least.first = std::min(b.least.first, v.first);
      b.least.in_two_steps |= v.in_two_steps;
    }
    return b;
  }

  std::vector<top_list> lists_;
  std::vector<vector_block> blocks_;
};

}  // namespace cugamma::exact
