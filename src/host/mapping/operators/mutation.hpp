#pragma once

#include <cstdint>

#include "mapping/operators/buffers.hpp"

namespace cugamma::operators {

/// What the draw of one size takes from the random words, whatever becomes of it.
template <class N>
struct size_draw {
  N word;
  mask_of<N> is_guided;
  N kind;  ///< 0 .. 11: how a guided size is made
  N exponent_half;
};

template <class N>
size_draw<N> draw_size(random_words<N>& random, probability guided) {
  size_draw<N> draw{random.next(), N(0) == N(1), N(0), N(0)};
  if (guided.per_65536 == 0) return draw;
  draw.is_guided = random.chance(guided);
  draw.kind = random.half_below(N(12));
  draw.exponent_half = random.half();
  return draw;
}

/// A size near the present one (one more or less, double, half, the even split of n into one part
/// more or less), or an even split of n into a random number of parts, small ones likelier.
template <class N>
N guided_size(N size, N n, const size_draw<N>& draw) {
  const N bits = floor_log2(to_real(n)) + N(2);
  const N most = N(1) << (draw.exponent_half * bits >> 16);
  const N some_parts = min_of(mul_high(draw.word, most) + N(1), n);
  const N parts = ceil_quotient(n, size);
  const auto kind_is = [&draw](std::uint32_t kind) { return draw.kind == N(kind); };
  N split = select(kind_is(4), parts + N(1), some_parts);
  split = select(kind_is(5), max_of(parts, N(2)) - N(1), split);
  N result = ceil_quotient(n, split);
  result = select(kind_is(0), size + N(1), result);
  result = select(kind_is(1), size - N(1), result);
  result = select(kind_is(2), size + size, result);
  return select(kind_is(3), (size + N(1)) >> 1, result);
}

/// A new size within a range whose full extent is n, uniform or guided.
template <class N>
N random_size(range<N> allowed, N size, N n, bool may_guide, const size_draw<N>& draw) {
  const N drawn = allowed.low + mul_high(draw.word, allowed.high - allowed.low + N(1));
  if (!may_guide) return drawn;
  const N guided = guided_size(max_of(size, N(1)), max_of(n, N(1)), draw);
  return clamped(select(draw.is_guided, guided, drawn), allowed.low, allowed.high);
}

/// A divisor of n, each as likely. precondition: 1 <= n <= divisor_lists::most
template <class N>
N random_divisor(const divisor_lists& lists, N n, N word) {
  const N place = lookup(lists.place, n);
  return lookup(lists.divisors, (place & N(0xffffff)) + mul_high(word, place >> 24));
}

/// A divisor of `above`, which divides the bound of dimension d.
template <class N>
N random_factor(const breeding_plan& plan, N d, N above, N word) {
  const N count = lookup(plan.bound_divisor_count.data(), d);
  const N index = d * N(breeding_plan::most_divisors) + mul_high(word, count);
  return common_divisor(above, lookup(plan.bound_divisors.data(), index));
}

template <class N>
N new_tile(const breeding_plan& plan,
           range<N> allowed,
           N d,
           N size,
           N above,
           const size_draw<N>& draw) {
  if (!plan.space.factors_only) {
    return random_size(allowed, size, above, plan.rates.guided.per_65536 != 0, draw);
  }
  return clamped(random_factor(plan, d, above, draw.word), allowed.low, allowed.high);
}

/// A dimension for each individual, as masks: no_dimension is none of them.
template <class N>
struct choice {
  std::array<mask_of<N>, gene_dimension_count> is;
  explicit choice(N d) {
    for (int i = 0; i < gene_dimension_count; ++i) is[i] = d == number<N>(i);
  }
};

template <class N, class Depth>
range<N> allowed_chosen(const genes<N, Depth>& g,
                        const breeding_plan& plan,
                        int level,
                        const choice<N>& d,
                        N above) {
  range<N> allowed{N(1), above};
  for (int i = 0; i < gene_dimension_count; ++i) {
    if (i < 4 && plan.free_tiles[level]) continue;
    if (i >= 4 && !plan.splits_filter) continue;
    const range<N> of_this = allowed_tiles(g, plan, level, i);
    move_if(d.is[i], allowed.low, of_this.low);
    move_if(d.is[i], allowed.high, of_this.high);
  }
  return allowed;
}

/// Draws the tiles of one dimension anew, from a level down to the innermost or at that level
/// alone. R and S are left alone where they must be whole.
template <class N, class Depth>
void mutate_column(genes<N, Depth>& g,
                   const breeding_plan& plan,
                   N first_level,
                   N dimension_index,
                   const std::array<size_draw<N>, Depth::most>& draws) {
  const choice<N> d(dimension_index);
  const int count = plan.splits_filter ? gene_dimension_count : 4;
  N above(1);
  for (int i = 0; i < count; ++i) move_if(d.is[i], above, number<N>(plan.space.bound[i]));
  for (int level = 0; level < Depth::most; ++level) {
    const N here = number<N>(level);
    const mask_of<N> reached =
        plan.rates.whole_column ? !(here < first_level) : here == first_level;
    N size(1);
    for (int i = 0; i < count; ++i) move_if(d.is[i], size, g.tiles[level][i]);
    const range<N> allowed = allowed_chosen(g, plan, level, d, above);
    const N dim = min_of(dimension_index, N(gene_dimension_count - 1));
    const N drawn = new_tile(plan, allowed, dim, size, above, draws[level]);
    const N now = select(reached & in_use(g, level), drawn, size);
    for (int i = 0; i < count; ++i) move_if(d.is[i], g.tiles[level][i], now);
    above = now;
  }
}

/// What a cluster size may be of use for: up to the parallel tile above it.
template <class N, class Depth>
N useful_size(const genes<N, Depth>& g, const breeding_plan& plan, int level, range<N> allowed) {
  const N above = tile_above(g, plan.space, level, g.parallel[level]);
  return clamped(above, allowed.low, allowed.high);
}

/// Draws the size of a level below the top anew: a divisor of the parallel tile above it or of the
/// PEs, or a guided size.
template <class N, class Depth>
void mutate_cluster(genes<N, Depth>& g,
                    const breeding_plan& plan,
                    int level,
                    mask_of<N> which,
                    const size_draw<N>& draw,
                    bool may_guide) {
  const range<N> allowed = allowed_cluster_sizes(g, plan.space, level);
  const N useful = useful_size(g, plan, level, allowed);
  const mask_of<N> of_pes = draw.is_guided & (draw.exponent_half < N(0x8000));
  const N pes = min_of(pes_of(g, plan.space), N(divisor_lists::most));
  const N divided = may_guide ? select(of_pes, pes, useful) : useful;
  N size = random_divisor(plan.cluster_divisors, divided, draw.word);
  if (may_guide) {
    const N near = guided_size(max_of(g.cluster[level], N(1)), useful, draw);
    move_if(draw.is_guided & !of_pes, size, near);
  }
  move_if(which, g.cluster[level], clamped(size, allowed.low, allowed.high));
}

/// A level of each individual, each as likely.
template <class N, class Depth>
N random_level(const genes<N, Depth>& g, random_words<N>& random) {
  if constexpr (Depth::fixed) return random.half() >> 15;
  return random.half_below(g.levels);
}

/// Draws the parallel dimension of a level and, below the top, its cluster size.
template <class N, class Depth>
void mutate_parallel(genes<N, Depth>& g,
                     const breeding_plan& plan,
                     mask_of<N> which,
                     N level,
                     const parallel_draw<N>& draw,
                     const size_draw<N>& size) {
  if (!any_of(which)) return;
  const bool may_guide = plan.rates.guided.per_65536 != 0;
  for (int here = 0; here < Depth::most; ++here) {
    const mask_of<N> hit = which & (level == number<N>(here));
    const parallel_pair<N> drawn = chosen_parallel(plan, here, draw.half, draw.second_half);
    move_if(hit, g.parallel[here], drawn.first);
    move_if(hit, g.second[here], drawn.second);
    if (here > 0 && any_of(hit)) mutate_cluster(g, plan, here, hit, size, may_guide);
  }
}

/// One of GAMMA's gene mutations: draws the tiles of one dimension, or the parallel dimensions of
/// one level, anew.
template <class N, class Depth>
void mutate_gene(genes<N, Depth>& g, const breeding_plan& plan, random_words<N>& random) {
  const mask_of<N> happens = random.chance(plan.rates.gene_mutation);
  const N level = random_level(g, random);
  const N pick = random.half_below(N(gene_dimension_count + 1));
  const parallel_draw<N> drawn_parallel = draw_parallel(plan, random);
  std::array<size_draw<N>, Depth::most> draws;
  for (size_draw<N>& draw : draws) draw = draw_size(random, plan.rates.guided);
  const mask_of<N> picks_parallel = pick == N(gene_dimension_count);
  const N d = select(happens & !picks_parallel, pick, N(no_dimension));
  mutate_column(g, plan, level, d, draws);
  mutate_parallel(g, plan, happens & picks_parallel, level, drawn_parallel, draws[0]);
}

/// Exchanges two loops of one level, behind the positions that the space fixes.
template <class N, class Depth>
void swap_order(genes<N, Depth>& g, const breeding_plan& plan, random_words<N>& random) {
  const mask_of<N> happens = random.chance(plan.rates.order_swap);
  const N level = random_level(g, random);
  const N half_a = random.half();
  const N half_b = random.half();
  for (int here = 0; here < Depth::most; ++here) {
    const int fixed = plan.space.levels[here].fixed_positions;
    const N free = number<N>(gene_dimension_count - fixed);
    const auto shift = [&](N half) {
      const N position = (half * free >> 16) + number<N>(fixed);
      return position + position + position;
    };
    const N swapped = exchanged(g.order[here], shift(half_a), shift(half_b));
    if (fixed == gene_dimension_count) continue;
    move_if(happens & (level == number<N>(here)), g.order[here], swapped);
  }
}

/// Two neighbouring levels trade their parallel dimensions.
template <class N, class Depth>
void exchange_parallel(genes<N, Depth>& g, mask_of<N> happens, N half) {
  const N lower = Depth::fixed ? N(1) : ((g.levels - N(1)) * half >> 16) + N(1);
  for (int here = 1; here < Depth::most; ++here) {
    const mask_of<N> hit = happens & in_use(g, here) & (lower == number<N>(here));
    const parallel_pair<N> above{g.parallel[here - 1], g.second[here - 1]};
    move_if(hit, g.parallel[here - 1], g.parallel[here]);
    move_if(hit, g.second[here - 1], g.second[here]);
    move_if(hit, g.parallel[here], above.first);
    move_if(hit, g.second[here], above.second);
  }
}

/// A random loop order.
template <class N>
N draw_order(random_words<N>& random) {
  N order(0543210);
  for (int p = gene_dimension_count - 1; p > 0; --p) {
    const N other = random.half_below(number<N>(p + 1));
    order = exchanged(order, number<N>(dimension_bits * p), other + other + other);
  }
  return order;
}

/// What the draw of a level takes from the random words.
template <class N>
struct level_draw {
  N order;
  parallel_draw<N> parallel;
  N word;
};

template <class N>
level_draw<N> draw_level(const breeding_plan& plan, random_words<N>& random) {
  const N order = draw_order(random);
  const parallel_draw<N> parallel = draw_parallel(plan, random);
  return {order, parallel, random.next()};
}

/// Makes a level the innermost as GAMMA draws one: every tile 1, random order and parallel
/// dimension. precondition: it is the number of levels where the mask holds
template <class N, class Depth>
void add_level(genes<N, Depth>& g,
               const breeding_plan& plan,
               int level,
               mask_of<N> which,
               const level_draw<N>& draw) {
  const parallel_pair<N> chosen =
      chosen_parallel(plan, level, draw.parallel.half, draw.parallel.second_half);
  move_if(which, g.levels, number<N>(level + 1));
  move_if(which, g.order[level], with_prefix(draw.order, plan.space.levels[level]));
  move_if(which, g.parallel[level], chosen.first);
  move_if(which, g.second[level], chosen.second);
  move_if(which, g.cluster[level], N(1));
  for (N& tile : g.tiles[level]) move_if(which, tile, N(1));
  if (level == 0) return;
  const range<N> allowed = allowed_cluster_sizes(g, plan.space, level);
  const N useful = useful_size(g, plan, level, allowed);
  const N size = allowed.low + mul_high(draw.word, useful - allowed.low + N(1));
  move_if(which, g.cluster[level], size);
}

template <class N, class Depth>
void mutate_levels(genes<N, Depth>& g, const breeding_plan& plan, random_words<N>& random) {
  const mask_of<N> birth = random.chance(plan.rates.level_birth);
  const mask_of<N> death = random.chance(plan.rates.level_death);
  const level_draw<N> draw = draw_level(plan, random);
  const N levels = g.levels;
  for (int level = plan.space.levels_min; level < plan.space.levels_max; ++level) {
    add_level(g, plan, level, birth & (levels == number<N>(level)), draw);
  }
  const mask_of<N> can_lose = number<N>(plan.space.levels_min) < g.levels;
  g.levels = g.levels - select(death & can_lose, N(1), N(0));
}

/// Draws the number of PEs (co-exploration).
template <class N>
N draw_pes(const search_space& space, random_words<N>& random) {
  const N choices = number<N>(space.pes_max - space.pes_min + 1);
  return number<N>(space.pes_min) + random.word_below(choices);
}

/// Sub-clusters of a level: at the top what the cluster sizes below leave of the PEs.
template <class N, class Depth>
N sub_clusters(const genes<N, Depth>& g, const search_space& space, int level) {
  return level > 0 ? g.cluster[level] : top_clusters(g, space);
}

/// Tile of the first parallel dimension.
template <class N, class Depth>
N parallel_tile(const genes<N, Depth>& g, int level) {
  N tile(1);
  for (int d = 0; d < gene_dimension_count; ++d) {
    move_if(g.parallel[level] == number<N>(d), tile, g.tiles[level][d]);
  }
  return tile;
}

/// What spread_evenly takes from the random words.
template <class N>
struct spread_draw {
  N half;
  N word;
};

template <class N>
spread_draw<N> draw_spread(random_words<N>& random) {
  const N half = random.half();
  return {half, random.next()};
}

/// Sets a level's parallel tile so that all sub-clusters work for a random number of full rounds.
template <class N, class Depth>
void spread_evenly(genes<N, Depth>& g,
                   const breeding_plan& plan,
                   int level,
                   mask_of<N> which,
                   const spread_draw<N>& draw) {
  const N clusters = max_of(sub_clusters(g, plan.space, level), N(1));
  const N above = max_of(tile_above(g, plan.space, level, g.parallel[level]), N(1));
  const N most = ceil_quotient(above, clusters);
  const N bits = floor_log2(to_real(most)) + N(2);
  const N some_parts = mul_high(draw.word, N(1) << (draw.half * bits >> 16));
  const N parts = min_of(some_parts + N(1), most);
  const N wanted = ceil_quotient(most, parts);
  for (int d = 0; d < gene_dimension_count; ++d) {
    const N size = fitting_tile(g, plan, level, d, wanted);
    move_if(which & (g.parallel[level] == number<N>(d)), g.tiles[level][d], size);
  }
}

/// Draws the size of level 1's clusters anew and lets the tiles that are parallel follow: level 1
/// works for as many rounds as before, level 0 for a random number of full ones.
template <class N, class Depth>
void regroup(genes<N, Depth>& g, const breeding_plan& plan, random_words<N>& random) {
  const mask_of<N> happens = random.chance(plan.rates.regrouping) & in_use(g, 1);
  const size_draw<N> draw = draw_size(random, chance_of(0.5));
  const spread_draw<N> spread = draw_spread(random);
  if (!any_of(happens)) return;
  const N tile = max_of(parallel_tile(g, 1), N(1));
  const N above = max_of(tile_above(g, plan.space, 1, g.parallel[1]), N(1));
  const N old = max_of(g.cluster[1], N(1));
  const N rounds = ceil_quotient(ceil_quotient(above, tile), old);
  const range<N> allowed = allowed_cluster_sizes(g, plan.space, 1);
  const N pes = min_of(pes_of(g, plan.space), N(divisor_lists::most));
  const N divisor = random_divisor(plan.cluster_divisors, pes, draw.word);
  const N near = guided_size(old, pes, draw);
  const N size = clamped(select(draw.is_guided, near, divisor), allowed.low, allowed.high);
  move_if(happens, g.cluster[1], size);
  for (int d = 0; d < gene_dimension_count; ++d) {
    const N wanted = rounds * tile * size;
    const N fit = fitting_tile(g, plan, 0, d, wanted);
    move_if(happens & (g.parallel[1] == number<N>(d)), g.tiles[0][d], fit);
  }
  spread_evenly(g, plan, 0, happens, spread);
}

/// The mutations of a child, in GAMMA's order.
template <class N, class Depth>
void mutate(genes<N, Depth>& g, const breeding_plan& plan, random_words<N>& random) {
  swap_order(g, plan, random);
  for (int i = 0; i < plan.rates.gene_mutations; ++i) mutate_gene(g, plan, random);
  if (plan.space.search_pes) {
    const mask_of<N> happens = random.chance(plan.rates.pe_mutation);
    move_if(happens, g.pes, draw_pes(plan.space, random));
  }
  const mask_of<N> exchanges = random.chance(plan.rates.parallel_exchange);
  exchange_parallel(g, exchanges, Depth::fixed ? N(0) : random.half());
  if (plan.rates.regrouping.per_65536 != 0) regroup(g, plan, random);
  if constexpr (!Depth::fixed) {
    if (plan.space.levels_min != plan.space.levels_max) mutate_levels(g, plan, random);
  }
}

}  // namespace cugamma::operators
