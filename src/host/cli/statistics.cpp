#include "cli/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace cugamma::cli {

double quantile(std::vector<double> values, double p) {
  std::ranges::sort(values);
  const double at = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const double part = at - static_cast<double>(below);
  if (part == 0) return values[below];
  return values[below] * (1 - part) + values[below + 1] * part;
}

std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double mean = static_cast<double>(first + 1 + end) / 2;
    for (; first < end; ++first) ranks[order[first]] = mean;
  }
  return ranks;
}

std::optional<double> rank_correlation(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> of_a = ranks_of(a), of_b = ranks_of(b);
  // Ranks are 1 .. n, shared or not: their mean is that of 1 and n.
  const double mean = (static_cast<double>(a.size()) + 1) / 2;
  double together = 0, spread_a = 0, spread_b = 0;
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    together += (of_a[i] - mean) * (of_b[i] - mean);
    spread_a += (of_a[i] - mean) * (of_a[i] - mean);
    spread_b += (of_b[i] - mean) * (of_b[i] - mean);
  }
  if (spread_a == 0 || spread_b == 0) return std::nullopt;
  return together / std::sqrt(spread_a * spread_b);
}

}  // namespace cugamma::cli
