#include "certify/exact/bounds/inner_ranges.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "certify/exact/terms/busy.hpp"
#include "certify/on_threads.hpp"

namespace cugamma::exact {
namespace {

/// Whether the inner parallel dimension makes two steps of level 0.
bool makes_two_steps(const top_vector& v, int inner) {
  return inner != nothing_parallel && (v.in_two_steps >> inner & 1) != 0;
}

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

root_floors floors_of_roots(const question& q) {
  root_floors floors{};
  for (four_floors& f : floors) f.fill(std::numeric_limits<double>::infinity());
  for (const inner_range& r : root_ranges(q)) floors[at(r.parallel)] = inner_floors(q, r);
  return floors;
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
                         const std::vector<top_list>& lists,
                         const root_floors& floors,
                         double best,
                         int threads)
    : q_(q),
      grid_(grid),
      floors_(floors),
      best_(best),
      fixed_(q.has_energy ? q.fixed_energy : 1),
      work_(q.shape.filter / static_cast<double>(q.machine.simd_lanes)) {
  for (const std::int32_t size : q.size) work_ *= size;
  for (std::size_t d = 0; d < free_dims; ++d) {
    count_[d] = grid.classes[d].size();
    places_ *= count_[d];
  }
  for (std::int32_t c = q.largest_cluster; c >= q.least_cluster; --c) {
    const std::int32_t units = q.machine.num_pes / c;
    if (!groups_.empty() && groups_.back().units == units) continue;
    groups_.emplace_back();
    groups_.back().units = units;
  }
  for (const top_list& list : lists) {
    const auto g = std::ranges::lower_bound(groups_, list.units, {}, &group::units);
    g->lists.push_back(&list);
  }
  constexpr std::size_t inners = free_dims + 1;
  std::atomic<std::size_t> next = 0;
  on_threads(threads, [&](int) {
    for (std::size_t i = next++; i < groups_.size() * inners; i = next++) {
      fill(static_cast<int>(i % inners), groups_[i / inners]);
    }
  });
}

std::size_t least_table::place(const std::array<std::size_t, free_dims>& classes) const {
  std::size_t place = 0;
  for (std::size_t d = 0; d < free_dims; ++d) place = place * count_[d] + classes[d];
  return place;
}

/// Whether mappings of a group and an inner parallel dimension may be better than the best known.
bool least_table::may_be_better(const group& g, int inner) const {
  double work = work_ / g.units;
  if (inner != nothing_parallel) {
    const std::int32_t size = q_.size[at(inner)];
    const std::int32_t units = std::min({size, q_.largest_cluster, q_.machine.num_pes / g.units});
    work *= static_cast<double>(ceil_div(size, units)) / size;
  }
  if (floors_[at(inner)][no_share] == std::numeric_limits<double>::infinity()) return false;
  const double value = q_.value(fixed_ + floors_[at(inner)][no_share], work);
  return value * (1 - q_.rounding) <= best_;
}

/// The tables of one inner parallel dimension; and those of all, where they are the same.
void least_table::fill(int inner, group& g) const {
  const bool is_asked = may_be_better(g, inner);
  bool has_least = false;
  for (int d = 0; d <= free_dims; ++d) {
    has_least = has_least || (raised_by(d) == inner && may_be_better(g, d));
  }
  if (g.lists.empty() || (!has_least && !is_asked)) return;
  auto& least = g.least[at(inner)];
  energies& of_two_steps = g.of_two_steps[at(inner)];
  if (has_least) least.fill(energies(places_, unknown));
  if (is_asked) of_two_steps.assign(places_, unknown);
  for (const top_list* list : g.lists) {
    for (const top_vector& v : list->vectors) {
      const bool is_of_two_steps = is_asked && makes_two_steps(v, inner);
      if (!has_least && !is_of_two_steps) continue;
      const double part = q_.has_cycles ? waiting_part(*list, v, inner, g) : 0;
      std::array<std::size_t, free_dims> classes;
      for (std::size_t d = 0; d < free_dims; ++d) classes[d] = v.classes[d];
      const std::size_t i = place(classes);
      const auto lower = [&](float& known, floor_kind kind) {
        double energy = v.least[kind];
        if (part > 0) energy += part * (fixed_ + energy + floors_[at(inner)][kind]);
        known = std::min(known, rounded_down(energy));
      };
      for (const floor_kind kind : floor_kinds) {
        if (has_least) lower(least[kind][i], kind);
      }
      if (is_of_two_steps) lower(of_two_steps[i], no_share);
    }
  }
  for (energies& table : least) spread(table);
  spread(of_two_steps);
}

/// By what part a mapping with the vector that is better than the best known takes longer at least
/// than its busiest PE works, if all sub-clusters of the group share out the work, and than what is
/// moved takes.
double least_table::waiting_part(const top_list& list,
                                 const top_vector& v,
                                 int inner,
                                 const group& g) const {
  double energy = 0;
  for (const floor_kind kind : floor_kinds) {
    constexpr std::int32_t many_steps = 3;
    if (!is_valid(q_, kind, inner, makes_two_steps(v, inner) ? 2 : many_steps)) continue;
    energy = std::max(energy, v.least[kind] + floors_[at(inner)][kind]);
  }
  const double most_cycles = best_ / q_.value(fixed_ + energy, 1);
  double share = 1;
  if (list.parallel == inner) {
    share = 1.0 / list.units;
  } else if (list.parallel != nothing_parallel) {
    share = list.busy / q_.size[at(list.parallel)];
  }
  const double noc = static_cast<double>(q_.machine.noc_bw);
  const double waits = q_.start_cycles * (v.steps + 1) + std::max(v.first / noc - 1, 0.0);
  const double least_work = work_ / q_.machine.num_pes, part = share * g.units;
  const double longer = part * (1 + waits / std::max(least_work, most_cycles - waits));
  const double transfer = q_.transfer_cycles;
  if (least_work >= transfer) return longer - 1;
  return std::min(longer, std::max(part * least_work + waits, transfer) / transfer) - 1;
}

/// Each place gets the least of all places with no smaller class of any dimension.
void least_table::spread(energies& table) const {
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
    if (g.of_two_steps[at(r.parallel)].empty()) continue;
    const double energy = least_energy(g, r, floors);
    if (energy == std::numeric_limits<double>::infinity()) continue;
    double value = q_.has_energy ? q_.value(fixed_ + energy, 1) : fixed_ + energy;
    if (q_.has_cycles) value *= std::max(least_work(g, r), q_.transfer_cycles);
    least = std::min(least, value);
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
  const auto& least = g.least[at(raised_by(r.parallel))];
  double energy = 0;
  for (const floor_kind kind : floor_kinds) {
    constexpr std::int32_t many_steps = 3;
    if (!is_valid(q_, kind, r.parallel, many_steps)) continue;
    double of_kind = least[kind][i] + floors[kind];
    if (!is_valid(q_, kind, r.parallel, 2)) {
      of_kind = std::min(of_kind, g.of_two_steps[at(r.parallel)][i] + floors[no_share]);
    }
    energy = std::max(energy, of_kind);
  }
  return energy;
}

/// Cycles that the busiest PE works at least, if all sub-clusters of the group share out the work.
double least_table::least_work(const group& g, const inner_range& r) const {
  const double all = work_ / g.units;
  if (r.parallel == nothing_parallel) return all;
  const std::int32_t units = std::min(r.units_high, q_.machine.num_pes / g.units);
  return all * least_share(q_, r, units) / q_.size[at(r.parallel)];
}

double least_share(const question& q, const inner_range& r, std::int32_t units) {
  const std::int32_t size = q.size[at(r.parallel)], tile = r.low[at(r.parallel)];
  if (tile == r.high[at(r.parallel)]) return static_cast<double>(first_share(size, tile, units));
  return std::max(ceil_div(size, units), tile);
}

}  // namespace cugamma::exact
