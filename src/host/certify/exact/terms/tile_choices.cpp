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
