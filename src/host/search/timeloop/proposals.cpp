#include "search/timeloop/proposals.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "search/timeloop/tiling.hpp"

namespace cugamma::timeloop {

namespace {

void shuffle(std::span<std::uint8_t> list, random_stream& random) {
  for (std::size_t i = list.size(); i > 1; --i) {
    const auto other = static_cast<std::size_t>(random.below(static_cast<std::int32_t>(i)));
    std::swap(list[i - 1], list[other]);
  }
}

/// The dimensions of an order that a problem has.
std::span<std::uint8_t> in_use(dimension_order& order, const map_space& space) {
  return std::span(order).first(static_cast<std::size_t>(space.shape.num_dimensions));
}

/// Puts the dimensions that the rules fix where the rules want them; the others keep their order.
void keep_order_rules(dimension_order& order, const place_rules& rules, int count) {
  if (rules.innermost.empty() && rules.outermost.empty()) return;
  const auto rank = [&](std::uint8_t d) {
    const auto inner = std::ranges::find(rules.innermost, d);
    if (inner != rules.innermost.end()) return static_cast<int>(inner - rules.innermost.begin());
    const auto outer = std::ranges::find(rules.outermost, d);
    if (outer != rules.outermost.end()) {
      return 2 * max_dimensions + static_cast<int>(outer - rules.outermost.begin());
    }
    return max_dimensions;
  };
  std::stable_sort(order.begin(), order.begin() + count, [&](std::uint8_t a, std::uint8_t b) {
    return rank(a) < rank(b);
  });
}

dimension_order natural_order() {
  dimension_order order;
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  return order;
}

/// A random order in which, half the time, one tensor stays while the innermost loops run.
dimension_order draw_order(const map_space& space, int place, random_stream& random) {
  const int count = space.shape.num_dimensions;
  dimension_order order = natural_order();
  shuffle(in_use(order, space), random);
  if (random.below(2) == 0) {
    const int stays = random.below(space.shape.num_tensors);
    std::stable_partition(order.begin(), order.begin() + count, [&](std::uint8_t d) {
      return (space.tensors_of[d] >> stays & 1) == 0;
    });
  }
  keep_order_rules(order, space.places[place], count);
  return order;
}

/// The prime factors, in a random order.
struct prime_list {
  std::array<std::uint8_t, max_primes> order{};
  int count = 0;
};
prime_list shuffled_primes(const map_space& space, random_stream& random) {
  prime_list primes;
  primes.count = space.shape.num_primes;
  std::iota(primes.order.begin(), primes.order.begin() + primes.count, std::uint8_t{0});
  shuffle(std::span(primes.order).first(static_cast<std::size_t>(primes.count)), random);
  return primes;
}

/// The prime factors in an order in which, half the time, each dimension's stand together.
prime_list primes_to_place(const map_space& space, random_stream& random) {
  prime_list primes = shuffled_primes(space, random);
  if (random.below(2) == 0) return primes;
  dimension_order rank = natural_order();
  shuffle(in_use(rank, space), random);
  std::stable_sort(primes.order.begin(),
                   primes.order.begin() + primes.count,
                   [&](std::uint8_t a, std::uint8_t b) {
                     return rank[space.shape.dimension_of[a]] < rank[space.shape.dimension_of[b]];
                   });
  return primes;
}

/// Moves what the rules ask for to its places.
void place_least_factors(genome& g, tiling& t, const map_space& space) {
  for (int p = 0; p < space.shape.num_places; ++p) {
    for (int i = 0; i < space.shape.num_primes; ++i) {
      const int d = space.shape.dimension_of[i];
      const std::int64_t least = space.places[p].least[d];
      if (place_of(g, i) == p || least % (t.factor(p, d) * space.shape.primes[i]) != 0) continue;
      if (place_of(g, i) == space.outermost_place()) t.move(g, i, p);
    }
  }
}

/// Fills a fan-out with factors that stand in outer loops.
void fill_fan_out(genome& g, tiling& t, int place, const map_space& space, random_stream& random) {
  const prime_list primes = primes_to_place(space, random);
  for (int k = 0; k < primes.count; ++k) {
    const int i = primes.order[k];
    if (space.is_spatial(place_of(g, i)) || space.shape.primes[i] == 1) continue;
    t.move_if_fits(g, i, place);
  }
}

/// Moves factors of temporal loops inward to a level or as far as they fit, each with a chance of
/// `share` in 256.
void fill_inward(genome& g, tiling& t, int share, const map_space& space, random_stream& random) {
  const prime_list primes = primes_to_place(space, random);
  for (int k = 0; k < primes.count; ++k) {
    const int i = primes.order[k];
    const int from = place_of(g, i);
    if (space.is_spatial(from) || random.below(256) >= share) continue;
    for (int p = 0; p < from; ++p) {
      if (!space.is_spatial(p) && t.move_if_fits(g, i, p)) break;
    }
  }
}

void draw_spatial_order(genome& g, int place, const map_space& space, random_stream& random) {
  const int count = space.shape.num_dimensions;
  const int level = space.level_of(place);
  dimension_order order = natural_order();
  shuffle(in_use(order, space), random);
  keep_order_rules(order, space.places[place], count);
  set_order(g, space.shape, place, order);
  const level_rules& rules = space.levels[level];
  int split = random.below(count + 1);
  if (rules.rows == 1) split = count;
  if (rules.columns == 1) split = 0;
  g.split[level] = static_cast<std::uint8_t>(space.places[place].split.value_or(split));
}

void draw_orders(genome& g, const map_space& space, random_stream& random) {
  g.temporal_orders.fill(0);
  g.spatial_orders.fill(0);
  g.split.fill(0);
  const int levels = std::min(space.shape.num_levels, max_levels);
  for (int level = 0; level < levels; ++level) {  // also where there is no fan-out
    write_order(natural_order(), g.spatial_orders.data() + level * order_bytes);
  }
  for (int p = 0; p < space.shape.num_places; ++p) {
    if (space.is_spatial(p)) {
      draw_spatial_order(g, p, space, random);
    } else {
      set_order(g, space.shape, p, draw_order(space, p, random));
    }
  }
}

void draw_keep(genome& g, const map_space& space, random_stream& random) {
  for (int level = 0; level < space.shape.num_levels; ++level) {
    const level_rules& rules = space.levels[level];
    const auto free = static_cast<std::uint8_t>(rules.may_keep & ~rules.keep);
    const auto drawn = static_cast<std::uint8_t>(random.next() | random.next());
    g.keep[level] = static_cast<std::uint8_t>(rules.keep | (free & drawn));
  }
}

/// Another place for a prime than its own; its own if there is no other.
int other_place(const genome& g, int prime, const map_space& space, random_stream& random) {
  const int count = space.shape.num_places;
  if (count == 1) return place_of(g, prime);
  const int other = random.below(count - 1);
  return other + (other >= place_of(g, prime) ? 1 : 0);
}

void move_prime(genome& g, const map_space& space, random_stream& random) {
  if (space.shape.num_primes == 0) return;
  const int i = random.below(space.shape.num_primes);
  put(g, i, other_place(g, i, space, random));
}

/// Two factors change places, so that levels stay about as full as they are.
void exchange_primes(genome& g, const map_space& space, random_stream& random) {
  if (space.shape.num_primes < 2) return;
  const int i = random.below(space.shape.num_primes);
  for (int attempt = 0; attempt < 8; ++attempt) {
    const int j = random.below(space.shape.num_primes);
    const int a = place_of(g, i);
    const int b = place_of(g, j);
    const bool is_same = space.shape.dimension_of[i] == space.shape.dimension_of[j] &&
                         space.shape.primes[i] == space.shape.primes[j];
    if (a == b || is_same) continue;
    put(g, i, b);
    put(g, j, a);
    return;
  }
}

/// The factors of one dimension move from one place to another and back: 7 x 4 becomes 4 x 7, or
/// each goes to either.
void redistribute(genome& g, const map_space& space, random_stream& random) {
  if (space.shape.num_primes < 2) return;
  const int i = random.below(space.shape.num_primes);
  const int a = place_of(g, i);
  const int b = other_place(g, i, space, random);
  const bool swaps = random.below(2) == 0;
  for (int j = 0; j < space.shape.num_primes; ++j) {
    if (space.shape.dimension_of[j] != space.shape.dimension_of[i]) continue;
    const int at = place_of(g, j);
    if (at != a && at != b) continue;
    put(g, j, (swaps ? at == a : random.below(2) == 0) ? b : a);
  }
}

/// Takes the temporal loops of two dimensions out and fills the levels anew.
void refill(genome& g, const map_space& space, random_stream& random) {
  if (space.shape.num_primes == 0) return;
  const int first = space.shape.dimension_of[random.below(space.shape.num_primes)];
  const int second = space.shape.dimension_of[random.below(space.shape.num_primes)];
  for (int i = 0; i < space.shape.num_primes; ++i) {
    const int d = space.shape.dimension_of[i];
    if ((d == first || d == second) && !space.is_spatial(place_of(g, i))) {
      put(g, i, space.outermost_place());
    }
  }
  repair(g, space, random);
  tiling t(g, space);
  fill_inward(g, t, 128 + random.below(129), space, random);
}

int random_place(bool spatial, const map_space& space, random_stream& random) {
  int chosen = -1;
  int seen = 0;
  for (int p = 0; p < space.shape.num_places; ++p) {
    if (space.is_spatial(p) == spatial && random.below(++seen) == 0) chosen = p;
  }
  return chosen;
}

/// Moves what stands at one position to another; those between move up.
void move_to(dimension_order& order, int from, int to) {
  const std::uint8_t moved = order[from];
  for (; from < to; ++from) order[from] = order[from + 1];
  for (; from > to; --from) order[from] = order[from - 1];
  order[to] = moved;
}

void change_order(genome& g, const map_space& space, random_stream& random) {
  const int place = random_place(false, space, random);
  const int count = space.shape.num_dimensions;
  if (random.below(4) == 0) {
    set_order(g, space.shape, place, draw_order(space, place, random));
    return;
  }
  dimension_order order = order_of(g, space.shape, place);
  const int from = random.below(count);
  const int to = random.below(2) == 0 ? 0 : random.below(count);
  move_to(order, from, to);
  keep_order_rules(order, space.places[place], count);
  set_order(g, space.shape, place, order);
}

void change_fan_out(genome& g, const map_space& space, random_stream& random) {
  const int place = random_place(true, space, random);
  if (place < 0) return;
  const int halves_out = random.below(3);  // nothing, about half, or all
  for (int i = 0; i < space.shape.num_primes; ++i) {
    if (place_of(g, i) == place && random.below(2) < halves_out) put(g, i, space.outermost_place());
  }
  draw_spatial_order(g, place, space, random);
  repair(g, space, random);
  tiling t(g, space);
  fill_fan_out(g, t, place, space, random);
}

void change_keep(genome& g, const map_space& space, random_stream& random) {
  const int level = random.below(space.shape.num_levels);
  const level_rules& rules = space.levels[level];
  const int bit = random.below(space.shape.num_tensors);
  if (((rules.may_keep & ~rules.keep) >> bit & 1) != 0) g.keep[level] ^= 1u << bit;
}

bool has_choice_of_keep(const map_space& space) {
  for (int level = 0; level < space.shape.num_levels; ++level) {
    if (space.levels[level].may_keep != space.levels[level].keep) return true;
  }
  return false;
}

/// Where a factor goes that does not fit: the outermost temporal loops that take it.
void move_outward(genome& g, tiling& t, int prime, const map_space& space) {
  for (int p = space.outermost_place(); p > 0; --p) {
    if (space.is_spatial(p) || p == place_of(g, prime)) continue;
    if (t.move_if_fits(g, prime, p)) return;
  }
  if (place_of(g, prime) != space.outermost_place()) t.move(g, prime, space.outermost_place());
}

void repair_fan_out(genome& g,
                    tiling& t,
                    int place,
                    const map_space& space,
                    random_stream& random) {
  const prime_list primes = shuffled_primes(space, random);
  for (int k = 0; k < primes.count && !t.fits_fan_out(g, place); ++k) {
    if (place_of(g, primes.order[k]) == place) t.move(g, primes.order[k], space.outermost_place());
  }
}

void repair_rules(genome& g, tiling& t, int place, const map_space& space) {
  const place_rules& rules = space.places[place];
  for (int i = 0; i < space.shape.num_primes; ++i) {
    const int d = space.shape.dimension_of[i];
    if (place_of(g, i) == place && t.factor(place, d) > rules.most[d]) {
      move_outward(g, t, i, space);
    }
  }
}

void repair_capacity(genome& g, tiling& t, const map_space& space, random_stream& random) {
  int level = t.first_overflow(g);
  if (level < 0) return;
  const prime_list primes = shuffled_primes(space, random);
  for (int pass = 0; pass < 2; ++pass) {
    for (int k = 0; k < primes.count && level >= 0; ++k) {
      const int i = primes.order[k];
      const int from = place_of(g, i);
      if (space.level_of(from) > level || (pass == 0 && space.is_spatial(from))) continue;
      if ((space.tensors_of[space.shape.dimension_of[i]] & g.keep[level]) == 0) continue;
      int to = space.outermost_place();
      for (int p = to; p >= 0; --p) {
        if (!space.is_spatial(p) && space.level_of(p) == level + 1 && random.below(2) == 0) to = p;
      }
      t.move(g, i, to);
      level = t.first_overflow(g);
    }
  }
}

}  // namespace

void repair(genome& g, const map_space& space, random_stream& random) {
  tiling t(g, space);
  for (int p = 0; p < space.shape.num_places; ++p) {
    repair_rules(g, t, p, space);
    if (space.is_spatial(p)) repair_fan_out(g, t, p, space, random);
  }
  repair_capacity(g, t, space, random);
}

genome draw_genome(const map_space& space, random_stream& random) {
  genome g;
  draw_orders(g, space, random);
  draw_keep(g, space, random);
  for (int i = 0; i < space.shape.num_primes; ++i) put(g, i, space.outermost_place());
  tiling t(g, space);
  place_least_factors(g, t, space);
  for (int p = 0; p < space.shape.num_places; ++p) {
    if (space.is_spatial(p)) fill_fan_out(g, t, p, space, random);
  }
  fill_inward(g, t, random.below(257), space, random);
  repair(g, space, random);
  return g;
}

genome mutate(const genome& parent, const map_space& space, random_stream& random) {
  genome g = parent;
  const bool chooses_keep = has_choice_of_keep(space);
  do {
    const int kind = random.below(chooses_keep ? 18 : 16);
    if (kind < 4) {
      move_prime(g, space, random);
    } else if (kind < 6) {
      exchange_primes(g, space, random);
    } else if (kind < 7) {
      redistribute(g, space, random);
    } else if (kind < 10) {
      refill(g, space, random);
    } else if (kind < 14) {
      change_order(g, space, random);
    } else if (kind < 16) {
      change_fan_out(g, space, random);
    } else {
      change_keep(g, space, random);
    }
  } while (random.below(3) == 0);
  repair(g, space, random);
  if (random.below(4) == 0) {
    tiling t(g, space);
    fill_inward(g, t, random.below(257), space, random);
  }
  return g;
}

genome cross(const genome& a, const genome& b, const map_space& space, random_stream& random) {
  genome g = a;
  std::array<bool, max_dimensions> from_b{};
  for (bool& d : from_b) d = random.below(2) == 0;
  for (int i = 0; i < space.shape.num_primes; ++i) {
    if (from_b[space.shape.dimension_of[i]]) put(g, i, place_of(b, i));
  }
  for (int p = 0; p < space.shape.num_places; ++p) {
    if (random.below(2) == 0) continue;
    set_order(g, space.shape, p, order_of(b, space.shape, p));
    if (space.is_spatial(p)) g.split[space.level_of(p)] = b.split[space.level_of(p)];
  }
  for (int level = 0; level < space.shape.num_levels; ++level) {
    if (random.below(2) == 0) g.keep[level] = b.keep[level];
  }
  repair(g, space, random);
  return g;
}

}  // namespace cugamma::timeloop
