#pragma once

#include <cstddef>
#include <cstdint>

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/question_numbers.hpp"

/// What level 0 takes with many tiles of one dimension above the same tiles of the others, a tile
/// of the one a SIMD lane (docs/certify-exact.md "Level 0"). Each instruction set has a form of its
/// own, made from the same text.
namespace cugamma::exact::level_0 {

inline constexpr std::size_t row_length = 64;
inline constexpr unsigned set_count = 1u << free_dims;

/// A stream's sums of one dimension, by tile.
struct sums_row {
  double same[row_length];
  double moves[row_length];
  double restarts[row_length];
};

/// Tiles of one dimension. Sums in MACs where they are weighed, else in elements.
struct tile_row {
  int dim = 0;
  std::size_t count = 0;
  double least_step = 0;                    ///< that of the tile that covers least
  double step[row_length];                  ///< what a step covers
  double steps[row_length];                 ///< that level 0 makes
  double work[free_dims + 1][row_length];   ///< least cycles of PEs, by inner parallel dimension
  sums_row input, filter, outputs;          ///< weighed by what they cost at level 0
  sums_row shared[floor_count];             ///< and by the share of a kind of floor
  sums_row input_reads, filter_reads, out;  ///< not weighed; of a filter all its rows and columns
};

/// Products over the other three dimensions: that of all sums of what does not turn, and those of
/// the sums with a mover among them or without, by mover and the set of the three that are outside.
struct products {
  double same;
  double turning[free_dims][set_count];
};

/// Tiles of the other three dimensions.
struct rest_of_tiles {
  products input, filter, outputs;
  double steps;
  std::uint8_t in_several_steps;  ///< dimensions, as bits
  std::uint8_t in_two_steps;
  /// Elements of a step's input and filter, and of the buffer that it takes, by what it covers of
  /// the row's dimension: of nothing, and of one index more.
  double awaited, awaited_each;
  double buffer, buffer_each;
};

/// What vectors may be part of a mapping better than the best known.
struct target {
  double best;
  double compulsory;  ///< energy of level 0: no vector takes less
  double l2_elems;    ///< infinite: any buffer fits
  bool has_share[floor_count];
  /// Of level 1, by inner parallel dimension; [1]: where that makes two steps. -infinite: none
  /// holds.
  double floors[2][free_dims + 1][floor_count];
};

/// Vectors of a row, those that count as bits.
struct row_prices {
  std::uint64_t counts;
  double least[floor_count][row_length];  ///< energy, by kind of floor
  double first[row_length];               ///< elements of input and filter in a step
  double in[row_length];                  ///< elements that come in at least, in any order
  double out[row_length];                 ///< that leave, if each step's outputs do
  double out_added[row_length];           ///< and if they are added up first
};

struct price_lanes {
  void (*price)(const question_numbers& q,
                const target& wanted,
                const tile_row& row,
                const rest_of_tiles& rest,
                row_prices& prices);
};

extern const price_lanes lanes_base, lanes_avx2, lanes_avx512;

}  // namespace cugamma::exact::level_0
