#include "certify/exact/energy/leaf.hpp"

#include <algorithm>
#include <limits>

#include "certify/exact/bounds/inner_ranges.hpp"

namespace cugamma::exact {
namespace {

/// Bounds of what vectors are part of, quick to compute.
class quick_bound {
 public:
  quick_bound(const question& q, const inner_range& r, const four_floors& floors)
      : q_(q),
        nj_(q.has_energy ? q.machine.constants.mac_energy_nj : 1),
        fixed_(q.has_energy ? q.fixed_energy : 1),
        of_two_steps_(valid_floors(q, floors, r.parallel, true)),
        of_others_(valid_floors(q, floors, r.parallel, false)) {
    if (r.parallel != nothing_parallel) inner_bit_ = 1u << r.parallel;
  }

  /// The vectors that follow are of a list under which the busiest PE has these extents at least,
  /// multiplied.
  void begin(double busy) {
    if (!q_.has_cycles) return;
    cycles_ = std::max(q_.work(busy) + q_.start_cycles, q_.transfer_cycles);
    const bool counts = cycles_ > q_.transfer_cycles;
    of_step_ = counts ? q_.start_cycles : 0;
    of_element_ = counts && !q_.has_exact_cycles ? 1 / static_cast<double>(q_.machine.noc_bw) : 0;
  }

  double of(const top_vector& v) const {
    return of(v, (v.in_two_steps & inner_bit_) != 0 ? of_two_steps_ : of_others_);
  }

  /// Of several vectors, from the least of all that they have.
  double of_any(const top_vector& least) const {
    const double others = of(least, of_others_);
    const bool has_two = (least.in_two_steps & inner_bit_) != 0;
    return has_two ? std::min(others, of(least, of_two_steps_)) : others;
  }

 private:
  double of(const top_vector& v, const four_floors& floors) const {
    double energy = v.least[0] + floors[0];
    for (std::size_t i = 1; i < floor_count; ++i) energy = std::max(energy, v.least[i] + floors[i]);
    const double cycles = cycles_ + of_step_ * v.steps + std::max(of_element_ * v.first - 1, 0.0);
    return (fixed_ + energy) * nj_ * cycles;
  }

  const question& q_;
  double nj_;
  double fixed_;
  four_floors of_two_steps_;
  four_floors of_others_;
  unsigned inner_bit_ = 0;
  double cycles_ = 1;
  double of_step_ = 0;
  double of_element_ = 0;
};

}  // namespace

plain_choices::plain_choices(const question& q, const class_grid& grid) : q_(q), grid_(grid) {
  for (std::size_t d = 0; d < free_dims; ++d) {
    kept_[d].resize(static_cast<std::size_t>(q.size[d]) + 1);
  }
}

const tile_list& plain_choices::of(int d, std::uint16_t index, std::int32_t inner_tile) {
  of_classes& of_tile = kept_[at(d)][static_cast<std::size_t>(inner_tile)];
  if (of_tile.empty()) of_tile.resize(grid_.classes[at(d)].size());
  auto& found = of_tile[index];
  if (!found) {
    const tile_class& c = grid_.of(at(d), index);
    const std::int32_t low = std::max(c.smallest, inner_tile);
    found.emplace(tile_choices(q_, d, low, c.largest, inner_tile, 1, fill_rule::any));
  }
  return *found;
}

leaf_opener::leaf_opener(const question& q,
                         const class_grid& grid,
                         const numbered_lists& lists,
                         incumbent& best,
                         std::function<bool()> is_over)
    : q_(q),
      grid_(grid),
      lists_(lists),
      best_(best),
      is_over_(std::move(is_over)),
      weights_(weights_of(q)),
      bounder_(q, grid),
      plain_(q, grid) {
  for (const top_list& list : lists.all()) {
    others_.emplace_back();
    for (int inner = 0; inner <= free_dims; ++inner) {
      others_.back()[at(inner)] = least_busy(q, list, inner, 1);
    }
  }
}

/// What the busiest PE has at least under a list, by inner parallel dimension, for each index that
/// it has of that one.
const std::array<double, free_dims + 1>& leaf_opener::others_of(const top_list& list) const {
  return others_[static_cast<std::size_t>(&list - lists_.all().data())];
}

leaf_opener::leaf::leaf(const question& q, const inner_range& r)
    : range(r), floors(inner_floors(q, r)) {
  if (r.low == r.high) starts.emplace(q, r);
  if (r.parallel == nothing_parallel) return;
  inner_busy = least_share(q, r, r.units_high);
}

std::optional<candidates> leaf_opener::left_of(const inner_range& r, const candidates& c) {
  const leaf l(q_, r);
  candidates left{.numbers = {}, .bound = std::numeric_limits<double>::infinity()};
  const bool is_bounded = is_close(r) || !q_.has_energy;
  quick_bound quick(q_, r, l.floors);
  if (is_bounded) bounder_.set_range(r, l.floors);
  const top_list* list = nullptr;
  double limit = 0;
  bool is_done = true;
  const auto keep = [&](std::uint32_t number, double bound) {
    if (!best_.may_reach(bound)) return;
    left.numbers.push_back(number);
    left.bound = std::min(left.bound, bound);
  };
  std::vector<std::pair<std::uint32_t, const top_vector*>> waiting;
  const auto bound_waiting = [&] {
    if (waiting.empty()) return;
    const vectors::bounds& found = bounder_.bound_all(reachable());
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      keep(waiting[i].first, with_starts(l, *list, *waiting[i].second, found, i));
    }
    waiting.clear();
  };
  const auto wants_list = [&](const top_list& of, const top_vector& least) {
    bound_waiting();
    if (!is_done || !has(l, of)) return false;
    list = &of;
    quick.begin(others_of(of)[at(r.parallel)] * inner_busy_under(q_, r, of, l.inner_busy));
    limit = reachable();
    if (quick.of_any(least) > limit) return false;
    if (is_bounded) bounder_.set_list(of);
    return is_done = !is_over_();
  };
  const auto wants_block = [&](const top_vector& least) {
    limit = reachable();
    return quick.of_any(least) <= limit;
  };
  lists_.for_each(c, wants_list, wants_block, [&](const top_vector& v, std::uint32_t number) {
    const double b = quick.of(v);
    if (b > limit || !has(l, v)) return;
    if (!is_bounded) return keep(number, b);
    waiting.emplace_back(number, &v);
    bounder_.add(v);
    if (bounder_.is_full()) bound_waiting();
  });
  bound_waiting();
  return is_done ? std::optional(std::move(left)) : std::nullopt;
}

