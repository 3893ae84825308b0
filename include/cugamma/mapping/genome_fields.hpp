#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/problem/layer.hpp"

/// Where each field of a packed genome lies. The accessors of genome, the operators of the search,
/// the models, the kernels and Python all read this table.
namespace cugamma {

inline constexpr int max_genome_levels = 3;

/// The dimensions from here on (R and S) are the filter's: their tiles have fewer bits.
inline constexpr int first_filter_dimension = index_of(dimension::R);
/// A bit for each dimension that a genome has genes for.
inline constexpr unsigned every_gene_dimension = (1u << gene_dimension_count) - 1;

/// Bits of a dimension's index, as loop orders and parallel dimensions hold it.
inline constexpr int dimension_bits = 3;
inline constexpr unsigned dimension_code_mask = (1u << dimension_bits) - 1;
/// In the place of a second parallel dimension: there is none.
inline constexpr int no_dimension = dimension_code_mask;

/// The bits `shift` to `shift + width - 1`, counted from the lowest bit of the 32-bit word number
/// `word` of a record; they may reach into the words behind it. No field crosses a boundary of 64
/// bits.
struct genome_field {
  int word;
  int shift;
  int width;

  /// The lowest bit, counted from the beginning of the record.
  CUGAMMA_HD constexpr int first_bit() const { return 32 * word + shift; }
  /// The same place in a record of 64-bit words.
  CUGAMMA_HD constexpr int wide_word() const { return first_bit() / 64; }
  CUGAMMA_HD constexpr int wide_shift() const { return first_bit() % 64; }
  /// The largest value, which is as many 1 bits as the field is wide.
  CUGAMMA_HD constexpr std::uint64_t mask() const { return (std::uint64_t{1} << width) - 1; }
};

/// The value of a field, from the 32 or 64 bits that begin at its word.
template <class Word>
CUGAMMA_HD constexpr Word field_of(Word bits, genome_field f) {
  return static_cast<Word>(bits >> f.shift) & static_cast<Word>(f.mask());
}

/// The 32 or 64 bits that begin at a field's word, with another value in the field.
/// precondition: value <= f.mask()
template <class Word>
CUGAMMA_HD constexpr Word with_field(Word bits, genome_field f, Word value) {
  return (bits & ~(static_cast<Word>(f.mask()) << f.shift)) | (value << f.shift);
}

/// The table of genomes of up to `Levels` cluster levels. Level 0 is the outermost; dimensions are
/// indices of K, C, Y, X, R, S. The tiles of K, C, Y and X come first, three levels in 64 bits,
/// then those of R and S, three levels in 32 bits; one word of loops for each level; the cluster
/// sizes; the indices of layer and accelerator; level count and PEs.
template <int Levels>
struct genome_layout {
  static_assert(Levels >= 2);
  static constexpr int tile_bits = 21;         ///< of K, C, Y, X
  static constexpr int filter_tile_bits = 10;  ///< of R, S
  static constexpr int cluster_size_bits = 16;
  static constexpr int index_bits = 16;
  static constexpr int level_count_bits = std::bit_width(unsigned{Levels});

  static constexpr int levels_together = 3;  ///< whose tiles of a dimension share a word
  static constexpr int groups = (Levels + levels_together - 1) / levels_together;
  static constexpr int tile_words = 2 * groups;     ///< of each of K, C, Y, X
  static constexpr int filter_tile_words = groups;  ///< of each of R, S

  static constexpr int filter_word = first_filter_dimension * tile_words;
  static constexpr int loops_word =
      filter_word + (gene_dimension_count - first_filter_dimension) * filter_tile_words;
  static constexpr int cluster_word = loops_word + Levels;
  static constexpr int index_word = cluster_word + Levels / 2;
  static constexpr int count_word = index_word + 1;
  /// 32-bit words of a record, a multiple of 16 bytes.
  static constexpr int words = (count_word + 1 + 3) / 4 * 4;

