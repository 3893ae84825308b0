#pragma once

#include <cstddef>
#include <memory_resource>
#include <span>
#include <vector>

#include "cugamma/search/genetic_search.hpp"
#include "search/threads/raw_vector.hpp"

namespace cugamma {

/// One batch that holds a generation of several searches, which breed into it.
class generation_batch {
 public:
  generation_batch() = default;
  /// memory: where the batch and its costs lie, see evaluator::memory.
  explicit generation_batch(std::pmr::memory_resource* memory) : place_(memory), costs_(memory) {}

  /// Asks each search for at most as many individuals as it has left.
  void collect(std::span<genetic_search* const> searches, std::span<const std::int64_t> left) {
    std::size_t most = 0;
    for (std::size_t i = 0; i < searches.size(); ++i) most += searches[i]->prepare(left[i]);
    make_room(place_, most);
    ends_.clear();
    std::size_t end = 0;
    for (genetic_search* search : searches) {
      end += search->fill(std::span(place_).subspan(end)).size();
      ends_.push_back(end);
    }
    make_room(costs_, end);
  }

  std::span<const genome> genomes() const { return std::span(place_).first(size()); }
  std::span<cost> costs() { return std::span(costs_).first(size()); }
  /// Of the search at that place.
  std::span<const cost> costs_of(std::size_t place) const {
    const std::size_t begin = place == 0 ? 0 : ends_[place - 1];
    return std::span(costs_).subspan(begin, ends_[place] - begin);
  }

 private:
  std::size_t size() const { return ends_.empty() ? 0 : ends_.back(); }

  /// What was there is lost.
  template <class T>
  static void make_room(raw_vector<T>& v, std::size_t size) {
    if (v.size() >= size) return;
    v = raw_vector<T>(v.get_allocator());
    v.resize(size);
  }

  raw_vector<genome> place_;
  raw_vector<cost> costs_;
  std::vector<std::size_t> ends_;
};

}  // namespace cugamma
