#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "mapping/operators/plan.hpp"
#include "numbers/word.hpp"

/// The operators of the search. Each is written once, for one individual (N = std::uint32_t) or for
/// one a SIMD lane, without branches on what an individual holds: so both give the same children.
/// Branches on the space and the rates are common to all lanes.
namespace cugamma::operators {

using core::any_of;
using core::ceil_quotient;
using core::clamped;
using core::common_divisor;
using core::floor_div;
using core::floor_log2;
using core::lookup;
using core::mask_of;
using core::max_of;
using core::min_of;
using core::mul_high;
using core::real_of;
using core::select;
using core::to_real;

/// Individuals of exactly two levels.
struct two_levels {
  static constexpr int most = 2;
  static constexpr bool fixed = true;
};
/// Individuals of one to three levels.
struct any_levels {
  static constexpr int most = max_genome_levels;
  static constexpr bool fixed = false;
};

/// The genes of a genome, each in a word of its own; those of levels not in use mean nothing.
template <class N, class Depth>
struct genes {
  using number = N;
  std::array<std::array<N, gene_dimension_count>, Depth::most> tiles;
  std::array<N, Depth::most> order;  ///< dimension_bits a position
  std::array<N, Depth::most> parallel;
  std::array<N, Depth::most> second;   ///< no_dimension: none
  std::array<N, Depth::most> cluster;  ///< below the top
  N levels;
  N pes;  ///< 0: the accelerator's
};

template <class N>
using packed = std::array<N, genome_fields::words>;

/// Which individuals have a level.
template <class N, class Depth>
mask_of<N> in_use(const genes<N, Depth>& g, int level) {
  if constexpr (Depth::fixed) return N(0) == N(0);
  return N(static_cast<std::uint32_t>(level)) < g.levels;
}

template <class N>
N number(std::int32_t value) {
  return N(static_cast<std::uint32_t>(value));
}

/// Moves x where the mask says so.
template <class N>
void move_if(mask_of<N> m, N& x, N value) {
  x = select(m, value, x);
}

/// body(0) to body(Count - 1), each a constant: a field's word and shift must be known where it is
/// read, or the compiler keeps the genes in memory.
template <int Count, class Body>
[[gnu::always_inline]] inline void for_each_constant(const Body& body) {
  [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
    (body(std::integral_constant<int, I>()), ...);
  }
  (std::make_integer_sequence<int, Count>());
}

/// The value of a field.
template <genome_field Field, class N>
[[gnu::always_inline]] inline N read_field(const packed<N>& w) {
  constexpr int word = Field.first_bit() / 32;
  constexpr int shift = Field.first_bit() % 32;
  N value = w[word];
  if constexpr (shift > 0) value = value >> shift;
  if constexpr (shift + Field.width > 32) value = value | (w[word + 1] << (32 - shift));
  if constexpr (shift + Field.width == 32) return value;
  return value & N(static_cast<std::uint32_t>(Field.mask()));
}

/// Writes a field. precondition: its bits are 0, and the value fits it
template <genome_field Field, class N>
[[gnu::always_inline]] inline void put_field(packed<N>& w, N value) {
  constexpr int word = Field.first_bit() / 32;
  constexpr int shift = Field.first_bit() % 32;
  if constexpr (shift > 0) {
    w[word] = w[word] | (value << shift);
  } else {
    w[word] = w[word] | value;
  }
  if constexpr (shift + Field.width > 32) w[word + 1] = w[word + 1] | (value >> (32 - shift));
}

template <class Depth, class N>
genes<N, Depth> unpack(const packed<N>& w) {
  using f = genome_fields;
  genes<N, Depth> g;
  for_each_constant<Depth::most>([&](auto level) __attribute__((always_inline)) {
    for_each_constant<gene_dimension_count>([&](auto d) __attribute__((always_inline)) {
      g.tiles[level][d] = read_field<f::tile(decltype(level)(), d)>(w);
    });
    g.order[level] = read_field<f::order(level)>(w);
    g.parallel[level] = read_field<f::parallel(level)>(w);
    g.second[level] = read_field<f::second_parallel(level)>(w);
    g.cluster[level] = N(1);
    if constexpr (level > 0) g.cluster[level] = read_field<f::cluster_size(level)>(w);
  });
  g.levels = read_field<f::level_count()>(w);
  g.pes = read_field<f::own_pes()>(w);
  return g;
}

/// Sets what lies below the last level to 0, so that equal mappings are equal records.
template <class N, class Depth>
void clear_unused(genes<N, Depth>& g) {
  if constexpr (Depth::fixed) return;
  for (int level = 1; level < Depth::most; ++level) {
    const mask_of<N> unused = !in_use(g, level);
    for (N& tile : g.tiles[level]) move_if(unused, tile, N(0));
    for (N* gene : {&g.order[level], &g.parallel[level], &g.second[level], &g.cluster[level]}) {
      move_if(unused, *gene, N(0));
    }
  }
}

/// precondition: what is not in use is cleared
template <class N, class Depth>
packed<N> pack(const genes<N, Depth>& g, const search_space& space) {
  using f = genome_fields;
  packed<N> w;
  w.fill(N(0));
  for_each_constant<Depth::most>([&](auto level) __attribute__((always_inline)) {
    for_each_constant<gene_dimension_count>([&](auto d) __attribute__((always_inline)) {
      put_field<f::tile(decltype(level)(), d)>(w, g.tiles[level][d]);
    });
    put_field<f::order(level)>(w, g.order[level]);
    put_field<f::parallel(level)>(w, g.parallel[level]);
    put_field<f::second_parallel(level)>(w, g.second[level]);
    if constexpr (level > 0) put_field<f::cluster_size(level)>(w, g.cluster[level]);
  });
  put_field<f::layer_index()>(w, N(std::uint32_t{space.layer_index}));
  put_field<f::accelerator_index()>(w, N(std::uint32_t{space.accelerator_index}));
  put_field<f::level_count()>(w, g.levels);
  put_field<f::own_pes()>(w, g.pes);
  return w;
}

template <class N, class Depth>
N pes_of(const genes<N, Depth>& g, const search_space& space) {
  return space.search_pes ? g.pes : number<N>(space.pes_max);
}

/// Largest tile of a dimension at a level: the layer's bound at the top, below it the tile above.
template <class N, class Depth>
N tile_above(const genes<N, Depth>& g, const search_space& space, int level, int d) {
  return level == 0 ? number<N>(space.bound[d]) : g.tiles[level - 1][d];
}

/// The same of a dimension that differs from individual to individual.
template <class N, class Depth>
N tile_above(const genes<N, Depth>& g, const search_space& space, int level, N d) {
  N above(1);
  for (int i = 0; i < gene_dimension_count; ++i) {
    move_if(d == number<N>(i), above, tile_above(g, space, level, i));
  }
  return above;
}

template <class N, class Depth>
mask_of<N> is_parallel(const genes<N, Depth>& g, int level, int d) {
  return (g.parallel[level] == number<N>(d)) | (g.second[level] == number<N>(d));
}

/// Closed range of sizes.
template <class N>
struct range {
  N low;
  N high;
};

/// Where a tile of R or S may be less than whole: only where it is parallel from this level down,
/// because a TemporalMap below must cover the layer's whole R or S.
template <class N, class Depth>
mask_of<N> may_split_filter(const genes<N, Depth>& g, int level, int d) {
  mask_of<N> may = N(0) == N(0);
  for (; level < Depth::most; ++level) may = may & (is_parallel(g, level, d) | !in_use(g, level));
  return may;
}

template <class N, class Depth>
range<N> ruled_tiles(const genes<N, Depth>& g, const search_space& space, int level, int d) {
  const tile_rule& rule = space.levels[level].tiles[d];
  const N above = tile_above(g, space, level, d);
  if (rule.same_as_above != no_dimension) {
    const N same = min_of(above, tile_above(g, space, level, rule.same_as_above));
    return {same, same};
  }
  N high = min_of(number<N>(rule.high), above);
  if (rule.at_most_tile_of != no_dimension) {
    high = min_of(high, tile_above(g, space, level, rule.at_most_tile_of));
  }
  return {min_of(number<N>(rule.low), high), high};
}

/// What a tile may be, given the levels above it and the parallel dimensions.
template <class N, class Depth>
range<N> allowed_tiles(const genes<N, Depth>& g, const breeding_plan& plan, int level, int d) {
  const N above = tile_above(g, plan.space, level, d);
  const bool is_filter = d >= first_filter_dimension;
  if (!is_filter && plan.free_tiles[level]) return {N(1), above};
  if (is_filter && !plan.splits_filter) return {above, above};
  range<N> tiles = ruled_tiles(g, plan.space, level, d);
  if (!is_filter) return tiles;
  const mask_of<N> may_split = may_split_filter(g, level, d);
  return {select(may_split, tiles.low, above), select(may_split, tiles.high, above)};
}

/// What the size of a level below the top may be, given the tiles above it and the cluster sizes of
/// the other levels.
template <class N, class Depth>
range<N> allowed_cluster_sizes(const genes<N, Depth>& g, const search_space& space, int level) {
  const cluster_rule& rule = space.levels[level].cluster;
  N high = pes_of(g, space);
  for (int other = 1; other < Depth::most; ++other) {
    if (other == level) continue;
    const N least = min_of(number<N>(space.levels[other].cluster.low), high);
    const N taken = max_of(max_of(g.cluster[other], least), N(1));
    move_if(in_use(g, other), high, floor_div(high, taken));
  }
  high = min_of(high, number<N>(rule.high));
  if (rule.at_most_tile_of != no_dimension) {
    high = min_of(high, tile_above(g, space, level, rule.at_most_tile_of));
  }
  high = max_of(high, N(1));
  return {min_of(number<N>(rule.low), high), high};
}

template <class N, class Depth>
N ruled_tile(const genes<N, Depth>& g, const breeding_plan& plan, int level, int d, N wanted) {
  const range<N> allowed = allowed_tiles(g, plan, level, d);
  const N size = clamped(wanted, allowed.low, allowed.high);
  if (!plan.space.factors_only) return size;
  const N divisor = common_divisor(tile_above(g, plan.space, level, d), size);
  return select(divisor < allowed.low, size, divisor);
}

/// A tile that the space allows, nearest to the wanted one.
template <class N, class Depth>
[[gnu::always_inline]] inline N fitting_tile(const genes<N, Depth>& g,
                                             const breeding_plan& plan,
                                             int level,
                                             int d,
                                             N wanted) {
  const bool is_filter = d >= first_filter_dimension;
  if (is_filter && !plan.splits_filter) return tile_above(g, plan.space, level, d);
  const bool is_free = !is_filter && plan.free_tiles[level] && !plan.space.factors_only;
  if (!is_free) return ruled_tile(g, plan, level, d, wanted);
  return clamped(wanted, N(1), tile_above(g, plan.space, level, d));
}

/// The least that a tile may be.
template <class N, class Depth>
[[gnu::always_inline]] inline N least_tile(const genes<N, Depth>& g,
                                           const breeding_plan& plan,
                                           int level,
                                           int d) {
  const bool is_free = d < first_filter_dimension && plan.free_tiles[level];
  return is_free ? N(1) : allowed_tiles(g, plan, level, d).low;
}

template <class N, class Depth>
void repair_tiles(genes<N, Depth>& g, const breeding_plan& plan, int first_level = 0) {
  for (int level = first_level; level < Depth::most; ++level) {
    if (level >= plan.space.levels_max) return;
    for (int d = 0; d < gene_dimension_count; ++d) {
      g.tiles[level][d] = fitting_tile(g, plan, level, d, g.tiles[level][d]);
    }
  }
}

template <class N, class Depth>
void repair_clusters(genes<N, Depth>& g, const breeding_plan& plan) {
  for (int level = 1; level < Depth::most; ++level) {
    const range<N> allowed = allowed_cluster_sizes(g, plan.space, level);
    g.cluster[level] = clamped(g.cluster[level], allowed.low, allowed.high);
  }
}

/// A loop order with two positions exchanged, given as shifts.
template <class N>
N exchanged(N order, N shift_a, N shift_b) {
  const N different = ((order >> shift_a) ^ (order >> shift_b)) & N(dimension_code_mask);
  return order ^ (different << shift_a) ^ (different << shift_b);
}

/// A loop order that begins as the level's rule says.
template <class N>
N with_prefix(N order, const level_rule& rule) {
  for (int p = 0; p < rule.fixed_positions; ++p) {
    N shift(0);
    for (int q = 0; q < gene_dimension_count; ++q) {
      const N there = (order >> (dimension_bits * q)) & N(dimension_code_mask);
      move_if(there == number<N>(index_of(rule.order_prefix[p])),
              shift,
              number<N>(dimension_bits * q));
    }
    order = exchanged(order, number<N>(dimension_bits * p), shift);
  }
  return order;
}

/// The parallel dimensions of a level.
template <class N>
struct parallel_pair {
  N first;
  N second;
};

/// A second parallel dimension that the space allows next to the first; none if there is no other.
template <class N>
N random_second(const level_rule& rule, N first, N half) {
  N choices(0);
  for (int d = 0; d <= no_dimension; ++d) {
    if (!contains(rule.second_parallel, d)) continue;
    choices = choices + select(first == number<N>(d), N(0), N(1));
  }
  const N chosen = choices * half >> 16;
  N second(no_dimension);
  N passed(0);
  for (int d = 0; d <= no_dimension; ++d) {
    if (!contains(rule.second_parallel, d)) continue;
    const mask_of<N> other = !(first == number<N>(d));
    move_if(other & (passed == chosen), second, number<N>(d));
    passed = passed + select(other, N(1), N(0));
  }
  return second;
}

/// The parallel dimensions that two numbers below 65536 choose, each as likely.
template <class N>
parallel_pair<N> chosen_parallel(const breeding_plan& plan, int level, N half, N second_half) {
  const N index = half * N(plan.member_count[level]) >> 16;
  static_assert(dimension_bits == 3, "the shift is three times the index");
  const N first = (N(plan.members[level]) >> (index + index + index)) & N(dimension_code_mask);
  const level_rule& rule = plan.space.levels[level];
  if (rule.second_parallel == no_second_parallel) return {first, N(no_dimension)};
  return {first, random_second(rule, first, second_half)};
}

template <class N>
struct parallel_draw {
  N half;
  N second_half;
};
template <class N>
parallel_draw<N> draw_parallel(const breeding_plan& plan, random_words<N>& random) {
  const N half = random.half();
  return {half, plan.has_second ? random.half() : N(0)};
}

/// Draws the parallel dimensions anew where they are none that the space allows.
template <class N, class Depth>
void repair_parallel(genes<N, Depth>& g, const breeding_plan& plan, random_words<N>& random) {
  for (int level = 0; level < Depth::most; ++level) {
    const level_rule& rule = plan.space.levels[level];
    const N first = g.parallel[level];
    const N second = g.second[level];
    const auto among = [](dimension_mask mask, N d) { return ((N(mask) >> d) & N(1)) == N(1); };
    const mask_of<N> sound =
        among(rule.parallel, first) & among(rule.second_parallel, second) & !(first == second);
    const parallel_draw<N> draw = draw_parallel(plan, random);
    const parallel_pair<N> other = chosen_parallel(plan, level, draw.half, draw.second_half);
    g.parallel[level] = select(sound, first, other.first);
    g.second[level] = select(sound, second, other.second);
  }
}

/// Makes individuals legal and members of the space, changing as little as it can: parallel
/// dimensions, loop orders, cluster sizes, tiles from the top down (docs/model.md "Legal
/// mappings").
template <class N, class Depth>
void repair(genes<N, Depth>& g, const breeding_plan& plan, random_words<N>& random) {
  repair_parallel(g, plan, random);
  for (int level = 0; level < Depth::most; ++level) {
    g.order[level] = with_prefix(g.order[level], plan.space.levels[level]);
  }
  repair_tiles(g, plan);
  repair_clusters(g, plan);
}

}  // namespace cugamma::operators
