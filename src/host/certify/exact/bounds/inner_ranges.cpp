#include "certify/exact/bounds/inner_ranges.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "certify/exact/terms/busy.hpp"

namespace cugamma::exact {
namespace {

constexpr float unknown = std::numeric_limits<float>::infinity();

/// The largest x in low .. high for which fits(x) holds, given that it holds for low.
template <class Fits>
std::int32_t largest_that(std::int32_t low, std::int32_t high, const Fits& fits) {
  while (low < high) {
    const std::int32_t middle = high - (high - low) / 2;
    if (fits(middle)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace

std::vector<inner_range> root_ranges(const question& q) {
  std::vector<inner_range> all;
  for (int d = 0; d <= free_dims; ++d) {
    if (d != nothing_parallel && !contains(q.parallel[1], d)) continue;
    inner_range r{.parallel = d};
    for (std::size_t i = 0; i < free_dims; ++i) {
      const tile_bounds &above = q.tiles[0][i], &below = q.tiles[1][i];
      r.low[i] = below.least_below(above.least_below(q.size[i]));
      r.high[i] = below.most_below(above.most_below(q.size[i]));
    }
    if (d != nothing_parallel) {
      r.units_low = 2;
      r.units_high = std::min(q.largest_cluster, q.size[at(d)]);
    }
    if (tighten(q, r)) all.push_back(r);
  }
  return all;
}

std::int32_t least_outer_tile(const inner_range& r, int d) {
  const std::int32_t tile = r.low[at(d)];
  if (d != r.parallel) return tile;
  return static_cast<std::int32_t>(std::int64_t{r.units_low - 1} * tile + 1);
}

bool tighten(const question& q, inner_range& r) {
  if (r.units_low > r.units_high || !q.fits_l1(r.low)) return false;
  if (r.parallel != nothing_parallel) {
    const std::int32_t size = q.size[at(r.parallel)];
    const std::int32_t low = r.low[at(r.parallel)];
    if (std::int64_t{r.units_low - 1} * low >= size) return false;
    r.units_high = std::min(r.units_high, (size - 1) / low + 1);
    r.high[at(r.parallel)] =
        std::min(r.high[at(r.parallel)], r.units_low == 1 ? size : (size - 1) / (r.units_low - 1));
  }
  for (std::size_t d = 0; d < free_dims; ++d) {
    r.high[d] = largest_that(r.low[d], r.high[d], [&](std::int32_t tile) {
      four_sizes tiles = r.low;
      tiles[d] = tile;
      return q.fits_l1(tiles);
    });
  }
  return true;
}

std::pair<inner_range, inner_range> halves(const inner_range& r) {
  // The widest by the quotient of its ends; free_dims stands for the units.
  int widest = free_dims;
  double most = static_cast<double>(r.units_high) / r.units_low;
  for (int d = 0; d < free_dims; ++d) {
    const double width = static_cast<double>(r.high[at(d)]) / r.low[at(d)];
    if (width > most) {
      most = width;
      widest = d;
    }
  }
  std::pair<inner_range, inner_range> parts{r, r};
  const auto split = [](std::int32_t low, std::int32_t high) {
    const auto middle = static_cast<std::int32_t>(std::sqrt(static_cast<double>(low) * high));
    return std::clamp(middle, low, high - 1);
  };
  if (widest == free_dims) {
    parts.first.units_high = split(r.units_low, r.units_high);
    parts.second.units_low = parts.first.units_high + 1;
  } else {
    parts.first.high[at(widest)] = split(r.low[at(widest)], r.high[at(widest)]);
    parts.second.low[at(widest)] = parts.first.high[at(widest)] + 1;
  }
  return parts;
}

least_table::least_table(const question& q,
                         const class_grid& grid,
                         const std::vector<top_list>& lists)
    : q_(q), grid_(grid) {
  std::size_t places = 1;
  for (std::size_t d = 0; d < free_dims; ++d) {
    count_[d] = grid.classes[d].size();
    places *= count_[d];
  }
  for (std::int32_t c = q.largest_cluster; c >= q.least_cluster; --c) {
    const std::int32_t units = q.machine.num_pes / c;
    if (groups_.empty() || groups_.back().units != units) {
      group g;
      g.units = units;
      g.busy_part.fill(std::numeric_limits<double>::infinity());
      groups_.push_back(std::move(g));
    }
  }
  for (const top_list& list : lists) {
    if (list.vectors.empty()) continue;
    const auto g = std::ranges::lower_bound(groups_, list.units, {}, &group::units);
    if (g->least[no_share].empty()) {
      for (auto& table : g->least) table.assign(places, unknown);
      for (auto& table : g->of_two_steps) table.assign(places, unknown);
    }
    put(list, *g);
  }
  for (group& g : groups_) spread(g);
}

std::size_t least_table::place(const std::array<std::size_t, free_dims>& classes) const {
  std::size_t place = 0;
  for (std::size_t d = 0; d < free_dims; ++d) place = place * count_[d] + classes[d];
  return place;
}

void least_table::put(const top_list& list, group& g) {
  double& part = g.busy_part[at(list.parallel)];
  const double size = list.parallel == nothing_parallel ? 1 : q_.size[at(list.parallel)];
  part = std::min(part, list.busy / size);
  for (const top_vector& v : list.vectors) {
    std::array<std::size_t, free_dims> classes;
    for (std::size_t d = 0; d < free_dims; ++d) classes[d] = v.classes[d];
    const std::size_t i = place(classes);
    for (std::size_t kind = 0; kind < floor_count; ++kind) {
      g.least[kind][i] = std::min(g.least[kind][i], v.least[kind]);
    }
    for (std::size_t d = 0; d < free_dims; ++d) {
      const std::int32_t steps =
          list.parallel == static_cast<int>(d) ? list.steps : grid_.of(d, v.classes[d]).steps;
      if (steps != 2) continue;
      g.of_two_steps[d][i] = std::min(g.of_two_steps[d][i], v.least[no_share]);
    }
  }
}

void least_table::spread(group& g) const {
  for (auto& table : g.least) spread(table);
  for (auto& table : g.of_two_steps) spread(table);
}

/// Each place gets the least of all places with no smaller class of any dimension.
void least_table::spread(std::vector<float>& table) const {
  std::size_t stride = 1;
  for (std::size_t d = free_dims; d-- > 0;) {
    const std::size_t block = stride * count_[d];
    for (std::size_t begin = 0; begin < table.size(); begin += block) {
      for (std::size_t i = begin + block - stride; i-- > begin;) {
        table[i] = std::min(table[i], table[i + stride]);
      }
    }
    stride = block;
  }
}

double least_table::bound(const inner_range& r, const four_floors& floors) const {
  double least = std::numeric_limits<double>::infinity();
  const std::int32_t most_units = q_.machine.num_pes / std::max(r.units_low, q_.least_cluster);
  for (const group& g : groups_) {
    if (g.units > most_units) break;
    if (g.least[no_share].empty()) continue;
    const double energy = least_energy(g, r, floors);
    if (energy == std::numeric_limits<double>::infinity()) continue;
    const double cycles = q_.has_cycles ? least_cycles_of(g, r) : 0;
    least = std::min(least, q_.value(q_.fixed_energy + energy, cycles));
  }
  return least;
}

double least_table::least_energy(const group& g,
                                 const inner_range& r,
                                 const four_floors& floors) const {
  std::array<std::size_t, free_dims> classes;
  for (int d = 0; d < free_dims; ++d) {
    classes[at(d)] = static_cast<std::size_t>(
        grid_.of_tile[at(d)][static_cast<std::size_t>(least_outer_tile(r, d))]);
  }
  const std::size_t i = place(classes);
  double energy = 0;
  for (const floor_kind kind : {no_share, input_share, filter_share, output_share}) {
    constexpr std::int32_t many_steps = 3;
    if (!is_valid(q_, kind, r.parallel, many_steps)) continue;
    double of_kind = g.least[kind][i] + floors[kind];
    if (!is_valid(q_, kind, r.parallel, 2)) {
      of_kind = std::min(of_kind, g.of_two_steps[at(r.parallel)][i] + floors[no_share]);
    }
    energy = std::max(energy, of_kind);
  }
  return energy;
}

double least_table::least_cycles_of(const group& g, const inner_range& r) const {
  double inner_part = 1;
  if (r.parallel != nothing_parallel) {
    const std::int32_t size = q_.size[at(r.parallel)];
    inner_part = 1.0 / r.units_high;
    if (r.is_single()) {
      inner_part =
          static_cast<double>(first_share(size, r.low[at(r.parallel)], r.units_low)) / size;
    }
  }
  double outer_part = std::numeric_limits<double>::infinity();
  for (int d = 0; d <= free_dims; ++d) {
    // Both levels parallel in one dimension: a sub-cluster has at least its share of the whole.
    const bool is_both = d == r.parallel && d != nothing_parallel;
    const double part = g.busy_part[at(d)];
    if (part == std::numeric_limits<double>::infinity()) continue;
    outer_part = std::min(outer_part, is_both ? std::min(part, 1.0 / g.units) : part);
  }
  double all = inner_part * outer_part;
  for (const std::int32_t size : q_.size) all *= size;
  return q_.cycles(all, 1);
}

}  // namespace cugamma::exact
