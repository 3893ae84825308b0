#include "cugamma/mapping/map_space.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

namespace cugamma {
namespace {

/// Sizes of one dimension on a level and those below it, for every size above: a sum over the sizes
/// here of the ways below.
std::vector<double> ways_at(const search_space& space,
                            const tile_rule& rule,
                            const std::vector<double>& below) {
  std::vector<double> sums(below.size(), 0);
  for (std::size_t size = 1; size < below.size(); ++size) sums[size] = sums[size - 1] + below[size];
  std::vector<double> ways(below.size(), 1);
  for (std::size_t above = 1; above < below.size(); ++above) {
    std::int64_t high = std::min<std::int64_t>(rule.high, static_cast<std::int64_t>(above));
    if (rule.at_most_tile_of != no_dimension) {
      high = std::min<std::int64_t>(high, space.bound[rule.at_most_tile_of]);
    }
    const std::int64_t low = std::min<std::int64_t>(rule.low, high);
    const bool fixed = rule.same_as_above != no_dimension;
    ways[above] =
        fixed ? below[above]
              : sums[static_cast<std::size_t>(high)] - sums[static_cast<std::size_t>(low - 1)];
  }
  return ways;
}

/// The same on all levels, for the whole dimension.
double ways_of(const search_space& space, int d) {
  std::vector<double> ways(static_cast<std::size_t>(space.bound[d]) + 1, 1);
  for (int level = space.levels_max - 1; level >= 0; --level) {
    ways = ways_at(space, space.levels[level].tiles[d], ways);
  }
  return ways.back();
}

bool may_split(const search_space& space, int d) {
  if (d < index_of(dimension::R)) return true;
  const level_rule& inner = space.levels[space.levels_max - 1];
  return contains(inner.parallel | inner.second_parallel, d);
}

double pairs(const level_rule& rule) {
  double count = 0;
  for (int first = 0; first < gene_dimension_count; ++first) {
    if (!contains(rule.parallel, first)) continue;
    const unsigned others = rule.second_parallel & ~(1u << first);
    count += std::max(1, std::popcount(others));
  }
  return count;
}

}  // namespace

map_space_size size_of(const search_space& space) {
  map_space_size size;
  for (int d = 0; d < gene_dimension_count; ++d) {
    if (may_split(space, d)) size.tile += std::log10(ways_of(space, d));
  }
  for (int level = 0; level < space.levels_max; ++level) {
    const level_rule& rule = space.levels[level];
    size.order += std::lgamma(gene_dimension_count - rule.fixed_positions + 1) / std::log(10.0);
    size.parallelism += std::log10(pairs(rule));
    if (level == 0) continue;
    std::int32_t high = std::min(rule.cluster.high, space.pes_max);
    if (rule.cluster.at_most_tile_of != no_dimension) {
      high = std::min(high, space.bound[rule.cluster.at_most_tile_of]);
    }
    size.shape += std::log10(std::max(1, high - rule.cluster.low + 1));
  }
  return size;
}

}  // namespace cugamma
