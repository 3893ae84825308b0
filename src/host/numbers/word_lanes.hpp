#pragma once

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "numbers/word.hpp"

/// One 32-bit word a SIMD lane, for the instruction set that the including file is compiled for.
/// Everything here is in an anonymous namespace: two such files must not share an instantiation.
namespace cugamma {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using word_tag = hn::ScalableTag<std::uint32_t>;
using sign_tag = hn::RebindToSigned<word_tag>;
using real_tag = hn::RebindToFloat<word_tag>;
using pair_tag = hn::RepartitionToWide<word_tag>;
inline constexpr std::size_t lane_count = HWY_LANES(std::uint32_t);

struct word_mask {
  hn::Mask<word_tag> m;
};
inline word_mask operator&(word_mask a, word_mask b) { return {hn::And(a.m, b.m)}; }
inline word_mask operator|(word_mask a, word_mask b) { return {hn::Or(a.m, b.m)}; }
inline word_mask operator!(word_mask a) { return {hn::Not(a.m)}; }
inline bool any_of(word_mask a) { return !hn::AllFalse(word_tag(), a.m); }

/// Single-precision numbers, one a lane.
struct reals {
  using mask = word_mask;
  hn::Vec<real_tag> v;
  reals() = default;
  explicit reals(hn::Vec<real_tag> x) : v(x) {}
  explicit reals(float x) : v(hn::Set(real_tag(), x)) {}
};
inline word_mask to_word(hn::Mask<real_tag> m) { return {hn::RebindMask(word_tag(), m)}; }
inline reals operator+(reals a, reals b) { return reals(hn::Add(a.v, b.v)); }
inline reals operator-(reals a, reals b) { return reals(hn::Sub(a.v, b.v)); }
inline reals operator*(reals a, reals b) { return reals(hn::Mul(a.v, b.v)); }
inline reals operator/(reals a, reals b) { return reals(hn::Div(a.v, b.v)); }
inline word_mask operator<(reals a, reals b) { return to_word(hn::Lt(a.v, b.v)); }
inline reals min_of(reals a, reals b) { return reals(hn::Min(a.v, b.v)); }
inline reals select(word_mask m, reals a, reals b) {
  return reals(hn::IfThenElse(hn::RebindMask(real_tag(), m.m), a.v, b.v));
}

struct words {
  using mask = word_mask;
  using real = reals;
  hn::Vec<word_tag> v;
  words() = default;
  explicit words(hn::Vec<word_tag> x) : v(x) {}
  explicit words(std::uint32_t x) : v(hn::Set(word_tag(), x)) {}
};
inline words operator+(words a, words b) { return words(hn::Add(a.v, b.v)); }
inline words operator-(words a, words b) { return words(hn::Sub(a.v, b.v)); }
inline words operator*(words a, words b) { return words(hn::Mul(a.v, b.v)); }
inline words operator&(words a, words b) { return words(hn::And(a.v, b.v)); }
inline words operator|(words a, words b) { return words(hn::Or(a.v, b.v)); }
inline words operator^(words a, words b) { return words(hn::Xor(a.v, b.v)); }
inline words operator<<(words a, int bits) { return words(hn::ShiftLeftSame(a.v, bits)); }
inline words operator>>(words a, int bits) { return words(hn::ShiftRightSame(a.v, bits)); }
inline words operator<<(words a, words bits) { return words(hn::Shl(a.v, bits.v)); }
inline words operator>>(words a, words bits) { return words(hn::Shr(a.v, bits.v)); }
inline hn::Vec<sign_tag> as_signed(words a) { return hn::BitCast(sign_tag(), a.v); }
inline word_mask operator<(words a, words b) {
  return {hn::RebindMask(word_tag(), hn::Lt(as_signed(a), as_signed(b)))};
}
inline word_mask operator==(words a, words b) { return {hn::Eq(a.v, b.v)}; }
inline words select(word_mask m, words a, words b) { return words(hn::IfThenElse(m.m, a.v, b.v)); }
inline words max_of(words a, words b) { return words(hn::Max(a.v, b.v)); }
inline words min_of(words a, words b) { return words(hn::Min(a.v, b.v)); }

template <int Bits>
words rotate_left(words a) {
  return words(hn::RotateRight<32 - Bits>(a.v));
}
inline words mul_high(words a, words b) {
  const pair_tag pairs;
  const auto even = hn::MulEven(a.v, b.v);
  const auto odd =
      hn::MulEven(hn::BitCast(word_tag(), hn::ShiftRight<32>(hn::BitCast(pairs, a.v))),
                  hn::BitCast(word_tag(), hn::ShiftRight<32>(hn::BitCast(pairs, b.v))));
  return words(
      hn::OddEven(hn::BitCast(word_tag(), odd), hn::BitCast(word_tag(), hn::ShiftRight<32>(even))));
}

inline reals to_real(words a) { return reals(hn::ConvertTo(real_tag(), as_signed(a))); }
inline words floor_div(words a, words b) {
  const auto quotient = hn::Div(to_real(a).v, to_real(b).v);
  return words(hn::BitCast(word_tag(), hn::ConvertTo(sign_tag(), quotient)));
}
inline words bits_of(reals a) { return words(hn::BitCast(word_tag(), a.v)); }
inline words floor_log2(reals a) {
  return words(hn::ShiftRight<23>(hn::BitCast(word_tag(), a.v))) - words(127);
}
inline words lookup(const std::uint32_t* table, words index) {
  return words(hn::GatherIndex(word_tag(), table, as_signed(index)));
}

}  // namespace
}  // namespace cugamma
