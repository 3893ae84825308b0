#include "certify/exact/lists/top_lists.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "certify/exact/bounds/level_0_energy.hpp"
#include "certify/exact/bounds/vector_waits.hpp"
#include "certify/exact/terms/busy.hpp"

namespace cugamma::exact {
namespace {

/// The classes of one dimension in a list: its only tile if it is parallel.
struct column {
  std::vector<std::uint16_t> index;
  std::vector<std::int32_t> step;  ///< what a step of level 0 covers at least
  std::vector<std::int32_t> steps;
  std::vector<outer_terms> terms;
};

column column_of(const question& q, const class_grid& grid, const top_list& list, int d) {
  column c;
  const auto add = [&](std::int32_t index, std::int32_t tile, std::int32_t units) {
    const dimension_terms t = terms_of(q, d, {tile, units, tile, 1});
    c.index.push_back(static_cast<std::uint16_t>(index));
    c.step.push_back(t.step);
    c.steps.push_back(static_cast<std::int32_t>(t.steps));
    c.terms.push_back(t.outer);
  };
  if (d == list.parallel) {
    add(grid.of_tile[at(d)][static_cast<std::size_t>(list.tile)], list.tile, list.units);
    return c;
  }
  const auto& classes = grid.classes[at(d)];
  for (std::size_t i = 0; i < classes.size(); ++i) {
    add(static_cast<std::int32_t>(i), classes[i].smallest, 1);
  }
  return c;
}

class list_filler {
 public:
  list_filler(const question& q,
              const class_grid& grid,
              const root_floors& floors,
              double best,
              top_list& list)
      : q_(q), floors_(floors), best_(best), list_(list), level_0_(q) {
    compulsory_.fill(level_0_.compulsory());
    for (int d = 0; d < free_dims; ++d) columns_[at(d)] = column_of(q, grid, list, d);
  }

  void run() {
    four_sizes step;
    for (std::size_t d = 0; d < free_dims; ++d) step[d] = columns_[d].step.front();
    descend(0, step);
  }

 private:
  /// Larger classes only need more of L2.
  void descend(std::size_t d, four_sizes step) {
    if (d == free_dims) return take();
    for (std::size_t i = 0; i < columns_[d].index.size(); ++i) {
      step[d] = columns_[d].step[i];
      if (!q_.fits_l2(step)) break;
      chosen_[d] = i;
      descend(d + 1, step);
    }
  }

  void take() {
    std::array<const outer_terms*, free_dims> terms;
    double steps = 1;
    for (std::size_t d = 0; d < free_dims; ++d) {
      terms[d] = &columns_[d].terms[chosen_[d]];
      steps *= columns_[d].steps[chosen_[d]];
    }
    four_floors least{};
    if (q_.has_energy) {
      // Energies of level 0 take long to compute.
      if (!may_be_better(compulsory_, steps)) return;
      least = level_0_.least(terms);
    }
    if (!may_be_better(least, steps)) return;
    top_vector v;
    for (std::size_t d = 0; d < free_dims; ++d) {
      v.classes[d] = columns_[d].index[chosen_[d]];
      if (columns_[d].steps[chosen_[d]] == 2) v.in_two_steps |= static_cast<std::uint8_t>(1u << d);
    }
    std::ranges::transform(least, v.least.begin(), rounded_down);
    v.steps = rounded_down(steps);
    v.first = rounded_down(q_.waited_for_box(chosen_step()));
    if (q_.has_cycles && !q_.has_exact_cycles) v.moved = moved_by(q_, terms, chosen_steps());
    list_.vectors.push_back(v);
  }

  four_sizes chosen_step() const {
    four_sizes step;
    for (std::size_t d = 0; d < free_dims; ++d) step[d] = columns_[d].step[chosen_[d]];
    return step;
  }

  four_sizes chosen_steps() const {
    four_sizes steps;
    for (std::size_t d = 0; d < free_dims; ++d) steps[d] = columns_[d].steps[chosen_[d]];
    return steps;
  }

