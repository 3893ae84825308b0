#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <vector>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/mapping/search_space.hpp"

/// All genomes of small spaces, one by one: what an optimum is held against.
namespace cugamma {

/// The loop orders that differ in the order of the dimensions that have more than one step
/// somewhere, or may be parallel; the others stand behind them.
inline std::vector<std::array<dimension, 6>> every_order(const search_space& space, int level) {
  std::vector<int> moving, still;
  for (int d = 0; d < gene_dimension_count; ++d) {
    const bool moves = d < 4 && (space.bound[d] > 1 || contains(space.levels[level].parallel, d));
    (moves ? moving : still).push_back(d);
  }
  std::vector<std::array<dimension, 6>> all;
  do {
    std::array<dimension, 6> order{};
    std::size_t at = 0;
    for (const int d : moving) order[at++] = static_cast<dimension>(d);
    for (const int d : still) order[at++] = static_cast<dimension>(d);
    all.push_back(order);
  } while (std::ranges::next_permutation(moving).found);
  return all;
}

/// Every genome of two levels of a space without rules: all tiles, parallel dimensions, cluster
/// sizes and orders of the outer level; the inner order is the given one, or every one.
class every_genome {
 public:
  every_genome(const search_space& space, bool inner_orders, std::function<void(const genome&)> f)
      : space_(space), inner_orders_(inner_orders), see_(std::move(f)) {
    set_level_count(g_, 2);
    for (int d = 4; d < gene_dimension_count; ++d) {
      for (int level = 0; level < 2; ++level) {
        set_tile(g_, level, static_cast<dimension>(d), space.bound[d]);
      }
    }
  }

  void run() { tiles(0); }

 private:
  void tiles(int d) {
    if (d == 4) return parallel();
    const auto dim = static_cast<dimension>(d);
    for (int outer = 1; outer <= space_.bound[d]; ++outer) {
      for (int inner = 1; inner <= outer; ++inner) {
        set_tile(g_, 0, dim, outer);
        set_tile(g_, 1, dim, inner);
        tiles(d + 1);
      }
    }
  }

  void parallel() {
    for (int p = 0; p < 4; ++p) {
      for (int q = 0; q < 4; ++q) {
        if (!contains(space_.levels[0].parallel, p) || !contains(space_.levels[1].parallel, q)) {
          continue;
        }
        set_parallel(g_, 0, static_cast<dimension>(p));
        set_parallel(g_, 1, static_cast<dimension>(q));
        orders();
      }
    }
  }

  void orders() {
    const auto outer = every_order(space_, 0);
    const auto inner = inner_orders_ ? every_order(space_, 1) : std::vector{given_order()};
    for (const auto& o : outer) {
      for (const auto& i : inner) {
        for (int p = 0; p < gene_dimension_count; ++p) {
          set_order(g_, 0, p, o[static_cast<std::size_t>(p)]);
          set_order(g_, 1, p, i[static_cast<std::size_t>(p)]);
        }
        for (int c = 1; c <= space_.pes_max; ++c) {
          set_cluster_size(g_, 1, c);
          see_(g_);
        }
      }
    }
  }

  /// How the rule of the inner level begins, then the others.
  std::array<dimension, 6> given_order() const {
    const level_rule& rule = space_.levels[1];
    std::array<dimension, 6> order{dimension::K,
                                   dimension::C,
                                   dimension::Y,
                                   dimension::X,
                                   dimension::R,
                                   dimension::S};
    for (int p = 0; p < rule.fixed_positions; ++p) {
      const auto at = std::ranges::find(order, rule.order_prefix[static_cast<std::size_t>(p)]);
      std::rotate(order.begin() + p, at, at + 1);
    }
    return order;
  }

  const search_space& space_;
  bool inner_orders_;
  std::function<void(const genome&)> see_;
  genome g_;
};

}  // namespace cugamma
