#include "certify/exact/energy/leaf.hpp"

#include <algorithm>
#include <limits>

#include "certify/exact/bounds/inner_ranges.hpp"
#include "certify/exact/terms/busy.hpp"

namespace cugamma::exact {
namespace {

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

leaf_opener::leaf::leaf(const question& q, const inner_range& r)
    : range(r), floors(inner_floors(q, r)), starts(q, r) {
  if (r.parallel == nothing_parallel) return;
  inner_busy =
      static_cast<double>(first_share(q.size[at(r.parallel)], r.low[at(r.parallel)], r.units_high));
}

std::optional<leaf_findings> leaf_opener::open(const inner_range& r) {
  found_ = {};
  together_.emplace(q_, r);
  single_.clear();
  single_.resize(static_cast<std::size_t>(r.units_high - r.units_low + 1));
  least_cycles_ = least_cycles_of_all(*together_);
  const floor_kind kind = best_kind(*together_);
  bool is_done = open_lists(kind, false);
  if (is_done && !is_valid(q_, kind, r.parallel, 2)) is_done = open_lists(no_share, true);
  return is_done ? std::optional(found_) : std::nullopt;
}

double leaf_opener::least_cycles_of_all(const leaf& l) const {
  if (!q_.has_cycles) return 0;
  const int inner = l.range.parallel;
  double part = std::numeric_limits<double>::infinity();
  for (int d = 0; d <= free_dims; ++d) {
    const bool is_both = d == inner && d != nothing_parallel;
    part = std::min(part, is_both ? 1.0 / lists_.most_units() : lists_.busy_part(d));
  }
  if (inner != nothing_parallel) part *= l.inner_busy / q_.size[at(inner)];
  for (const std::int32_t size : q_.size) part *= size;
  return q_.cycles(part, 1);
}

/// The kind of floor that bounds the most, of those that hold but for exceptions.
floor_kind leaf_opener::best_kind(const leaf& l) const {
  floor_kind best = no_share;
  double most = 0;
  for (const floor_kind kind : floor_kinds) {
    constexpr std::int32_t many_steps = 3;
    if (!is_valid(q_, kind, l.range.parallel, many_steps) || lists_.all().empty()) continue;
    const top_list& first = lists_.all()[lists_.order(kind).front()];
    const double energy = sorted_lists::least(first, kind) + l.floors[kind];
    if (energy > most) {
      most = energy;
      best = kind;
    }
  }
  return best;
}

bool leaf_opener::open_lists(floor_kind kind, bool only_exceptions) {
  const inner_range& range = together_->range;
  for (const std::uint32_t i : lists_.order(kind)) {
    const top_list& list = lists_.all()[i];
    const double energy =
        q_.fixed_energy + sorted_lists::least(list, kind) + together_->floors[kind];
    if (!best_.may_reach(q_.value(energy, least_cycles_))) return true;
    if (list.parallel != nothing_parallel && list.tile < least_outer_tile(range, list.parallel)) {
      continue;
    }
    if (range.parallel != nothing_parallel && range.units_low > list.largest_cluster) continue;
    if (is_over_()) return false;
    open_list(list, kind, only_exceptions);
  }
  return true;
}

void leaf_opener::open_list(const top_list& list, floor_kind kind, bool only_exceptions) {
  const int inner = together_->range.parallel;
  const double cycles = q_.has_cycles ? least_cycles(q_, list, inner, together_->inner_busy, 1) : 0;
  for (const std::uint32_t i : list.order[kind]) {
    const top_vector& v = list.vectors[i];
    const double energy = q_.fixed_energy + v.least[kind] + together_->floors[kind];
    if (!best_.may_reach(q_.value(energy, cycles))) return;
    const std::int32_t steps = inner_steps(list, v);
    if (!is_valid(q_, kind, inner, steps)) continue;
    if (only_exceptions && steps != 2) continue;
    if (best_.may_reach(bound(*together_, list, v))) open_vector(list, v);
  }
}

std::int32_t leaf_opener::inner_steps(const top_list& list, const top_vector& v) const {
  const int d = together_->range.parallel;
  return d == nothing_parallel ? 1 : steps_along(grid_, list, v, d);
}

double leaf_opener::bound(const leaf& l, const top_list& list, const top_vector& v) const {
  double cycles = 0;
  if (q_.has_cycles) {
    double all_steps = 1;
    for (int d = 0; d < free_dims; ++d) all_steps *= steps_along(grid_, list, v, d);
    cycles = least_cycles(q_, list, l.range.parallel, l.inner_busy, all_steps);
  }
  const std::int32_t steps = inner_steps(list, v);
  double energy = 0;
  for (const floor_kind kind : floor_kinds) {
    if (!is_valid(q_, kind, l.range.parallel, steps)) continue;
    energy = std::max(energy, v.least[kind] + l.floors[kind]);
  }
  const double value = q_.value(q_.fixed_energy + energy, cycles);
  if (!best_.may_reach(value)) return value;
  energy = std::max(energy, v.least[no_share] + energy_of_starts(l, list, v));
  return q_.value(q_.fixed_energy + energy, cycles);
}

/// What moves below the cluster buffers at least, by what the starts of level 1 move.
double leaf_opener::energy_of_starts(const leaf& l,
                                     const top_list& list,
                                     const top_vector& v) const {
  outer_cuts cuts;
  for (int d = 0; d < free_dims; ++d) {
    const tile_class& c = grid_.of(at(d), v.classes[at(d)]);
    const bool is_listed = d == list.parallel;
    cuts.smallest[at(d)] = is_listed ? list.tile : c.smallest;
    cuts.tiles[at(d)] = is_listed ? ceil_div(q_.size[at(d)], list.tile) : c.steps;
  }
  double energy = 0;
  for (const floor_kind kind : {input_share, filter_share, output_share}) {
    energy = std::max(energy, share_of_level_0 * l.starts.of(kind, cuts) + l.floors[kind]);
  }
  return energy;
}

/// Opens a vector for each number of PEs that its own bound does not settle.
void leaf_opener::open_vector(const top_list& list, const top_vector& v) {
  if (single_.size() == 1) return open_vector(*together_, list, v);
  for (std::size_t i = 0; i < single_.size(); ++i) {
    std::optional<leaf>& l = single_[i];
    if (!l) {
      inner_range r = together_->range;
      r.units_low = r.units_high = r.units_low + static_cast<std::int32_t>(i);
      l.emplace(q_, r);
    }
    if (best_.may_reach(bound(*l, list, v))) open_vector(*l, list, v);
  }
}

void leaf_opener::open_vector(leaf& l, const top_list& list, const top_vector& v) {
  ++found_.vectors;
  if (l.range.parallel == nothing_parallel) return choose_under(l, list, v, fill_rule::any);
  // Some cluster size has to give the list its sub-clusters and the leaf its PEs.
  const std::int32_t units = l.range.units_low;
  if (units > list.largest_cluster) return;
  choose_under(l, list, v, fill_rule::all_in);
  if (units >= list.least_cluster) choose_under(l, list, v, fill_rule::more_in);
}

void leaf_opener::choose_under(leaf& l, const top_list& list, const top_vector& v, fill_rule rule) {
  for (int d = 0; d < free_dims; ++d) {
    const std::int32_t inner_tile = l.range.low[at(d)];
    if (d == list.parallel) {
      const bool is_both = d == l.range.parallel;
      const std::int32_t units = is_both ? l.range.units_low : 1;
      if (!q_.allows(d, list.tile, inner_tile)) return;
      if (is_both && (list.tile < least_outer_tile(l.range, d) ||
                      (ceil_div(list.tile, inner_tile) <= units) != (rule == fill_rule::all_in))) {
        return;
      }
      outer_choice_.assign(1, terms_of(q_, d, {list.tile, list.units, inner_tile, units}));
      choices_[at(d)] = &outer_choice_;
    } else if (d == l.range.parallel) {
      choices_[at(d)] = &inner_choices(l, v.classes[at(d)], rule);
    } else {
      choices_[at(d)] = &plain_.of(d, v.classes[at(d)], inner_tile);
    }
    if (choices_[at(d)]->empty()) return;
  }
  choose(l, list, 0);
}

const std::vector<dimension_terms>& leaf_opener::inner_choices(leaf& l,
                                                               std::uint16_t index,
                                                               fill_rule rule) {
  const auto [place, is_new] = l.choices.try_emplace({index, rule});
  if (is_new) {
    const inner_range& r = l.range;
    const tile_class& c = grid_.of(at(r.parallel), index);
    const std::int32_t low = std::max(c.smallest, least_outer_tile(r, r.parallel));
    place->second =
        tile_choices(q_, r.parallel, low, c.largest, r.low[at(r.parallel)], r.units_low, rule);
  }
  return place->second;
}

void leaf_opener::choose(const leaf& l, const top_list& list, std::size_t d) {
  if (d == free_dims) return price(l, list);
  for (const dimension_terms& t : *choices_[d]) {
    chosen_[d] = &t;
    choose(l, list, d + 1);
  }
}

void leaf_opener::price(const leaf& l, const top_list& list) {
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
  const double value = q_.value(q_.fixed_energy + e.least(q_), cycles);
  point p;
  for (std::size_t d = 0; d < free_dims; ++d) p.tile[0][d] = chosen_[d]->tile;
  p.tile[1] = l.range.low;
  p.parallel = {list.parallel, l.range.parallel};
  p.units = {list.units, l.range.units_low};
  ++found_.mappings;
  // Not every name of a mapping is that of one (docs/certify-exact.md, C1).
  if (value < found_.least && genome_of(q_, p)) found_.least = value;
  if (best_.may_reach(value)) best_.offer(p, chosen_, e, cycles);
}

bool is_leaf(const question& q, const inner_range& r) {
  // Cycles differ too much from one number of PEs to the next.
  const std::int32_t close = q.has_cycles ? r.units_low : r.units_low + r.units_low / 4;
  return r.low == r.high && r.units_high <= close;
}

}  // namespace cugamma::exact
