#pragma once

#include <bit>
#include <cstdint>

#include "mapping/operators/buffers.hpp"
#include "mapping/operators/mutation.hpp"

namespace cugamma::operators {

/// The parents of a child. They are chosen well before the child is made, so that they are in the
/// cache by then.
template <class N>
struct chosen_parents {
  mask_of<N> immigrates;  ///< is drawn, not bred
  N mother;
  N father;   ///< the mother where nothing is crossed
  N crossed;  ///< the dimension whose tiles are the father's; no_dimension: none
};

template <class N>
chosen_parents<N> choose_parents(const breeding_rates& rates,
                                 std::uint32_t parents,
                                 probability immigrants,
                                 random_words<N>& random) {
  chosen_parents<N> c;
  c.immigrates = random.chance(immigrants);
  const mask_of<N> crosses = random.chance(rates.crossover);
  const N dimension_index = random.half_below(N(gene_dimension_count));
  c.mother = random.word_below(N(parents));
  c.father = select(crosses, random.word_below(N(parents)), c.mother);
  c.crossed = select(crosses, dimension_index, N(no_dimension));
  return c;
}

/// A dimension's tiles, on every level, lie in so many bytes of a genome's record; those of R and S
/// share them.
inline constexpr int crossed_byte_count = sizeof(std::uint64_t);
static_assert(genome_fields::tile_words == 2 && genome_fields::filter_tile_words == 1);

/// Offset in a genome's record of the bytes with the tiles of a dimension.
template <class N>
N crossed_bytes(N dimension_index) {
  constexpr int shift = std::countr_zero(unsigned{crossed_byte_count});
  return min_of(dimension_index, N(first_filter_dimension)) << shift;
}

/// Takes one dimension's tiles, on every level, from those bytes of the other parent.
template <class N>
void cross(packed<N>& child, N dimension_index, N low, N high) {
  for (int d = 0; d < first_filter_dimension; ++d) {
    const mask_of<N> hit = dimension_index == number<N>(d);
    const int word = genome_fields::tile(0, d).word;
    move_if(hit, child[word], low);
    move_if(hit, child[word + 1], high);
  }
  constexpr int r = index_of(dimension::R), s = index_of(dimension::S);
  move_if(dimension_index == N(r), child[genome_fields::tile(0, r).word], low);
  move_if(dimension_index == N(s), child[genome_fields::tile(0, s).word], high);
}

/// Undoes what the mutations of members may have broken.
template <class N, class Depth>
void repair_child(genes<N, Depth>& g, const breeding_plan& plan, random_words<N>& random) {
  if (!plan.same_parallel_on_every_level) repair_parallel(g, plan, random);
  repair_tiles(g, plan);
  repair_clusters(g, plan);
}

/// Makes the child whose packed genes are a copy of one parent's, crossed with another's: mutates,
/// repairs and fits it. precondition: the parents are members of the space
template <class Depth, class N>
genes<N, Depth> make_child(const packed<N>& copy,
                           const breeding_plan& plan,
                           random_words<N>& random) {
  genes<N, Depth> g = unpack<Depth>(copy);
  mutate(g, plan, random);
  repair_child(g, plan, random);
  if (plan.rates.fit_buffers) fit_buffers(g, plan, random);
  return g;
}

/// A level's loops that take more than one step, in order, dimension_bits each behind a leading 1:
/// a loop of a single step never advances, so its place does not matter.
template <class N, class Depth>
N moving_loops(const genes<N, Depth>& g, const search_space& space, int level) {
  N moving(0);
  for (int d = 0; d < gene_dimension_count; ++d) {
    const mask_of<N> moves = g.tiles[level][d] < tile_above(g, space, level, d);
    moving = moving | select(moves, N(1u << d), N(0));
  }
  N loops(1);
  for (int p = 0; p < gene_dimension_count; ++p) {
    const N d = (g.order[level] >> (dimension_bits * p)) & N(dimension_code_mask);
    move_if(!(((moving >> d) & N(1)) == N(0)), loops, (loops << dimension_bits) | d);
  }
  return loops;
}

/// Two words that are equal for mappings that cost the same because they differ in the places of
/// single steps alone, and almost surely differ for others.
template <class N>
struct identity {
  N low;
  N high;
};

template <class N>
N scrambled(N word) {
  word = (word ^ (word >> 16)) * N(0x85EBCA6Bu);
  word = (word ^ (word >> 13)) * N(0xC2B2AE35u);
  return word ^ (word >> 16);
}

/// `w`: what pack made of g.
template <class N, class Depth>
identity<N> identity_of(const genes<N, Depth>& g, const packed<N>& w, const breeding_plan& plan) {
  using core::rotate_left;
  N low(0x9E3779B9u);
  N high(0x7F4A7C15u);
  const auto mix = [&](N word) {
    low = rotate_left<5>(low ^ word) * N(0x2C1B3C6Du);
    high = rotate_left<13>(high ^ word) * N(0x297A2D39u);
  };
  for (int i = 0; i < genome_fields::filter_word; ++i) mix(w[i]);
  if (plan.splits_filter) {
    for (int i = genome_fields::filter_word; i < genome_fields::loops_word; ++i) mix(w[i]);
  }
  constexpr int parallel_shift = 20;  // above the bits of moving_loops
  static_assert(parallel_shift > dimension_bits * gene_dimension_count);
  for (int level = 0; level < Depth::most; ++level) {
    const N parallel = (g.parallel[level] << parallel_shift) |
                       (g.second[level] << (parallel_shift + dimension_bits));
    mix(select(in_use(g, level), moving_loops(g, plan.space, level) | parallel, N(0)));
  }
  mix(w[genome_fields::cluster_word]);
  mix(w[genome_fields::count_word]);
  low = scrambled(low);
  return {low, scrambled(high + low)};
}

}  // namespace cugamma::operators