/// Whether the tiles of PEs fit below the list's tile, and its sub-clusters have so many PEs.
bool leaf_opener::has(const leaf& l, const top_list& list) const {
  const int outer = list.parallel, inner = l.range.parallel;
  if (outer != nothing_parallel && list.tile < least_outer_tile(l.range, outer)) return false;
  return inner == nothing_parallel || l.range.units_low <= list.largest_cluster;
}

bool leaf_opener::has(const leaf& l, const top_vector& v) const {
  for (int d = 0; d < free_dims; ++d) {
    if (grid_.of(at(d), v.classes[at(d)]).largest < least_outer_tile(l.range, d)) return false;
  }
  return true;
}

std::optional<leaf_findings> leaf_opener::open(const inner_range& r, const candidates& c) {
  found_ = {};
  together_.emplace(q_, r);
  single_.clear();
  single_.resize(static_cast<std::size_t>(r.units_high - r.units_low + 1));
  const std::optional<candidates> left = left_of(r, c);
  if (!left) return std::nullopt;
  bool is_done = true;
  const top_list* list = nullptr;
  const auto wants_list = [&](const top_list& of, const top_vector&) {
    list = &of;
    return is_done;
  };
  const auto wants_block = [&](const top_vector&) { return is_done = is_done && !is_over_(); };
  lists_.for_each(*left, wants_list, wants_block, [&](const top_vector& v, std::uint32_t) {
    open_vector(*list, v);
  });
  return is_done ? std::optional(found_) : std::nullopt;
}

/// The bound of a vector that others leave below the target, with what starts move where the tiles
/// are single.
double leaf_opener::with_starts(const leaf& l,
                                const top_list& list,
                                const top_vector& v,
                                const vectors::bounds& found,
                                std::size_t i) const {
  if (!l.starts || !best_.may_reach(found.value[i])) return found.value[i];
  const double of_starts = v.least[no_share] + energy_of_starts(l, list, v);
  return q_.value(q_.fixed_energy + std::max(found.energy[i], of_starts), found.cycles[i]);
}

/// The bound of one vector.
double leaf_opener::bound(const leaf& l, const top_list& list, const top_vector& v) {
  bounder_.set_range(l.range, l.floors);
  bounder_.set_list(list);
  bounder_.add(v);
  return with_starts(l, list, v, bounder_.bound_all(reachable()), 0);
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
    energy = std::max(energy, share_of_level_0 * l.starts->of(kind, cuts) + l.floors[kind]);
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
  is_reached_ = false;
  choose_under(l, list, v);
  if (!is_reached_) return;
  // A tile that makes another one superfluous does so of bounds, not of mappings that wait.
  has_every_tile_ = true;
  choose_under(l, list, v);
  has_every_tile_ = false;
}

