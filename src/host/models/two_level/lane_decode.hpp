#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cugamma/mapping/genome.hpp"
#include "models/two_level/genes.hpp"
#include "numbers/lanes.hpp"

/// Reads genomes into SIMD lanes. To be included by files that are compiled for one instruction
/// set.
namespace cugamma {
namespace {

constexpr int genome_words = sizeof(genome) / sizeof(std::uint64_t);

/// The words of lane_count genomes, word by word.
struct word_rows {
  alignas(64) std::uint64_t row[genome_words][lane_count];
};

inline word_rows transpose(const genome* g) {
  word_rows w;
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    std::uint64_t word[genome_words];
    std::memcpy(word, g + lane, sizeof word);
    for (int i = 0; i < genome_words; ++i) w.row[i][lane] = word[i];
  }
  return w;
}

word_lanes row(const word_rows& w, int i) { return hn::Load(word_tag(), w.row[i]); }

/// A field, from the 64-bit words where it lies.
template <genome_field Field>
word_lanes field(word_lanes w) {
  return hn::And(hn::ShiftRight<Field.wide_shift()>(w), word(Field.mask()));
}
template <genome_field Field>
word_lanes field(const word_rows& w) {
  return field<Field>(row(w, Field.wide_word()));
}

/// A loop order of six dimensions turned inside out: dimension_bits of position a dimension in bits
/// 32 and up; the bits below are 0111111 (octal) if the order is a permutation.
word_lanes invert_order(word_lanes order) {
  word_lanes inverse = word(0);
  word_lanes rest = order;
  static_assert(dimension_bits == 3, "shift is three times the dimension");
  for (std::uint64_t p = 0; p < core::dims; ++p) {
    const word_lanes d = hn::And(rest, word(dimension_code_mask));
    const word_lanes shift = hn::Add(d, hn::Add(d, d));
    inverse = hn::Add(inverse, hn::Shl(word(p << 32 | 1), shift));
    rest = hn::ShiftRight<dimension_bits>(rest);
  }
  return inverse;
}
constexpr std::uint64_t permutation = 0111111;
constexpr std::uint64_t permutation_mask = 077777777;

struct decoded {
  core::two_level_genes<lanes> genes;
  lane_mask simple;  ///< two levels that the closed form can express, not known to be legal
};

/// Parallel dimension of a level as masks; simple lanes have exactly one, out of the first Dims.
template <int Level, int Dims>
lane_mask decode_spatial(const word_rows& w, const core::couplings& c, lane_mask (&spatial)[Dims]) {
  word_lanes d = field<genome_fields::parallel(Level)>(w);
  if (!core::has(c.present, core::K)) d = hn::Max(d, word(core::C));
  lane_mask one = equal(field<genome_fields::second_parallel(Level)>(w), word(no_dimension));
  lane_mask known = no_lanes();
  for (int i = 0; i < Dims; ++i) {
    spatial[i] = equal(d, word(i));
    if (core::has(c.present, i)) known = known | spatial[i];
  }
  return one & known;
}

lane_mask whole_window(const word_rows& w, const core::gene_context& l) {
  if (!core::has(l.tensors.present, core::R)) return !no_lanes();
  constexpr genome_field first = genome_fields::tile(0, core::R);
  static_assert(first.wide_word() == genome_fields::tile(1, core::S).wide_word());
  const auto on_both_levels = [](std::uint64_t r, std::uint64_t s) {
    return r << genome_fields::tile(0, core::R).wide_shift() |
           r << genome_fields::tile(1, core::R).wide_shift() |
           s << genome_fields::tile(0, core::S).wide_shift() |
           s << genome_fields::tile(1, core::S).wide_shift();
  };
  const word_lanes tiles =
      hn::And(row(w, first.wide_word()), word(on_both_levels(max_filter_tile, max_filter_tile)));
  return equal(tiles,
               word(on_both_levels(static_cast<std::uint64_t>(l.filter_rows),
                                   static_cast<std::uint64_t>(l.filter_columns))));
}

/// Reads lane_count genomes. machine_pes: of those that have none of their own.
inline decoded decode(const genome* g, const core::gene_context& l, double machine_pes) {
  const word_rows w = transpose(g);
  const core::couplings& c = l.tensors;
  decoded out;
  constexpr genome_field outer = genome_fields::tile(0, core::K);
  constexpr genome_field inner = genome_fields::tile(1, core::K);
  constexpr std::uint64_t ones = 1ull << outer.wide_shift() | 1ull << inner.wide_shift();
  for (int d = 0; d < core::free_dims; ++d) {
    const word_lanes tiles =
        core::has(c.present, d) ? row(w, genome_fields::tile(0, d).wide_word()) : word(ones);
    out.genes.tile[0][d] = number(field<outer>(tiles));
    out.genes.tile[1][d] = number(field<inner>(tiles));
  }
  const word_lanes inverse[2] = {invert_order(field<genome_fields::order(0)>(w)),
                                 invert_order(field<genome_fields::order(1)>(w))};
  out.simple = equal(hn::And(inverse[0], word(permutation_mask)), word(permutation)) &
               equal(hn::And(inverse[1], word(permutation_mask)), word(permutation));
  for (int level = 0; level < 2; ++level) {
    for (int d = 0; d < core::free_dims; ++d) {
      const word_lanes shift = word(32 + dimension_bits * d);
      const word_lanes position =
          hn::And(hn::Shr(inverse[level], shift), word(dimension_code_mask));
      out.genes.position[level][d] = number(position);
    }
  }
  out.simple = out.simple & decode_spatial<0>(w, c, out.genes.spatial[0]) &
               decode_spatial<1>(w, c, out.genes.spatial[1]) & whole_window(w, l);
  out.genes.cluster_size = number(field<genome_fields::cluster_size(1)>(w));
  out.simple = out.simple & equal(field<genome_fields::level_count()>(w), word(2));
  const lanes own = number(field<genome_fields::own_pes()>(w));
  out.genes.pes = select(own > lanes(0), own, lanes(machine_pes));
  return out;
}

}  // namespace
}  // namespace cugamma
