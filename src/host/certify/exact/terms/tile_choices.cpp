#include "certify/exact/terms/tile_choices.hpp"

#include <algorithm>

namespace cugamma::exact {
namespace {

bool holds_no_less(const outer_sums<double>& a, const outer_sums<double>& b) {
  return a.same == b.same && a.moves >= b.moves && a.restarts >= b.restarts;
}

/// Fewer steps of level 1 only take elements away as long as equally many start (same - moves).
bool holds_no_less(const inner_sums<double>& a, const inner_sums<double>& b) {
  return a.same <= b.same && a.same - a.moves <= b.same - b.moves && a.restarts >= b.restarts &&
         a.outer_moves >= b.outer_moves && a.outer_restarts >= b.outer_restarts;
}

/// Where mappings may wait for a NoC. What is hidden depends on how long PEs work.
bool awaits_no_more(const dimension_terms& a, const dimension_terms& b) {
  for (std::size_t i = 0; i < awaited.size(); ++i) {
    if (a.starts[i].all > b.starts[i].all) return false;
  }
  return a.starts[0].all == 0 || a.busy == b.busy;
}

}  // namespace

bool makes_superfluous(const dimension_terms& better, const dimension_terms& worse) {
  if (better.steps != worse.steps || better.busy > worse.busy || better.step > worse.step) {
    return false;
  }
  for (std::size_t s = 0; s < stream_count; ++s) {
    if (!holds_no_less(better.outer[s], worse.outer[s])) return false;
    if (!holds_no_less(better.inner[s], worse.inner[s])) return false;
  }
  return awaits_no_more(better, worse);
}

namespace {

/// Lowers sums to those of one more tile. False: they are then no bound (C4).
bool lower(const dimension_terms& t, dimension_terms& least) {
  if (t.steps != least.steps || t.busy != least.busy) return false;
  for (std::size_t s = 0; s < stream_count; ++s) {
    outer_sums<double>& outer = least.outer[s];
    if (t.outer[s].same != outer.same) return false;
    outer.moves = std::max(outer.moves, t.outer[s].moves);
    outer.restarts = std::max(outer.restarts, t.outer[s].restarts);
    inner_sums<double>& inner = least.inner[s];
    const double starts = std::min(inner.same - inner.moves, t.inner[s].same - t.inner[s].moves);
    inner.same = std::min(inner.same, t.inner[s].same);
    inner.moves = inner.same - starts;
    inner.restarts = std::max(inner.restarts, t.inner[s].restarts);
    inner.outer_moves = std::max(inner.outer_moves, t.inner[s].outer_moves);
    inner.outer_restarts = std::max(inner.outer_restarts, t.inner[s].outer_restarts);
    if (starts < inner.restarts) return false;
  }
  for (std::size_t i = 0; i < awaited.size(); ++i) {
    start_sums& sums = least.starts[i];
    sums.all = std::min(sums.all, t.starts[i].all);
    sums.same_box = std::max(sums.same_box, t.starts[i].same_box);
    sums.moves = std::max(sums.moves, t.starts[i].moves);
    sums.restarts = std::max(sums.restarts, t.starts[i].restarts);
  }
  least.step = std::min(least.step, t.step);
  return true;
}

}  // namespace

tile_list::tile_list(std::vector<dimension_terms> all) : tiles(std::move(all)) {
  if (tiles.empty()) return;
  dimension_terms least_of_all = tiles.front();
  const bool is_bound =
      std::ranges::all_of(tiles, [&](const dimension_terms& t) { return lower(t, least_of_all); });
  least = is_bound ? std::vector{least_of_all} : tiles;
}

std::vector<dimension_terms> tiles_above(const question& q,
                                         int d,
                                         std::int32_t low,
                                         std::int32_t high,
                                         std::int32_t inner_tile,
                                         std::int32_t inner_units,
                                         fill_rule rule) {
  std::vector<dimension_terms> all;
  for (std::int32_t tile = low; tile <= high; ++tile) {
    if (!q.allows(d, tile, inner_tile)) continue;
    const bool is_full = ceil_div(tile, inner_tile) <= inner_units;
    if (rule == fill_rule::all_in && !is_full) continue;
    if (rule == fill_rule::more_in && is_full) continue;
    all.push_back(terms_of(q, d, {tile, 1, inner_tile, inner_units}));
  }
  return all;
}

std::vector<dimension_terms> tile_choices(const question& q,
                                          int d,
                                          std::int32_t low,
                                          std::int32_t high,
                                          std::int32_t inner_tile,
                                          std::int32_t inner_units,
                                          fill_rule rule) {
  std::vector<dimension_terms> kept;
  for (const dimension_terms& t : tiles_above(q, d, low, high, inner_tile, inner_units, rule)) {
    const auto beats_it = [&](const dimension_terms& k) { return makes_superfluous(k, t); };
    if (std::ranges::any_of(kept, beats_it)) continue;
    std::erase_if(kept, [&](const dimension_terms& k) { return makes_superfluous(t, k); });
    kept.push_back(t);
  }
  return kept;
}

}  // namespace cugamma::exact
