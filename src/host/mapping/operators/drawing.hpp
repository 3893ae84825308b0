#pragma once

#include "mapping/operators/buffers.hpp"
#include "mapping/operators/mutation.hpp"

namespace cugamma::operators {

/// How individuals without parents are drawn.
struct drawing {
  std::uint32_t population = 1;
  std::uint32_t guided_below = 1;  ///< of the population's places, those drawn evenly
  int handful = 1;  ///< even draws of which the one is taken that leaves the fewest PEs idle
};

template <class N, class Depth>
void replace_if(mask_of<N> m, genes<N, Depth>& g, const genes<N, Depth>& other) {
  for (int level = 0; level < Depth::most; ++level) {
    for (int d = 0; d < gene_dimension_count; ++d) {
      move_if(m, g.tiles[level][d], other.tiles[level][d]);
    }
    move_if(m, g.order[level], other.order[level]);
    move_if(m, g.parallel[level], other.parallel[level]);
    move_if(m, g.second[level], other.second[level]);
    move_if(m, g.cluster[level], other.cluster[level]);
  }
  move_if(m, g.levels, other.levels);
  move_if(m, g.pes, other.pes);
}

/// Draws one tile anew.
template <class N, class Depth>
void draw_tile(genes<N, Depth>& g,
               const breeding_plan& plan,
               int level,
               int d,
               probability guided,
               random_words<N>& random) {
  if (level == 0 && plan.space.bound[d] == 1) return;
  const N above = tile_above(g, plan.space, level, d);
  const range<N> allowed = allowed_tiles(g, plan, level, d);
  const size_draw<N> draw = draw_size(random, guided);
  const N size = plan.space.factors_only
                     ? random_factor(plan, number<N>(d), above, draw.word)
                     : random_size(allowed, g.tiles[level][d], above, guided.per_65536 != 0, draw);
  g.tiles[level][d] = clamped(size, allowed.low, allowed.high);
}

/// Individuals as GAMMA draws its first ones, not yet repaired: top tiles uniform, inner tiles 1.
template <class Depth, class N>
genes<N, Depth> draw_unrepaired(const breeding_plan& plan, random_words<N>& random) {
  genes<N, Depth> g{};
  const search_space& space = plan.space;
  if (space.search_pes) g.pes = draw_pes(space, random);
  N levels = number<N>(space.levels_max);
  if (space.levels_min != space.levels_max) {
    const N choices = number<N>(space.levels_max - space.levels_min + 1);
    levels = random.half_below(choices) + number<N>(space.levels_min);
  }
  for (int level = 0; level < Depth::most; ++level) {
    add_level(g, plan, level, number<N>(level) < levels, draw_level(plan, random));
    if (level > 0) continue;
    for (int d = 0; d < gene_dimension_count; ++d) draw_tile(g, plan, 0, d, {0}, random);
  }
  return g;
}

template <class Depth, class N>
genes<N, Depth> draw_random(const breeding_plan& plan, random_words<N>& random) {
  genes<N, Depth> g = draw_unrepaired<Depth>(plan, random);
  repair(g, plan, random);
  return g;
}

/// Share of the PEs' time that a mapping fills, as far as uneven splits decide it: per level, the
/// work over what all sub-clusters could do in the rounds it takes; times the PEs that clusters
/// leave idle. An estimate for choosing first individuals, not the model.
template <class N, class Depth>
real_of<N> estimated_pe_use(const genes<N, Depth>& g, const breeding_plan& plan) {
  using V = real_of<N>;
  V share(1);
  V used(1);
  for (int level = 0; level < Depth::most; ++level) {
    const N clusters = max_of(sub_clusters(g, plan.space, level), N(1));
    const N above = max_of(tile_above(g, plan.space, level, g.parallel[level]), N(1));
    const N size = max_of(parallel_tile(g, level), N(1));
    const N rounds = ceil_quotient(ceil_quotient(above, size), clusters);
    const V filled = to_real(above) / (to_real(rounds) * to_real(clusters) * to_real(size));
    share = select(in_use(g, level), share * filled, share);
    used = select(in_use(g, level), used * to_real(clusters), used);
  }
  return share * used / to_real(pes_of(g, plan.space));
}

/// Individuals whose parallel tiles are even splits and half of whose other tiles are guided; they
/// may break rules that tie genes to each other.
template <class Depth, class N>
genes<N, Depth> draw_even(const breeding_plan& plan, random_words<N>& random) {
  const probability half = chance_of(0.5);
  genes<N, Depth> g = draw_random<Depth>(plan, random);
  for (int level = 1; level < Depth::most; ++level) {
    mutate_cluster(g, plan, level, in_use(g, level), draw_size(random, half), true);
  }
  for (int level = 0; level < Depth::most; ++level) {
    for (int d = 0; d < gene_dimension_count; ++d) draw_tile(g, plan, level, d, half, random);
    spread_evenly(g, plan, level, N(0) == N(0), draw_spread(random));
  }
  return g;
}

/// Makes an even draw a member of the space, fitted where the rates ask for it. Individuals of
/// places that are not drawn evenly are drawn here, GAMMA's way.
template <class Depth, class N>
genes<N, Depth> complete(genes<N, Depth> even,
                         const breeding_plan& plan,
                         const drawing& how,
                         N place,
                         random_words<N>& random) {
  if (how.guided_below > 0) repair(even, plan, random);
  if (how.guided_below < how.population) {
    const genes<N, Depth> other = draw_random<Depth>(plan, random);
    replace_if(!(place < N(how.guided_below)), even, other);
  }
  if (plan.rates.fit_buffers) fit_buffers(even, plan, random);
  return even;
}

}  // namespace cugamma::operators
