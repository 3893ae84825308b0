#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "certify/exact/lists/top_lists.hpp"

namespace cugamma::exact {

/// Vectors of level 0 that are left, by their numbers, and a bound of what they are part of.
struct candidates {
  bool is_all = false;
  std::vector<std::uint32_t> numbers;  ///< ascending; none if all are left
  double bound = 0;
};

/// Lists that have vectors. The vectors of all are numbered one list after another; blocks of them
/// serve best where each list has those of little energy first.
class numbered_lists {
 public:
  explicit numbered_lists(std::vector<top_list> lists) : lists_(std::move(lists)) {
    std::erase_if(lists_, [](const top_list& l) { return l.vectors.empty(); });
    std::uint32_t number = 0;
    for (const top_list& l : lists_) {
      const auto count = static_cast<std::uint32_t>(l.vectors.size());
      const std::size_t first_block = blocks_.size();
      for (std::uint32_t i = 0; i < count; i += most_in_block) {
        const std::uint32_t in_block = std::min(count - i, most_in_block);
        blocks_.push_back({number + i, in_block, least_of(l, i, in_block)});
      }
      spans_.push_back(
          {number, number + count, first_block, blocks_.size(), least_of(l, 0, count)});
      number += count;
    }
  }

  const std::vector<top_list>& all() const { return lists_; }

  /// Calls body(vector, its number) for each vector of the candidates, but for those of lists that
  /// wants_list(list, least) declines and those that wants_block(least) declines. least: the least
  /// energies, steps and elements of any vector of the list, or of some next to one another.
  template <class WantsList, class WantsBlock, class Body>
  void for_each(const candidates& c,
                const WantsList& wants_list,
                const WantsBlock& wants_block,
                const Body& body) const {
    auto next = c.numbers.begin();
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      const span& s = spans_[i];
      if (!c.is_all) {
        while (next != c.numbers.end() && *next < s.first) ++next;
        if (next == c.numbers.end()) return;
        if (*next >= s.end) continue;
      }
      if (!wants_list(lists_[i], s.least)) continue;
      for (std::size_t j = s.first_block; j < s.end_block; ++j) {
        const block& b = blocks_[j];
        const std::uint32_t end = b.first + b.count;
        if (!c.is_all) {
          while (next != c.numbers.end() && *next < b.first) ++next;
          if (next == c.numbers.end()) return;
          if (*next >= end) continue;
        }
        if (!wants_block(b.least)) continue;
        const top_vector* const vectors = &lists_[i].vectors[b.first - s.first];
        if (c.is_all) {
          for (std::uint32_t k = b.first; k < end; ++k) body(vectors[k - b.first], k);
          continue;
        }
        for (; next != c.numbers.end() && *next < end; ++next) {
          body(vectors[*next - b.first], *next);
        }
      }
    }
  }

 private:
  static constexpr std::uint32_t most_in_block = 64;

  /// Vectors of one list next to one another.
  struct block {
    std::uint32_t first = 0;  ///< the number of the first
    std::uint32_t count = 0;
    top_vector least{};
  };

  /// Where a list's vectors and blocks are.
  struct span {
    std::uint32_t first = 0, end = 0;  ///< numbers of its vectors
    std::size_t first_block = 0, end_block = 0;
    top_vector least{};
  };

  static top_vector least_of(const top_list& l, std::uint32_t begin, std::uint32_t count) {
    top_vector least = l.vectors[begin];
    for (std::uint32_t i = begin; i < begin + count; ++i) {
      const top_vector& v = l.vectors[i];
      for (std::size_t k = 0; k < floor_count; ++k) {
        least.least[k] = std::min(least.least[k], v.least[k]);
      }
      least.steps = std::min(least.steps, v.steps);
      least.first = std::min(least.first, v.first);
      least.in_two_steps |= v.in_two_steps;
    }
    return least;
  }

  std::vector<top_list> lists_;
  std::vector<block> blocks_;
  std::vector<span> spans_;  ///< of each list
};

}  // namespace cugamma::exact