  CUGAMMA_HD static constexpr genome_field tile(int level, int d) {
    const int group = groups == 1 ? 0 : level / levels_together;
    const int place = level - levels_together * group;
    if (d < first_filter_dimension) {
      return {tile_words * d + 2 * group, tile_bits * place, tile_bits};
    }
    const int first = filter_word + filter_tile_words * (d - first_filter_dimension);
    return {first + group, filter_tile_bits * place, filter_tile_bits};
  }

  /// A level's whole loop order, the outermost loop lowest.
  CUGAMMA_HD static constexpr genome_field order(int level) {
    return {loops_word + level, 0, dimension_bits * gene_dimension_count};
  }
  /// The dimension at a position of a level's loop order, 0 outermost.
  CUGAMMA_HD static constexpr genome_field order(int level, int position) {
    return {loops_word + level, dimension_bits * position, dimension_bits};
  }
  CUGAMMA_HD static constexpr genome_field parallel(int level) {
    return {loops_word + level, order(level).width, dimension_bits};
  }
  /// no_dimension: there is none.
  CUGAMMA_HD static constexpr genome_field second_parallel(int level) {
    return {loops_word + level, order(level).width + dimension_bits, dimension_bits};
  }

  /// precondition: level >= 1, the top level's cluster size is what the PEs allow
  CUGAMMA_HD static constexpr genome_field cluster_size(int level) {
    return {cluster_word, cluster_size_bits * (level - 1), cluster_size_bits};
  }

  CUGAMMA_HD static constexpr genome_field layer_index() { return {index_word, 0, index_bits}; }
  CUGAMMA_HD static constexpr genome_field accelerator_index() {
    return {index_word, index_bits, index_bits};
  }
  CUGAMMA_HD static constexpr genome_field level_count() {
    return {count_word, 0, level_count_bits};
  }
  /// PEs of this individual, 0: the accelerator's.
  CUGAMMA_HD static constexpr genome_field own_pes() {
    return {count_word, level_count_bits, 32 - level_count_bits};
  }

  static constexpr int field_count = Levels * (2 * gene_dimension_count + 3) - 1 + 4;
  /// Every field once, loop orders position by position.
  static constexpr std::array<genome_field, field_count> all() {
    std::array<genome_field, field_count> fields{};
    std::size_t count = 0;
    for (int level = 0; level < Levels; ++level) {
      for (int d = 0; d < gene_dimension_count; ++d) {
        fields[count++] = tile(level, d);
        fields[count++] = order(level, d);
      }
      fields[count++] = parallel(level);
      fields[count++] = second_parallel(level);
      if (level > 0) fields[count++] = cluster_size(level);
    }
    for (const genome_field f : {layer_index(), accelerator_index(), level_count(), own_pes()}) {
      fields[count++] = f;
    }
    return fields;
  }

  /// True if the fields lie apart, each within 64 bits of the record.
  static constexpr bool is_sound() {
    std::array<std::uint64_t, words / 2> taken{};
    for (const genome_field f : all()) {
      if (f.wide_shift() + f.width > 64 || f.wide_word() >= words / 2) return false;
      const std::uint64_t bits = f.mask() << f.wide_shift();
      if ((taken[f.wide_word()] & bits) != 0) return false;
      taken[f.wide_word()] |= bits;
    }
    return true;
  }
};

using genome_fields = genome_layout<max_genome_levels>;
static_assert(genome_fields::is_sound() && genome_fields::words * sizeof(std::uint32_t) == 64);
static_assert(1 << dimension_bits > gene_dimension_count, "no_dimension is none of them");

/// Largest tile that a genome can hold: of K, C, Y and X, and of R and S.
inline constexpr std::int32_t max_tile = (1 << genome_fields::tile_bits) - 1;
inline constexpr std::int32_t max_filter_tile = (1 << genome_fields::filter_tile_bits) - 1;

}  // namespace cugamma