void leaf_opener::choose_under(leaf& l, const top_list& list, const top_vector& v) {
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
      outer_choice_ = tile_list({terms_of(q_, d, {list.tile, list.units, inner_tile, units})});
      choices_[at(d)] = &outer_choice_;
    } else if (has_every_tile_) {
      every_tile_[at(d)].tiles = every_tile(l.range, d, v.classes[at(d)], rule);
      choices_[at(d)] = &every_tile_[at(d)];
    } else if (d == l.range.parallel) {
      choices_[at(d)] = &inner_choices(l, v.classes[at(d)], rule);
    } else {
      choices_[at(d)] = &plain_.of(d, v.classes[at(d)], inner_tile);
    }
    if (choices_[at(d)]->tiles.empty()) return;
  }
  if (has_every_tile_ || may_count(0)) choose(l, list, 0);
}

const tile_list& leaf_opener::inner_choices(leaf& l, std::uint16_t index, fill_rule rule) {
  const auto [place, is_new] = l.choices.try_emplace({index, rule});
  if (is_new) {
    const inner_range& r = l.range;
    const tile_class& c = grid_.of(at(r.parallel), index);
    const std::int32_t low = std::max(c.smallest, least_outer_tile(r, r.parallel));
    place->second = tile_list(
        tile_choices(q_, r.parallel, low, c.largest, r.low[at(r.parallel)], r.units_low, rule));
  }
  return place->second;
}

/// All tiles of a class above the tiles of PEs.
std::vector<dimension_terms> leaf_opener::every_tile(const inner_range& r,
                                                     int d,
                                                     std::uint16_t index,
                                                     fill_rule rule) const {
  const tile_class& c = grid_.of(at(d), index);
  const bool is_inner = d == r.parallel;
  return tiles_above(q_,
                     d,
                     std::max(c.smallest, least_outer_tile(r, d)),
                     c.largest,
                     r.low[at(d)],
                     is_inner ? r.units_low : 1,
                     is_inner ? rule : fill_rule::any);
}

/// Whether mappings of the vector may have values below the limit: by sums that bound those of many
/// of them.
bool leaf_opener::may_count(std::size_t d) {
  if (d == free_dims) {
    return fits_l2() && !(open_price(q_, weights_, chosen_, limit()).least() > limit());
  }
  return std::ranges::any_of(choices_[d]->least, [&](const dimension_terms& t) {
    chosen_[d] = &t;
    return may_count(d + 1);
  });
}

void leaf_opener::choose(const leaf& l, const top_list& list, std::size_t d) {
  if (d == free_dims) return price(l, list);
  for (const dimension_terms& t : choices_[d]->tiles) {
    chosen_[d] = &t;
    choose(l, list, d + 1);
  }
}

/// Bounds above it settle what they are of.
double leaf_opener::reachable() const { return best_.target() * (1 + 2 * q_.rounding); }

/// Values above it need not be exact: those above the target (or the best known, where values are
/// those of mappings) by more than checkers compare.
double leaf_opener::limit() const {
  constexpr double margin = 1.0002;
  return margin * (best_.has_values() ? best_.best() : best_.target());
}

bool leaf_opener::fits_l2() const {
  four_sizes step;
  for (std::size_t d = 0; d < free_dims; ++d) step[d] = chosen_[d]->step;
  return q_.fits_l2(step);
}

void leaf_opener::price(const leaf& l, const top_list& list) {
  if (!fits_l2()) return;
  const open_price open(q_, weights_, chosen_, limit());
  const double value = open.least();
  point p;
  for (std::size_t d = 0; d < free_dims; ++d) p.tile[0][d] = chosen_[d]->tile;
  p.tile[1] = l.range.low;
  p.parallel = {list.parallel, l.range.parallel};
  p.units = {list.units, l.range.units_low};
  if (has_every_tile_) {
    if (best_.may_reach(value)) found_.priced += best_.offer(p, chosen_, open);
    return;
  }
  ++found_.mappings;
  // Not every name of a mapping is that of one (docs/certify-exact.md, C1).
  if (value < found_.least && genome_of(q_, p)) found_.least = value;
  if (!best_.has_values()) {
    is_reached_ = is_reached_ || best_.may_reach(value);
  } else if (best_.may_improve(value)) {
    best_.offer(p, chosen_, open);
  }
}

bool is_close(const inner_range& r) {
  double width = static_cast<double>(r.units_high) / r.units_low;
  for (std::size_t d = 0; d < free_dims; ++d) width *= static_cast<double>(r.high[d]) / r.low[d];
  constexpr double narrow = 4;
  return width <= narrow;
}

bool is_leaf(const question& q, const inner_range& r) {
  // Cycles differ too much from one number of PEs to the next.
  const std::int32_t close = q.has_cycles ? r.units_low : r.units_low + r.units_low / 4;
  return r.low == r.high && r.units_high <= close;
}

}  // namespace cugamma::exact
