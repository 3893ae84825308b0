#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "cugamma/models/timeloop/constraints.hpp"
#include "cugamma/models/timeloop/scoring.hpp"
#include "cugamma/search/timeloop_search.hpp"
#include "search/timeloop/judge.hpp"

namespace cugamma::timeloop {

/// The least figure of all mappings of a small problem, found by pricing every one: all factors,
/// all orders of temporal and of spatial loops, all splits. Tensors are kept as given.
class every_mapping {
 public:
  every_mapping(const architecture& a,
                const problem& p,
                const constraints& c,
                std::vector<std::uint8_t> keep,
                std::size_t most)
      : machine_(a), problem_(p), rules_(c), keep_(std::move(keep)), most_(most), all_(a, p) {
    mapping m;
    m.levels.assign(a.levels.size(), empty_loops());
    for (std::size_t b = 0; b < m.levels.size(); ++b) m.levels[b].keep = keep_[b];
    share_out(0, m);
    flush();
  }

  /// Whether there were more mappings than were to be looked at.
  bool are_too_many() const { return count_ > most_; }
  std::size_t count() const { return count_; }
  double least(figure goal) const { return least_[static_cast<std::size_t>(goal)]; }

 private:
  /// Gives every place a factor of a dimension and of those behind it.
  void share_out(std::size_t dimension, mapping& m) {
    if (dimension == problem_.dimensions.size()) return arrange(0, m);
    share_out(dimension, 0, problem_.dimensions[dimension].size, m);
  }

  void share_out(std::size_t d, std::size_t index, std::int64_t left, mapping& m) {
    if (are_too_many()) return;
    const place& at = all_.shape().places[index];
    level_loops& l = m.levels[static_cast<std::size_t>(at.level)];
    std::int64_t& factor = at.is_spatial ? l.spatial[d] : l.temporal[d];
    const bool is_last = index + 1 == static_cast<std::size_t>(all_.shape().num_places);
    for (std::int64_t f = is_last ? left : 1; f <= left; ++f) {
      if (left % f != 0) continue;
      factor = f;
      if (is_last) {
        share_out(d + 1, m);
      } else {
        share_out(d, index + 1, left / f, m);
      }
    }
    factor = 1;
  }

  /// Orders the loops of a level and those outside of it in all ways.
  void arrange(std::size_t level, mapping& m) {
    if (level == m.levels.size()) return add(m);
    level_loops& l = m.levels[level];
    for (const auto& temporal : orders_of(l.temporal)) {
      l.temporal_order = temporal.first;
      for (const auto& spatial : orders_of(l.spatial)) {
        l.spatial_order = spatial.first;
        for (l.split = 0; l.split <= spatial.second; ++l.split) {
          if (are_too_many()) return;
          arrange(level + 1, m);
        }
      }
    }
  }

  /// All orders of the loops above 1, which come first, and how many there are.
  using order = std::array<std::uint8_t, max_dimensions>;
  static std::vector<std::pair<order, int>> orders_of(
      const std::array<std::int64_t, max_dimensions>& factors) {
    std::vector<std::uint8_t> loops, rest;
    for (std::uint8_t d = 0; d < max_dimensions; ++d) (factors[d] > 1 ? loops : rest).push_back(d);
    std::vector<std::pair<order, int>> all;
    do {
      order o;
      std::ranges::copy(rest, std::ranges::copy(loops, o.begin()).out);
      all.emplace_back(o, static_cast<int>(loops.size()));
    } while (std::ranges::next_permutation(loops).found);
    return all;
  }

  void add(const mapping& m) {
    if (++count_ > most_ || broken_constraint(rules_, machine_, problem_, m)) return;
    batch_.push_back(encode(m, all_.shape()));
    if (batch_.size() == 1024) flush();
  }

  void flush() {
    costs_.resize(batch_.size());
    all_.score(batch_, costs_);
    for (const cost& c : costs_) {
      if (c.why != rejection::none) continue;
      for (const figure goal : {figure::edp, figure::latency, figure::energy}) {
        double& least = least_[static_cast<std::size_t>(goal)];
        least = std::min(least, value_of({goal, 0}, c));
      }
    }
    batch_.clear();
  }

  const architecture& machine_;
  const problem& problem_;
  const constraints& rules_;
  std::vector<std::uint8_t> keep_;
  std::size_t most_;
  scorer all_;
  std::size_t count_ = 0;
  std::vector<genome> batch_;
  std::vector<cost> costs_;
  std::array<double, 3> least_{std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::infinity()};
};

}  // namespace cugamma::timeloop