  bool may_be_better(const four_floors& least, double steps) const {
    const waited_for w{.first = q_.waited_for_box(chosen_step())};
    for (int inner = 0; inner <= free_dims; ++inner) {
      if (inner != nothing_parallel && !contains(q_.parallel[1], inner)) continue;
      const std::int32_t n =
          inner == nothing_parallel ? 1 : columns_[at(inner)].steps[chosen_[at(inner)]];
      double energy = 0;
      for (const floor_kind kind : {no_share, input_share, filter_share, output_share}) {
        if (!is_valid(q_, kind, inner, n)) continue;
        energy = std::max(energy, least[kind] + floors_[at(inner)][kind]);
      }
      const double share = inner == nothing_parallel
                               ? 1
                               : q_.size[at(inner)] / static_cast<double>(list_.largest_cluster);
      const double cycles = q_.has_cycles ? least_cycles(q_, list_, inner, share, steps, w) : 0;
      if (!(q_.value(q_.fixed_energy + energy, cycles) > best_)) return true;
    }
    return false;
  }

  const question& q_;
  const root_floors& floors_;
  double best_;
  top_list& list_;
  level_0_energy level_0_;
  four_floors compulsory_{};
  std::array<column, free_dims> columns_;
  std::array<std::size_t, free_dims> chosen_{};
};

/// The cluster sizes that give a dimension of so many tiles so many sub-clusters.
void set_cluster_sizes(const question& q, std::int32_t tiles, top_list& list) {
  list.largest_cluster = std::min(q.largest_cluster, q.machine.num_pes / list.units);
  list.least_cluster = list.units == tiles ? 1 : q.machine.num_pes / (list.units + 1) + 1;
  list.least_cluster = std::max(list.least_cluster, q.least_cluster);
}

}  // namespace

float rounded_down(double x) {
  const float f = static_cast<float>(x);
  return f > x ? std::nextafter(f, -std::numeric_limits<float>::infinity()) : f;
}

class_grid::class_grid(const question& q) {
  for (std::size_t d = 0; d < free_dims; ++d) {
    const tile_bounds& rule = q.tiles[0][d];
    classes[d] = tile_classes(q.size[d], rule.least_below(q.size[d]), rule.most_below(q.size[d]));
    of_tile[d] = class_of_tiles(classes[d], q.size[d]);
  }
}

std::vector<top_list> empty_lists(const question& q) {
  top_list none;
  none.least_cluster = q.least_cluster;
  none.largest_cluster = q.largest_cluster;
  std::vector<top_list> all{none};
  for (int d = 0; d < free_dims; ++d) {
    if (!contains(q.parallel[0], d)) continue;
    const std::int32_t size = q.size[at(d)];
    const tile_bounds& rule = q.tiles[0][at(d)];
    const std::int32_t most = std::min(rule.most_below(size), size - 1);
    for (std::int32_t tile = rule.least_below(size); tile <= most; ++tile) {
      const std::int32_t tiles = ceil_div(size, tile);
      for (std::int32_t units = 2; units <= std::min(tiles, q.machine.num_pes); ++units) {
        top_list list;
        list.parallel = d;
        list.tile = tile;
        list.units = units;
        set_cluster_sizes(q, tiles, list);
        if (list.least_cluster > list.largest_cluster) continue;
        list.steps = ceil_div(tiles, units);
        list.busy = static_cast<double>(busy_extent(size, tile, units, 1, 1));
        all.push_back(std::move(list));
      }
    }
  }
  return all;
}

double least_cycles(const question& q,
                    const top_list& list,
                    int inner,
                    double inner_busy,
                    double steps,
                    const waited_for& w) {
  double busy = 1;
  for (int d = 0; d < free_dims; ++d) {
    double extent = q.size[at(d)];
    if (d == inner) extent = list.parallel == d ? inner_busy / list.units : inner_busy;
    if (d == list.parallel && d != inner) extent = list.busy;
    busy *= extent;
  }
  return q.cycles(busy, steps, w);
}

void fill_list(const question& q,
               const class_grid& grid,
               const root_floors& floors,
               double best,
               top_list& list) {
  list_filler(q, grid, floors, best, list).run();
}

}  // namespace cugamma::exact
