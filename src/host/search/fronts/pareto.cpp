#include "cugamma/search/pareto.hpp"

#include <tbb/parallel_sort.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include "search/fronts/staircase.hpp"

namespace cugamma {
namespace {

/// A sort key next to the index of its owner, so that sorting reads no memory elsewhere.
template <typename Key>
struct keyed {
  Key key;
  std::uint32_t index;
  friend constexpr auto operator<=>(const keyed&, const keyed&) = default;
};

/// Sorts numbers from 0 by a key of each, then by themselves.
template <typename Key, typename KeyOf>
std::vector<keyed<Key>> sorted_by(std::size_t count, const KeyOf& key_of) {
  std::vector<keyed<Key>> all(count);
  for (std::uint32_t i = 0; i < count; ++i) all[i] = {key_of(i), i};
  tbb::parallel_sort(all);
  return all;
}

/// Every point comes behind those that dominate it.
std::vector<keyed<objective_values>> by_values(std::span<const objective_values> points) {
  return sorted_by<objective_values>(points.size(), [&](std::uint32_t i) { return points[i]; });
}

/// The first front that holds nothing that dominates a point which comes behind all of them.
std::size_t front_of(const objective_values& point, const std::vector<staircase>& fronts) {
  const auto holds_better = [&](const staircase& front) {
    return front.covers(point[1], point[2]);
  };
  const auto found = std::ranges::partition_point(fronts, holds_better);
  return static_cast<std::size_t>(found - fronts.begin());
}

/// The points below the reference, in the order of their third value.
std::vector<objective_values> inside(std::span<const objective_values> points,
                                     int objectives,
                                     const objective_values& reference) {
  std::vector<objective_values> kept;
  for (const objective_values& p : points) {
    bool is_below = true;
    for (int i = 0; i < objectives; ++i) is_below = is_below && p[i] < reference[i];
    if (is_below) kept.push_back(p);
  }
  std::ranges::sort(kept, {}, [](const objective_values& p) { return std::tie(p[2], p[0], p[1]); });
  return kept;
}

}  // namespace

std::vector<std::uint32_t> undominated(std::span<const objective_values> points) {
  staircase front;
  std::vector<std::uint32_t> found;
  for (const auto& [point, i] : by_values(points)) {
    if (front.covers(point[1], point[2])) continue;
    front.add(point[1], point[2]);
    found.push_back(i);
  }
  return found;
}

std::vector<std::uint32_t> front_numbers(std::span<const objective_values> points) {
  std::vector<staircase> fronts;
  std::vector<std::uint32_t> numbers(points.size());
  std::optional<objective_values> last;
  std::size_t number = 0;
  for (const auto& [point, i] : by_values(points)) {
    if (last != point) {
      number = front_of(point, fronts);
      if (number == fronts.size()) fronts.emplace_back();
      fronts[number].add(point[1], point[2]);
      last = point;
    }
    numbers[i] = static_cast<std::uint32_t>(number);
  }
  return numbers;
}

std::vector<double> crowding_distances(std::span<const objective_values> points, int objectives) {
  constexpr double at_end = std::numeric_limits<double>::infinity();
  std::vector<double> distances(points.size(), 0);
  if (points.empty()) return distances;
  for (int o = 0; o < objectives; ++o) {
    const auto order =
        sorted_by<double>(points.size(), [&](std::uint32_t i) { return points[i][o]; });
    const double range = order.back().key - order.front().key;
    distances[order.front().index] = distances[order.back().index] = at_end;
    if (!(range > 0)) continue;
    for (std::size_t at = 1; at + 1 < order.size(); ++at) {
      distances[order[at].index] += (order[at + 1].key - order[at - 1].key) / range;
    }
  }
  return distances;
}

/// A quarter of those too many goes at a time, so that neighbours do not go together.
std::vector<std::uint32_t> thinned(std::span<const objective_values> points,
                                   int objectives,
                                   std::size_t capacity) {
  std::vector<std::uint32_t> kept(points.size());
  std::iota(kept.begin(), kept.end(), 0u);
  while (kept.size() > capacity) {
    std::vector<objective_values> left;
    for (const std::uint32_t i : kept) left.push_back(points[i]);
    const std::vector<double> room = crowding_distances(left, objectives);
    std::vector<std::uint32_t> order(kept.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
      return std::tie(room[b], a) < std::tie(room[a], b);
    });
    order.resize(order.size() - (order.size() - capacity + 3) / 4);
    std::ranges::sort(order);
    std::ranges::transform(order, order.begin(), [&](std::uint32_t i) { return kept[i]; });
    kept = std::move(order);
  }
  return kept;
}

double hypervolume(std::span<const objective_values> points,
                   int objectives,
                   const objective_values& reference) {
  assert(objectives == 2 || objectives == 3);
  const double last_height = objectives == 3 ? reference[2] : 1;
  staircase base;
  double area = 0;
  double volume = 0;
  double height = 0;
  for (const objective_values& p : inside(points, objectives, reference)) {
    volume += area * (p[2] - height);
    height = p[2];
    if (base.covers(p[0], p[1])) continue;
    area += base.gain(p[0], p[1], reference[0], reference[1]);
    base.add(p[0], p[1]);
  }
  return volume + area * (last_height - height);
}

double hypervolume_share(std::span<const objective_values> points,
                         int objectives,
                         const objective_values& reference) {
  double unit = 1;
  for (int i = 0; i < objectives; ++i) unit *= std::abs(reference[static_cast<std::size_t>(i)]);
  const double volume = hypervolume(points, objectives, reference);
  return unit > 0 ? volume / unit : volume;
}

}  // namespace cugamma
