#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "models/timeloop/closed/tables.hpp"
#include "numbers/lanes.hpp"

/// What scoring a register of mappings reads and keeps. To be included by files that are compiled
/// for one instruction set.
namespace cugamma::timeloop {
namespace {

using closed::level_row;
using closed::tables;
using closed::tensor_row;
using cugamma::number;
using signed_word_tag = hn::Rebind<std::int64_t, lane_tag>;

inline lane_mask operator==(lanes a, lanes b) { return {hn::Eq(a.v, b.v)}; }
inline lanes whole(lanes a) { return lanes(hn::Trunc(a.v)); }
inline lanes load(const double* row) { return lanes(hn::Load(lane_tag(), row)); }
inline void store(double* row, lanes x) { hn::Store(x.v, lane_tag(), row); }
inline lanes number(std::int64_t x) { return lanes(static_cast<double>(x)); }
inline word_lanes select(lane_mask m, word_lanes a, word_lanes b) {
  return hn::IfThenElse(hn::RebindMask(word_tag(), m.m), a, b);
}
inline lane_mask is_bit_set(word_lanes bits, word_lanes index) {
  const word_lanes bit = hn::And(hn::Shr(bits, index), word(1));
  return {hn::RebindMask(lane_tag(), hn::Ne(bit, word(0)))};
}

using lane_row = double[lane_count];

/// Of the row that each lane names, its own entry.
inline lanes pick(const lane_row* rows, word_lanes index) {
  constexpr int shift = lane_count == 8 ? 3 : lane_count == 4 ? 2 : lane_count == 2 ? 1 : 0;
  const auto lane = hn::Iota(signed_word_tag(), 0);
  const auto at = hn::Add(hn::BitCast(signed_word_tag(), hn::ShiftLeft<shift>(index)), lane);
  return lanes(hn::GatherIndex(lane_tag(), &rows[0][0], at));
}

/// Genomes, word by word.
struct genome_rows {
  static constexpr std::size_t count = sizeof(genome) / sizeof(std::uint64_t);
  alignas(64) std::uint64_t row[count][lane_count];

  void read(const genome* const (&from)[lane_count]) {
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
      std::uint64_t words[count];
      std::memcpy(words, from[lane], sizeof words);
      for (std::size_t i = 0; i < count; ++i) row[i][lane] = words[i];
    }
  }
  /// Bytes from `offset` on, the first in the lowest bits.
  word_lanes from(std::size_t offset) const {
    const int shift = static_cast<int>(8 * (offset % 8));
    const word_lanes low = hn::Load(word_tag(), row[offset / 8]);
    if (shift == 0) return low;
    const word_lanes high = hn::Load(word_tag(), row[offset / 8 + 1]);
    return hn::Or(hn::ShiftRightSame(low, shift), hn::ShiftLeftSame(high, 64 - shift));
  }
  word_lanes byte(std::size_t offset) const { return hn::And(from(offset), word(255)); }
};

inline word_lanes digit(word_lanes order, int i) {
  return hn::And(hn::ShiftRightSame(order, 4 * i), word(15));
}

/// Of place p and dimension d: row p * dimensions + d, as simple::thread_rows.
struct factor_rows {
  alignas(64) lane_row factor[max_places * max_dimensions];
  alignas(64) lane_row inside[(max_places + 1) * max_dimensions];

  void read(const genome_shape& s, const genome_rows& g);
};

inline void factor_rows::read(const genome_shape& s, const genome_rows& g) {
  const int dimensions = s.num_dimensions;
  word_lanes places[max_primes];
  for (int i = 0; i < s.num_primes; ++i) {
    places[i] =
        digit(g.from(offsetof(genome, places) + 8u * static_cast<unsigned>(i / 16)), i % 16);
  }
  int begin = 0;
  for (int d = 0; d < dimensions; ++d) {
    int end = begin;
    while (end < s.num_primes && s.dimension_of[static_cast<std::size_t>(end)] == d) ++end;
    lanes product(1);
    store(inside[d], product);
    for (int p = 0; p < s.num_places; ++p) {
      lanes f(1);
      for (int i = begin; i < end; ++i) {
        const lane_mask is_here = equal(places[i], word(static_cast<std::uint64_t>(p)));
        f = select(is_here, f * number(std::int64_t{s.primes[static_cast<std::size_t>(i)]}), f);
      }
      store(factor[p * dimensions + d], f);
      product = product * f;
      store(inside[(p + 1) * dimensions + d], product);
    }
    begin = end;
  }
}

}  // namespace
}  // namespace cugamma::timeloop
