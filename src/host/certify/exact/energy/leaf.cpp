#include "certify/exact/energy/leaf.hpp"

#include <algorithm>
#include <limits>

#include "certify/exact/bounds/inner_ranges.hpp"
#include "certify/exact/terms/busy.hpp"

namespace cugamma::exact {
namespace {

std::size_t at(int d) { return static_cast<std::size_t>(d); }

std::int32_t steps_along(const class_grid& grid, const top_list& list, const top_vector& v, int d) {
  return list.parallel == d ? list.steps : grid.of(at(d), v.classes[at(d)]).steps;
}

}  // namespace

plain_choices::plain_choices(const question& q, const class_grid& grid) : q_(q), grid_(grid) {
  for (std::size_t d = 0; d < free_dims; ++d) {
    kept_[d].resize(static_cast<std::size_t>(q.size[d]) + 1);
  }
}

const std::vector<dimension_terms>& plain_choices::of(int d,
                                                      std::uint16_t index,
                                                      std::int32_t inner_tile) {
  of_classes& of_tile = kept_[at(d)][static_cast<std::size_t>(inner_tile)];
  if (of_tile.empty()) of_tile.resize(grid_.classes[at(d)].size());
  auto& found = of_tile[index];
  if (!found) {
    const tile_class& c = grid_.of(at(d), index);
    const std::int32_t low = std::max(c.smallest, inner_tile);
    found = tile_choices(q_, d, low, c.largest, inner_tile, 1, fill_rule::any);
  }
  return *found;
}

leaf_opener::leaf_opener(const question& q,
                         const class_grid& grid,
                         const sorted_lists& lists,
                         incumbent& best,
                         std::function<bool()> is_over)
    : q_(q),
      grid_(grid),
      lists_(lists),
      best_(best),
      is_over_(std::move(is_over)),
      weights_(weights_of(q)),
      plain_(q, grid) {}

bool leaf_opener::open(const inner_range& r, const four_floors& floors) {
  range_ = r;
  floors_ = floors;
  inner_.clear();
  starts_.emplace(q_, range_);
  inner_busy_ = 1;
  if (r.parallel != nothing_parallel) {
    inner_busy_ = static_cast<double>(
        first_share(q_.size[at(r.parallel)], r.low[at(r.parallel)], r.units_low));
  }
  least_cycles_ = least_cycles_of_all();
  const floor_kind kind = best_kind();
  if (!open_lists(kind, false)) return false;
  return is_valid(q_, kind, range_.parallel, 2) || open_lists(no_share, true);
}

double leaf_opener::least_cycles_of_all() const {
  double part = std::numeric_limits<double>::infinity();
  for (int d = 0; d <= free_dims; ++d) {
    const bool is_both = d == range_.parallel && d != nothing_parallel;
    part = std::min(part, is_both ? 1.0 / lists_.most_units() : lists_.busy_part(d));
  }
  if (range_.parallel != nothing_parallel) part *= inner_busy_ / q_.size[at(range_.parallel)];
  for (const std::int32_t size : q_.size) part *= size;
  return q_.cycles(part, 1);
}

/// The kind of floor that bounds the most, of those that hold but for exceptions.
floor_kind leaf_opener::best_kind() const {
  floor_kind best = no_share;
  double most = 0;
  for (const floor_kind kind : floor_kinds) {
    constexpr std::int32_t many_steps = 3;
    if (!is_valid(q_, kind, range_.parallel, many_steps) || lists_.all().empty()) continue;
    const top_list& first = lists_.all()[lists_.order(kind).front()];
    const double energy = sorted_lists::least(first, kind) + floors_[kind];
    if (energy > most) {
      most = energy;
      best = kind;
    }
  }
  return best;
}

bool leaf_opener::open_lists(floor_kind kind, bool only_exceptions) {
  for (const std::uint32_t i : lists_.order(kind)) {
    const top_list& list = lists_.all()[i];
    const double energy = q_.fixed_energy + sorted_lists::least(list, kind) + floors_[kind];
    if (!best_.may_reach(q_.value(energy, least_cycles_))) return true;
    if (list.parallel != nothing_parallel && list.tile < least_outer_tile(range_, list.parallel)) {
      continue;
    }
    if (!has_clusters(list, fill_rule::all_in) && !has_clusters(list, fill_rule::more_in)) continue;
    if (is_over_()) return false;
    open_list(list, kind, only_exceptions);
  }
  return true;
}

void leaf_opener::open_list(const top_list& list, floor_kind kind, bool only_exceptions) {
  const double cycles = q_.has_cycles ? least_cycles(q_, list, range_.parallel, inner_busy_, 1) : 0;
  outer_choice_.clear();
  for (const std::uint32_t i : list.order[kind]) {
    const top_vector& v = list.vectors[i];
    const double energy = q_.fixed_energy + v.least[kind] + floors_[kind];
    if (!best_.may_reach(q_.value(energy, cycles))) return;
    const std::int32_t steps = inner_steps(list, v);
    if (!is_valid(q_, kind, range_.parallel, steps)) continue;
    if (only_exceptions && steps != 2) continue;
    if (best_.may_reach(bound(list, v))) open_vector(list, v);
  }
}

/// Whether some cluster size gives the list its sub-clusters and the leaf its PEs.
bool leaf_opener::has_clusters(const top_list& list, fill_rule rule) const {
  const std::int32_t units = range_.units_low;
  if (range_.parallel == nothing_parallel) return true;
  return units <= list.largest_cluster &&
         (rule != fill_rule::more_in || list.least_cluster <= units);
}

std::int32_t leaf_opener::inner_steps(const top_list& list, const top_vector& v) const {
  const int d = range_.parallel;
  return d == nothing_parallel ? 1 : steps_along(grid_, list, v, d);
}

/// No mapping of the leaf under a vector has a lower value.
double leaf_opener::bound(const top_list& list, const top_vector& v) const {
  double cycles = 0;
  if (q_.has_cycles) {
    double all_steps = 1;
    for (int d = 0; d < free_dims; ++d) all_steps *= steps_along(grid_, list, v, d);
    cycles = least_cycles(q_, list, range_.parallel, inner_busy_, all_steps);
  }
  const std::int32_t steps = inner_steps(list, v);
  double energy = 0;
  for (const floor_kind kind : floor_kinds) {
    if (!is_valid(q_, kind, range_.parallel, steps)) continue;
    energy = std::max(energy, v.least[kind] + floors_[kind]);
  }
  const double value = q_.value(q_.fixed_energy + energy, cycles);
  if (!best_.may_reach(value)) return value;
  energy = std::max(energy, v.least[no_share] + energy_of_starts(list, v));
  return q_.value(q_.fixed_energy + energy, cycles);
}

/// What moves below the cluster buffers at least, by what the starts of level 1 move.
double leaf_opener::energy_of_starts(const top_list& list, const top_vector& v) const {
  outer_cuts cuts;
  for (int d = 0; d < free_dims; ++d) {
    const tile_class& c = grid_.of(at(d), v.classes[at(d)]);
    const bool is_listed = d == list.parallel;
    cuts.smallest[at(d)] = is_listed ? list.tile : c.smallest;
    cuts.tiles[at(d)] = is_listed ? ceil_div(q_.size[at(d)], list.tile) : c.steps;
  }
  double energy = 0;
  for (const floor_kind kind : {input_share, filter_share, output_share}) {
    energy = std::max(energy, share_of_level_0 * starts_->of(kind, cuts) + floors_[kind]);
  }
  return energy;
}

void leaf_opener::open_vector(const top_list& list, const top_vector& v) {
  if (range_.parallel == nothing_parallel) return choose_under(list, v, fill_rule::any);
  for (const fill_rule rule : {fill_rule::all_in, fill_rule::more_in}) {
    if (has_clusters(list, rule)) choose_under(list, v, rule);
  }
}

void leaf_opener::choose_under(const top_list& list, const top_vector& v, fill_rule rule) {
  for (int d = 0; d < free_dims; ++d) {
    const std::int32_t inner_tile = range_.low[at(d)];
    if (d == list.parallel) {
      const bool is_both = d == range_.parallel;
      const bool is_full = ceil_div(list.tile, inner_tile) <= range_.units_low;
      if (is_both && is_full != (rule == fill_rule::all_in)) return;
      if (outer_choice_.empty()) {
        const std::int32_t units = is_both ? range_.units_low : 1;
        outer_choice_.push_back(terms_of(q_, d, {list.tile, list.units, inner_tile, units}));
      }
      choices_[at(d)] = &outer_choice_;
    } else if (d == range_.parallel) {
      choices_[at(d)] = &inner_choices(v.classes[at(d)], rule);
    } else {
      choices_[at(d)] = &plain_.of(d, v.classes[at(d)], inner_tile);
    }
    if (choices_[at(d)]->empty()) return;
  }
  choose(list, 0);
}

const std::vector<dimension_terms>& leaf_opener::inner_choices(std::uint16_t index,
                                                               fill_rule rule) {
  const auto [place, is_new] = inner_.try_emplace({index, rule});
  if (is_new) {
    const int d = range_.parallel;
    const tile_class& c = grid_.of(at(d), index);
    const std::int32_t low = std::max(c.smallest, least_outer_tile(range_, d));
    place->second = tile_choices(q_, d, low, c.largest, range_.low[at(d)], range_.units_low, rule);
  }
  return place->second;
}

void leaf_opener::choose(const top_list& list, std::size_t d) {
  if (d == free_dims) return price(list);
  for (const dimension_terms& t : *choices_[d]) {
    chosen_[d] = &t;
    choose(list, d + 1);
  }
}

void leaf_opener::price(const top_list& list) {
  four_sizes step;
  double busy = 1, steps = 1;
  for (std::size_t d = 0; d < free_dims; ++d) {
    step[d] = chosen_[d]->step;
    busy *= chosen_[d]->busy;
    steps *= chosen_[d]->steps;
  }
  if (!q_.fits_l2(step)) return;
  const open_energy e = open_energy_of(weights_, chosen_);
  const double cycles = q_.cycles(busy, steps);
  if (!best_.may_reach(q_.value(q_.fixed_energy + e.least(), cycles))) return;
  point p;
  p.tile[1] = range_.low;
  p.parallel = {list.parallel, range_.parallel};
  p.units = {list.units, range_.units_low};
  best_.offer(p, chosen_, e, cycles);
}

}  // namespace cugamma::exact
