#include "certify/timeloop/leaf.hpp"

#include <algorithm>
#include <utility>

#include "models/timeloop/genome_bits.hpp"
#include "search/timeloop/judge.hpp"

namespace cugamma::timeloop::proving {
namespace {

// What the loops placed so far, from the innermost one on, do to a tile. A number from 0 on: they
// move it along this window only.
constexpr std::int8_t stands = -1;    ///< none of them moves it
constexpr std::int8_t settled = -2;   ///< what comes further out costs the same in any order
constexpr std::int8_t open_end = -3;  ///< neighbours may serve each other: every order counts

constexpr std::size_t batch_size = 64;

bool are_alike(const facts& f, int a, int b) {
  return std::ranges::all_of(f.tensors, [&](const tensor_facts& t) {
    const int x = t.window_of[static_cast<std::size_t>(a)];
    return x < 0 && x == t.window_of[static_cast<std::size_t>(b)];
  });
}

void put_last(dimension_order& order, int from) {
  unsigned seen = 0;
  for (int i = 0; i < from; ++i) seen |= 1u << order[static_cast<std::size_t>(i)];
  for (std::uint8_t d = 0; d < max_dimensions; ++d) {
    if ((seen >> d & 1) == 0) order[static_cast<std::size_t>(from++)] = d;
  }
}

}  // namespace

leaf_search::leaf_search(const facts& f, const bounds& b, const scorer& s, best_known best)
    : facts_(f), bounds_(b), scorer_(s), best_(std::move(best)) {
  const int dimensions = f.space.shape.num_dimensions;
  for (int d = 0; d < dimensions; ++d) {
    int twin = d - 1;
    while (twin >= 0 && !are_alike(f, d, twin)) --twin;
    twin_.push_back(twin);
  }
}

bool leaf_search::uses_enough_units() const {
  double share = 1;
  for (std::size_t b = 0; b < facts_.levels(); ++b) {
    double used = 1;
    for (std::size_t d = 0; d < facts_.splits.size(); ++d) {
      used *= static_cast<double>(split_of(static_cast<int>(d)).spatial[b]);
    }
    share *= used / facts_.prices[b].most_units;
  }
  return share >= facts_.rules.min_parallelism;
}

/// Whether the order of spatial loops and their split into columns and rows decide figures.
bool leaf_search::matters(std::size_t level) const {
  const closed::level_row& row = facts_.rows.levels[level];
  if (row.has_network_energy || facts_.rules.levels[level].split || level == 0) return true;
  for (const tensor_facts& t : facts_.tensors) {
    for (const window& w : t.windows) {
      if (w.second() < 0) continue;
      if (split_of(w.first()).spatial[level] * split_of(w.second()).spatial[level] > 1) return true;
    }
  }
  return false;
}

void leaf_search::add_arrangements(std::size_t level,
                                   unsigned left,
                                   std::vector<std::uint8_t>& order,
                                   bool wants_all) {
  if (!wants_all && !arrangements_[level].empty()) return;
  if (left != 0) {
    for (const int d : next_loops(facts_.rules.levels[level].spatial, left, true)) {
      order.push_back(static_cast<std::uint8_t>(d));
      add_arrangements(level, left & ~(1u << d), order, wants_all);
      order.pop_back();
    }
    return;
  }
  const closed::level_row& row = facts_.rows.levels[level];
  for (std::size_t split = 0; split <= order.size(); ++split) {
    std::int64_t columns = 1, rows = 1;
    for (std::size_t i = 0; i < order.size(); ++i) {
      (i < split ? columns : rows) *= split_of(order[i]).spatial[level];
    }
    if (columns > row.fan_x || rows > row.fan_y) continue;
    arrangements_[level].push_back({order, static_cast<int>(split)});
    if (!wants_all) return;
  }
}

/// Lists the arrangements of a level's spatial loops; false if there is none.
bool leaf_search::arrange(std::size_t level) {
  arrangements_[level].clear();
  unsigned left = 0;
  for (std::size_t d = 0; d < facts_.splits.size(); ++d) {
    if (split_of(static_cast<int>(d)).spatial[level] > 1) left |= 1u << d;
  }
  std::vector<std::uint8_t> order;
  add_arrangements(level, left, order, left != 0 && matters(level));
  return !arrangements_[level].empty();
}

leaf_search::motions leaf_search::first_motions() const {
  motions m;
  for (std::size_t b = 0; b < facts_.levels(); ++b) {
    for (std::size_t t = 0; t < facts_.tensors.size(); ++t) {
      const tensor_facts& row = facts_.tensors[t];
      bool passes_on = false, slides = false;
      for (const int d : row.irrelevant) passes_on |= split_of(d).spatial[b] > 1;
      for (const window& w : row.windows) {
        if (w.second() < 0) continue;
        slides |= split_of(w.first()).spatial[b] * split_of(w.second()).spatial[b] > 1;
        slides |= b == 0 && facts_.prices[b].most_units > 1;
      }
      const bool counts =
          b <= row.last_keeper && (slides || (b == 0 ? passes_on : facts_.keeps(b - 1, t)));
      m[b][t] = !counts ? settled : slides ? open_end : stands;
    }
  }
  return m;
}

/// The dimensions out of `left` whose loop may come next, going outward.
std::vector<int> leaf_search::next_loops(const loop_constraint& rules,
                                         unsigned left,
                                         bool tells_twins) const {
  const auto is_left = [&](int d) { return (left >> d & 1) != 0; };
  for (const std::uint8_t d : rules.innermost) {
    if (is_left(d)) return {d};
  }
  std::vector<int> next;
  tells_twins = tells_twins || !rules.innermost.empty() || !rules.outermost.empty();
  for (int d = 0; d < facts_.space.shape.num_dimensions; ++d) {
    if (!is_left(d) || std::ranges::find(rules.outermost, d) != rules.outermost.end()) continue;
    int twin = twin_[static_cast<std::size_t>(d)];
    while (twin >= 0 && !is_left(twin)) twin = twin_[static_cast<std::size_t>(twin)];
    if (twin < 0 || tells_twins) next.push_back(d);
  }
  if (!next.empty()) return next;
  for (const std::uint8_t d : rules.outermost) {
    if (is_left(d)) return {d};
  }
  return next;
}

bool leaf_search::are_settled(const motions& m, std::size_t level) const {
  for (std::size_t b = 0; b <= level; ++b) {
    for (std::size_t t = 0; t < facts_.tensors.size(); ++t) {
      if (m[b][t] != settled) return false;
    }
  }
  return true;
}

void leaf_search::move(std::size_t level, int dimension, motions& m) const {
  for (std::size_t b = 0; b <= level; ++b) {
    for (std::size_t t = 0; t < facts_.tensors.size(); ++t) {
      const int window = facts_.tensors[t].window_of[static_cast<std::size_t>(dimension)];
      std::int8_t& tile = m[b][t];
      if (tile == settled || tile == open_end || window == is_irrelevant) continue;
      const bool is_first = tile == stands;
      tile =
          window >= 0 && (is_first || tile == window) ? static_cast<std::int8_t>(window) : settled;
    }
  }
}

/// Orders the loops of a level and of those outside of it.
bool leaf_search::order_from(std::size_t level, const motions& m) {
  if (level == facts_.levels()) {
    genome g = without_spatial_loops();
    return price(0, g);
  }
  unsigned left = 0;
  for (std::size_t d = 0; d < facts_.splits.size(); ++d) {
    if (split_of(static_cast<int>(d)).temporal[level] > 1) left |= 1u << d;
  }
  orders_.count[level] = 0;
  const bool goes_on = order_level(level, left, m);
  orders_.count[level] = 0;
  return goes_on;
}

/// Places the loops that are left of a level, in all orders that may differ.
bool leaf_search::order_level(std::size_t level, unsigned left, const motions& m) {
  if (left == 0) return order_from(level + 1, m);
  const bool any_will_do = are_settled(m, level);
  int& count = orders_.count[level];
  for (const int d : next_loops(facts_.rules.levels[level].temporal, left, false)) {
    orders_.loops[level][static_cast<std::size_t>(count)] = static_cast<std::uint8_t>(d);
    ++count;
    motions next = m;
    move(level, d, next);
    const bool may_win = any_will_do || bounds_.value(choice_, orders_) < best_.value();
    const bool goes_on = !may_win || order_level(level, left & ~(1u << d), next);
    --count;
    if (!goes_on) return false;
    if (any_will_do) break;
  }
  return true;
}

genome leaf_search::without_spatial_loops() const {
  genome g;
  for (int i = 0, of_dimension = 0; i < facts_.space.shape.num_primes; ++i) {
    const int d = facts_.space.shape.dimension_of[static_cast<std::size_t>(i)];
    const bool is_next =
        i > 0 && facts_.space.shape.dimension_of[static_cast<std::size_t>(i) - 1] != d;
    of_dimension = is_next ? 0 : of_dimension;
    set_nibble(g.places.data(),
               i,
               split_of(d).prime_places[static_cast<std::size_t>(of_dimension++)]);
  }
  for (std::size_t b = 0; b < facts_.levels(); ++b) {
    dimension_order order;
    std::ranges::copy(orders_.loops[b], order.begin());
    put_last(order, orders_.count[b]);
    write_order(order, &g.temporal_orders[b * order_bytes]);
    g.keep[b] = facts_.space.levels[b].keep;
  }
  return g;
}

/// Arranges the spatial loops of a level and those outside of it in all ways.
bool leaf_search::price(std::size_t level, genome& g) {
  if (level == facts_.levels()) {
    batch_.push_back(g);
    return batch_.size() < batch_size || score();
  }
  for (const arrangement& a : arrangements_[level]) {
    dimension_order order;
    std::ranges::copy(a.order, order.begin());
    put_last(order, static_cast<int>(a.order.size()));
    write_order(order, &g.spatial_orders[level * order_bytes]);
    g.split[level] = static_cast<std::uint8_t>(a.split);
    if (!price(level + 1, g)) return false;
  }
  return true;
}

bool leaf_search::score() {
  costs_.resize(batch_.size());
  scorer_.score(batch_, costs_);
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if (costs_[i].why != rejection::none) continue;
    const double value = value_of({facts_.goal, 0}, costs_[i]);
    if (!(value < best_.value())) continue;
    const mapping m = decode(batch_[i], facts_.space.shape);
    if (broken_constraint(facts_.rules, facts_.machine, facts_.work, m)) continue;
    best_.offer(batch_[i], value);
  }
  batch_.clear();
  return !best_.is_over();
}

bool leaf_search::open(const choice& c) {
  choice_ = c;
  orders_ = {};
  if (!uses_enough_units()) return true;
  for (std::size_t b = 0; b < facts_.levels(); ++b) {
    if (!arrange(b)) return true;
  }
  return order_from(0, first_motions()) && score();
}

}  // namespace cugamma::timeloop::proving
