#pragma once

#include <cstddef>
#include <memory_resource>
#include <span>
#include <vector>

#include "cugamma/genetic_search.hpp"

namespace cugamma {

/// One batch that holds a generation of several searches. A lone search's generation is used where
/// it lies.
class generation_batch {
 public:
  generation_batch() = default;
  /// memory: where the batch and its costs lie, see evaluator::memory.
  explicit generation_batch(std::pmr::memory_resource* memory) : copied_(memory), costs_(memory) {}

  /// Asks each search for at most as many individuals as it has left.
  void collect(std::span<genetic_search* const> searches, std::span<const std::int64_t> left) {
    ends_.clear();
    copied_.clear();
    genomes_ = {};
    for (std::size_t i = 0; i < searches.size(); ++i) {
      const auto asked = searches[i]->ask(left[i]);
      if (searches.size() == 1) {
        genomes_ = asked;
      } else {
        copied_.insert(copied_.end(), asked.begin(), asked.end());
      }
      ends_.push_back(searches.size() == 1 ? asked.size() : copied_.size());
    }
    if (searches.size() != 1) genomes_ = copied_;
    costs_.resize(genomes_.size());
  }

  std::span<const genome> genomes() const { return genomes_; }
  std::span<cost> costs() { return costs_; }
  /// Of the search at that place.
  std::span<const cost> costs_of(std::size_t place) const {
    const std::size_t begin = place == 0 ? 0 : ends_[place - 1];
    return std::span(costs_).subspan(begin, ends_[place] - begin);
  }

 private:
  std::span<const genome> genomes_;
  std::pmr::vector<genome> copied_;
  std::pmr::vector<cost> costs_;
  std::vector<std::size_t> ends_;
};

}  // namespace cugamma
