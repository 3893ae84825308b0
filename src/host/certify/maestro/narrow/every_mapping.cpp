#include "certify/maestro/narrow/every_mapping.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "certify/maestro/winner.hpp"
#include "problem/noc_delay.hpp"

namespace cugamma::maestro_proof {
namespace {

constexpr std::size_t most_choices_held = 200'000;

/// The fewest cycles, from some on, with which a value is not below a limit. The value is
/// proportional to the cycles, but for rounding.
number cycles_for(const facts& f, movement m, double limit) {
  const number fewest = m.runtime;
  const auto is_below = [&](number cycles) {
    m.runtime = cycles;
    return value_of(f, m) < limit;
  };
  if (!std::isfinite(limit)) return std::numeric_limits<number>::max();  // no mapping is known
  m.runtime = 1;
  number cycles = std::max(fewest, static_cast<number>(limit / value_of(f, m)));
  while (is_below(cycles)) ++cycles;
  while (cycles > fewest && !is_below(cycles - 1)) --cycles;
  return cycles;
}

}  // namespace

every_mapping::every_mapping(const proof_tables& tables,
                             const subtree& s,
                             const outer_split& dealt,
                             proof& p,
                             opening& found)
    : tables_(tables),
      f_(tables.all),
      clusters_(f_.clusters[s.clusters]),
      dealt_(dealt),
      proof_(p),
      found_(found) {}

void every_mapping::look_at(int q, const class_of_dims& classes) {
  q_ = q;
  upper_ = proof_.wanted();
  int outer = 0, inner = 0;
  if (q != dealt_.dim) outer_dims_[outer++] = q;
  for (int d = 0; d < free_dims; ++d) {
    if (d != q && d != dealt_.dim) outer_dims_[outer++] = d;
    if (d != q) inner_dims_[inner++] = d;
  }
  tile_range tiles;
  for (const int d : outer_dims_) {
    const step_class& own = tables_.lists.classes(d)[classes[static_cast<std::size_t>(d)]];
    tiles.least.tile[d] = own.tiles.front();
    tiles.most.tile[d] = own.tiles.back();
    tiles.least.steps[d] = tiles.most.steps[d] = own.steps;
  }
  choose_outer(0, tiles, classes);
  found_.least = std::min(found_.least, upper_);
}

void every_mapping::choose_outer(int depth, tile_range tiles, const class_of_dims& classes) {
  if (depth == axes) return look_at_vector(tiles.least);
  const int d = outer_dims_[depth];
  for (const number t : tables_.lists.classes(d)[classes[static_cast<std::size_t>(d)]].tiles) {
    tiles.least.tile[d] = tiles.most.tile[d] = t;
    if (!fits_l2(tiles.least) || is_over()) return;
    if (!is_settled(tiles)) choose_outer(depth + 1, tiles, classes);
  }
}

bool every_mapping::is_settled(const tile_range& tiles) {
  movement m{f_.fastest,
             f_.totals.input_elems,
             f_.totals.filter_elems,
             std::max(f_.totals.output_elems, egress(f_, dealt_, tiles.least))};
  bool has_choice = false;
  number least = 0;
  for (const timed_choice& c : timed_of(tile_of_q(tiles.least))) {
    const number own = timed_runtime(f_, dealt_, tiles.least, q_, c);
    least = has_choice ? std::min(least, own) : own;
    has_choice = true;
  }
  m.runtime = std::max(m.runtime, least);
  m.runtime = least_runtime_by_noc(f_, dealt_, tiles, clusters_.high, m);
  return !has_choice || value_of(f_, m) >= upper_;
}

void every_mapping::look_at_vector(const outer_tiles& tiles) {
  ++found_.vectors;
  list_orders(tiles);
  const handed_tiles handed(f_, dealt_, tiles);
  const number first_delay = noc_delay(f_.problem.machine) + first_wait(f_, dealt_, tiles);
  for (const worked_choice& c : choices_of(tile_of_q(tiles))) {
    if (orders_.empty() || is_over()) return;
    const inner_runs runs(f_, handed, q_, c);
    inner_search s{tiles, handed, c, runs, first_delay};
    s.inner.tile[q_] = c.tile;
    choose_inner(0, s);
  }
}

/// Keeps the orders that pass test 3 and may beat the best known.
void every_mapping::list_orders(const outer_tiles& tiles) {
  orders_.clear();
  movement m{f_.fastest, 0, 0, egress(f_, dealt_, tiles)};
  if (m.output < f_.totals.output_elems) return;
  unsigned moving = core::bit(dealt_.dim);
  for (int d = 0; d < free_dims; ++d) {
    if (tiles.steps[d] > 1) moving |= core::bit(d);
  }
  for (const loop_order& order : f_.orders[moving]) {
    m.input = ingress(f_, dealt_, tiles, order, false);
    m.filter = ingress(f_, dealt_, tiles, order, true);
    if (m.input < f_.totals.input_elems || m.filter < f_.totals.filter_elems) continue;
    movement bound = m;
    bound.runtime = least_runtime_by_noc(f_, dealt_, {tiles, tiles}, clusters_.high, m);
    if (value_of(f_, bound) < upper_) orders_.push_back({&order, bound, 0});
  }
  set_limits();
}

void every_mapping::set_limits() {
  most_ = 0;
  for (priced_order& o : orders_) {
    o.limit = cycles_for(f_, o.moved, upper_);
    most_ = std::max(most_, o.limit);
  }
}

/// Chooses inner tiles for inner_dims_[depth] and those behind it, which are 1.
void every_mapping::choose_inner(int depth, inner_search& s) {
  const auto run = [&](unsigned at_edge) { return s.runs.without_traffic(s.inner, at_edge); };
  if (s.handed.over_steps(run) + s.first_delay >= most_) return;
  if (depth == axes) return look_at_inner_orders(s);
  const int d = inner_dims_[depth];
  const number outer = s.handed.size(d, 0);
  for (number t = 1; t <= outer; ++t) {
    s.inner.tile[d] = t;
    if (!fits_l1(f_, s.inner.tile) || is_over()) break;
    if (s.handed.over_steps(run) + s.first_delay >= most_) break;
    if (allows_inner(f_, d, outer, t) && counts_inner(f_, d, outer, t)) choose_inner(depth + 1, s);
  }
  s.inner.tile[d] = 1;
}

void every_mapping::look_at_inner_orders(const inner_search& s) {
  const auto least_run = [&](unsigned at_edge) { return s.runs.without_ingress(s.inner, at_edge); };
  if (s.handed.over_steps(least_run) + s.first_delay >= most_) return;
  mapping_times times(f_, dealt_, s.outer, q_, s.choice.cluster_size, s.inner);
  for (const loop_order& order : f_.inner_orders[times.moving_inside()]) {
    times.set_inner_order(order);
    number run[1 << free_dims] = {};
    const auto exact = [&](unsigned at_edge) { return run[at_edge] = times.run(at_edge); };
    const number least = s.handed.over_steps(exact) + s.first_delay;
    if (least < most_) look_at_outer_orders(s, times, order, least, run);
  }
}

void every_mapping::look_at_outer_orders(const inner_search& s,
                                         const mapping_times& times,
                                         const loop_order& inner_order,
                                         number least,
                                         const number (&run)[1 << free_dims]) {
  for (const priced_order& o : orders_) {
    if (least >= o.limit) continue;
    ++found_.orders;
    const number cycles = times.runtime(*o.order, run);
    if (cycles < o.limit && cycles >= f_.fastest) offer(s, inner_order, o, cycles);
  }
}

void every_mapping::offer(const inner_search& s,
                          const loop_order& inner_order,
                          const priced_order& outer,
                          number cycles) {
  winner w;
  w.outer_parallel = dealt_.dim;
  w.inner_parallel = q_;
  w.cluster_size = s.choice.cluster_size;
  w.order = *outer.order;
  w.inner_order = inner_order;
  for (int d = 0; d < free_dims; ++d) {
    w.outer_tile[d] = s.handed.size(d, 0);
    w.inner_tile[d] = s.inner.tile[d];
  }
  movement counted = outer.moved;
  counted.runtime = cycles;
  offer_winner(f_, w, counted, true, proof_);
  upper_ = std::min(upper_, proof_.wanted());
  set_limits();
}

/// Whether the proof is over; then the opening is not complete. Looks at the clock now and then.
bool every_mapping::is_over() {
  if (++asked_ % 64 == 0) found_.is_complete = found_.is_complete && !proof_.is_over();
  return !found_.is_complete;
}

bool every_mapping::fits_l2(const outer_tiles& tiles) const {
  const number limit = f_.problem.space.l2_size_elems;
  return limit == unlimited || 2 * first_step(f_, dealt_, tiles) <= limit;
}

number every_mapping::tile_of_q(const outer_tiles& tiles) const {
  return q_ == dealt_.dim ? dealt_.tile : tiles.tile[q_];
}

const std::vector<timed_choice>& every_mapping::timed_of(number tile) {
  const auto [at, is_new] = timed_.try_emplace({q_, tile});
  if (is_new) {
    const outer_split* both = q_ == dealt_.dim ? &dealt_ : nullptr;
    at->second = timed_choices(f_, q_, {&tile, 1}, clusters_, both);
  }
  return at->second;
}

const std::vector<worked_choice>& every_mapping::choices_of(number tile) {
  if (choices_held_ > most_choices_held) {
    choices_.clear();
    choices_held_ = 0;
  }
  const auto [at, is_new] = choices_.try_emplace({q_, tile});
  if (is_new) {
    at->second = worked_choices(f_, q_, tile, clusters_);
    choices_held_ += at->second.size();
  }
  return at->second;
}

}  // namespace cugamma::maestro_proof
