#include "models/timeloop/reference/nest.hpp"

#include <algorithm>

namespace cugamma::timeloop::reference {
namespace {

std::int64_t product(const std::vector<loop>& loops, bool on_y) {
  std::int64_t all = 1;
  for (const loop& l : loops) all *= l.is_on_y == on_y ? l.bound : 1;
  return all;
}

level_nest level_of(const problem& p, const level_loops& l, const box& below) {
  level_nest n;
  n.below = n.at_once = below;
  for (std::size_t i = 0; i < p.dimensions.size(); ++i) {
    const int d = l.spatial_order[i];
    const std::int64_t factor = l.spatial[static_cast<std::size_t>(d)];
    if (factor > 1) n.spatial.push_back({d, factor, static_cast<int>(i) >= l.split});
    n.at_once[static_cast<std::size_t>(d)] *= factor;
  }
  n.tile = n.at_once;
  for (std::size_t i = 0; i < p.dimensions.size(); ++i) {
    const int d = l.temporal_order[i];
    const std::int64_t factor = l.temporal[static_cast<std::size_t>(d)];
    if (factor > 1) n.temporal.push_back({d, factor});
    n.tile[static_cast<std::size_t>(d)] *= factor;
  }
  return n;
}

}  // namespace

std::int64_t level_nest::used_x() const { return product(spatial, false); }
std::int64_t level_nest::used_y() const { return product(spatial, true); }

std::int64_t nest::cycles() const {
  std::int64_t all = 1;
  for (const level_nest& l : levels) all *= product(l.temporal, false);
  return all;
}

std::int64_t nest::instances_x(int level) const {
  std::int64_t all = 1;
  for (auto l = levels.begin() + level + 1; l < levels.end(); ++l) all *= l->used_x();
  return all;
}

std::int64_t nest::instances_y(int level) const {
  std::int64_t all = 1;
  for (auto l = levels.begin() + level + 1; l < levels.end(); ++l) all *= l->used_y();
  return all;
}

nest nest_of(const problem& p, const mapping& m) {
  nest n;
  box below;
  below.fill(1);
  for (const level_loops& l : m.levels) {
    n.levels.push_back(level_of(p, l, below));
    below = n.levels.back().tile;
  }
  return n;
}

coordinates extents(const tensor& t, const box& b) {
  coordinates e;
  for (const axis& a : t.axes) {
    std::int64_t extent = 1;
    for (const axis_term& term : a) {
      extent += term.coefficient * (b[static_cast<std::size_t>(term.dimension)] - 1);
    }
    e.push_back(extent);
  }
  return e;
}

std::int64_t volume(const tensor& t, const box& b) {
  std::int64_t words = 1;
  for (const std::int64_t extent : extents(t, b)) words *= extent;
  return words;
}

coordinates step(const tensor& t, int dimension, std::int64_t distance) {
  coordinates moves;
  for (const axis& a : t.axes) {
    std::int64_t move = 0;
    for (const axis_term& term : a) {
      if (term.dimension == dimension) move += term.coefficient * distance;
    }
    moves.push_back(move);
  }
  return moves;
}

}  // namespace cugamma::timeloop::reference
