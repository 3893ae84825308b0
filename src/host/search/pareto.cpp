#include "cugamma/pareto.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <tuple>

#include "search/staircase.hpp"

namespace cugamma {
namespace {

using indices = std::vector<std::uint32_t>;

indices all_of(std::size_t count) {
  indices all(count);
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

/// Every point comes behind those that dominate it.
indices by_values(std::span<const objective_values> points) {
  indices order = all_of(points.size());
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(points[a], a) < std::tie(points[b], b);
  });
  return order;
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
  indices found;
  for (const std::uint32_t i : by_values(points)) {
    if (front.covers(points[i][1], points[i][2])) continue;
    front.add(points[i][1], points[i][2]);
    found.push_back(i);
  }
  return found;
}

std::vector<std::uint32_t> front_numbers(std::span<const objective_values> points) {
  std::vector<staircase> fronts;
  indices numbers(points.size());
  const objective_values* last = nullptr;
  std::size_t number = 0;
  for (const std::uint32_t i : by_values(points)) {
    if (last == nullptr || *last != points[i]) {
      number = front_of(points[i], fronts);
      if (number == fronts.size()) fronts.emplace_back();
      fronts[number].add(points[i][1], points[i][2]);
      last = &points[i];
    }
    numbers[i] = static_cast<std::uint32_t>(number);
  }
  return numbers;
}

std::vector<double> crowding_distances(std::span<const objective_values> points, int objectives) {
  constexpr double at_end = std::numeric_limits<double>::infinity();
  std::vector<double> distances(points.size(), 0);
  if (points.empty()) return distances;
  indices order = all_of(points.size());
  for (int o = 0; o < objectives; ++o) {
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
      return std::tie(points[a][o], a) < std::tie(points[b][o], b);
    });
    const double range = points[order.back()][o] - points[order.front()][o];
    distances[order.front()] = distances[order.back()] = at_end;
    if (!(range > 0)) continue;
    for (std::size_t at = 1; at + 1 < order.size(); ++at) {
      distances[order[at]] += (points[order[at + 1]][o] - points[order[at - 1]][o]) / range;
    }
  }
  return distances;
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

}  // namespace cugamma
