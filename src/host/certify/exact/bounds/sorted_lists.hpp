#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "certify/exact/bounds/top_lists.hpp"

namespace cugamma::exact {

inline constexpr std::array<floor_kind, floor_count> floor_kinds = {no_share,
                                                                    input_share,
                                                                    filter_share,
                                                                    output_share};

/// Lists that have vectors, for each kind of floor ordered by the least energy of any vector.
class sorted_lists {
 public:
  sorted_lists(const question& q, std::vector<top_list> lists) : lists_(std::move(lists)) {
    std::erase_if(lists_, [](const top_list& l) { return l.vectors.empty(); });
    busy_part_.fill(std::numeric_limits<double>::infinity());
    for (const top_list& l : lists_) {
      const auto d = static_cast<std::size_t>(l.parallel);
      const double size = l.parallel == nothing_parallel ? 1 : q.size[d];
      busy_part_[d] = std::min(busy_part_[d], l.busy / size);
      most_units_ = std::max(most_units_, l.units);
    }
    for (const floor_kind kind : floor_kinds) {
      order_[kind].resize(lists_.size());
      for (std::uint32_t i = 0; i < lists_.size(); ++i) order_[kind][i] = i;
      std::ranges::sort(order_[kind], {}, [&](std::uint32_t i) { return least(lists_[i], kind); });
    }
  }

  const std::vector<top_list>& all() const { return lists_; }
  const std::vector<std::uint32_t>& order(floor_kind kind) const { return order_[kind]; }
  static float least(const top_list& l, floor_kind kind) {
    return l.vectors[l.order[kind].front()].least[kind];
  }

  /// What part of a dimension the busiest sub-cluster has at least, where it is the parallel one
  /// (or none is); infinite if there is no such list.
  double busy_part(int d) const { return busy_part_[static_cast<std::size_t>(d)]; }
  std::int32_t most_units() const { return most_units_; }

 private:
  std::vector<top_list> lists_;
  std::array<double, free_dims + 1> busy_part_{};
  std::int32_t most_units_ = 1;
  std::array<std::vector<std::uint32_t>, floor_count> order_;
};

}  // namespace cugamma::exact
