#pragma once

#include <hwy/highway.h>

#include <cmath>
#include <cstdint>

#include "numbers/number.hpp"

/// One number a SIMD lane, for the instruction set that the including file is compiled for.
/// Everything here is in an anonymous namespace: two such files must not share an instantiation.
namespace cugamma {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using lane_tag = hn::ScalableTag<double>;
using word_tag = hn::Rebind<std::uint64_t, lane_tag>;
using half_tag = hn::Rebind<float, lane_tag>;
inline constexpr std::size_t lane_count = HWY_LANES(double);

struct lane_mask {
  hn::Mask<lane_tag> m;
};
inline lane_mask operator&(lane_mask a, lane_mask b) { return {hn::And(a.m, b.m)}; }
inline lane_mask operator|(lane_mask a, lane_mask b) { return {hn::Or(a.m, b.m)}; }
inline lane_mask operator!(lane_mask a) { return {hn::Not(a.m)}; }
inline bool any_of(lane_mask a) { return !hn::AllFalse(lane_tag(), a.m); }
/// A bit for each lane.
inline std::uint8_t bits(lane_mask m) {
  std::uint8_t b[8] = {};
  hn::StoreMaskBits(lane_tag(), m.m, b);
  return b[0];
}

/// Single-precision fractions, one a lane.
struct lane_reals {
  hn::Vec<half_tag> v;
  lane_reals() = default;
  explicit lane_reals(hn::Vec<half_tag> x) : v(x) {}
  explicit lane_reals(int x) : v(hn::Set(half_tag(), static_cast<float>(x))) {}
};
inline lane_reals operator/(lane_reals a, lane_reals b) { return lane_reals(hn::Div(a.v, b.v)); }
inline lane_reals max_of(lane_reals a, lane_reals b) { return lane_reals(hn::Max(a.v, b.v)); }
inline float largest_of(lane_reals a) { return hn::GetLane(hn::MaxOfLanes(half_tag(), a.v)); }

struct lanes {
  using mask = lane_mask;
  using real = lane_reals;
  hn::Vec<lane_tag> v;
  lanes() = default;
  explicit lanes(hn::Vec<lane_tag> x) : v(x) {}
  explicit lanes(double x) : v(hn::Set(lane_tag(), x)) {}
};
/// Numbers side by side in memory, wherever they begin.
inline lanes read_lanes(const double* from) { return lanes(hn::LoadU(lane_tag(), from)); }
inline void write_lanes(lanes x, double* to) { hn::StoreU(x.v, lane_tag(), to); }
inline lanes operator+(lanes a, lanes b) { return lanes(hn::Add(a.v, b.v)); }
inline lanes operator-(lanes a, lanes b) { return lanes(hn::Sub(a.v, b.v)); }
inline lanes operator*(lanes a, lanes b) { return lanes(hn::Mul(a.v, b.v)); }
inline lanes operator/(lanes a, lanes b) { return lanes(hn::Div(a.v, b.v)); }
inline lane_mask operator<(lanes a, lanes b) { return {hn::Lt(a.v, b.v)}; }
inline lane_mask operator>(lanes a, lanes b) { return {hn::Gt(a.v, b.v)}; }
inline lane_mask operator<=(lanes a, lanes b) { return {hn::Le(a.v, b.v)}; }
inline lane_mask operator>=(lanes a, lanes b) { return {hn::Ge(a.v, b.v)}; }
inline lanes select(lane_mask m, lanes a, lanes b) { return lanes(hn::IfThenElse(m.m, a.v, b.v)); }
inline lanes max_of(lanes a, lanes b) { return lanes(hn::Max(a.v, b.v)); }
inline lanes min_of(lanes a, lanes b) { return lanes(hn::Min(a.v, b.v)); }
inline lanes floor_div(lanes a, lanes b) {
  const auto quotient = hn::Div(a.v, b.v);
  // A single lane's hn::Floor is so long that it becomes a function, which objects would share.
  if constexpr (lane_count == 1) return lanes(std::floor(hn::GetLane(quotient)));
  return lanes(hn::Floor(quotient));
}
inline lane_reals to_real(lanes a) { return lane_reals(hn::DemoteTo(half_tag(), a.v)); }

inline lane_mask is_positive(lane_reals a) {
  return lanes(hn::PromoteTo(lane_tag(), a.v)) > lanes(0);
}

inline lanes where(lanes flag, lanes a, lanes b) { return select(flag > lanes(0), a, b); }
inline lanes greater(lanes a, lanes b) { return select(a > b, lanes(1), lanes(0)); }
inline lanes ceil_div(lanes a, const core::divisor<double>& d) {
  const lanes q(hn::Floor((a * lanes(d.reciprocal)).v));
  return q + greater(a, q * lanes(d.value));
}
inline lanes floor_div(lanes a, const core::divisor<double>& d) {
  const lanes up = ceil_div(a, d);
  return up - greater(up * lanes(d.value), a);
}
inline lanes lookup(const double* table, lanes index) {
  const hn::Rebind<std::int64_t, lane_tag> signed_tag;
  return lanes(hn::GatherIndex(lane_tag(), table, hn::ConvertTo(signed_tag, index.v)));
}

/// 64 bits, one word a lane.
using word_lanes = hn::Vec<word_tag>;

inline word_lanes word(std::uint64_t x) { return hn::Set(word_tag(), x); }
inline lanes number(word_lanes w) {
  const hn::Rebind<std::int64_t, lane_tag> signed_tag;
  return lanes(hn::ConvertTo(lane_tag(), hn::BitCast(signed_tag, w)));
}
inline lane_mask equal(word_lanes a, word_lanes b) {
  return {hn::RebindMask(lane_tag(), hn::Eq(a, b))};
}
inline lane_mask no_lanes() { return equal(word(0), word(1)); }

/// A register of handed tiles, numbered from `first` (see walked/tiles.hpp).
struct tile_block {
  using number = lanes;
  static constexpr unsigned width = lane_count;
  unsigned first;

  lanes pick(int bit_index, double a, double b) const {
    if (bit_index < 0) return lanes(a);
    const hn::Rebind<std::int64_t, lane_tag> signed_tag;
    const auto tile = hn::Iota(signed_tag, static_cast<std::int64_t>(first));
    const auto bits = hn::And(tile, hn::Set(signed_tag, std::int64_t{1} << bit_index));
    const lane_mask clear{hn::RebindMask(lane_tag(), hn::Eq(bits, hn::Zero(signed_tag)))};
    return select(clear, lanes(a), lanes(b));
  }
  void store(double* table, lanes value) const { hn::StoreU(value.v, lane_tag(), table + first); }
  lane_mask in(std::uint64_t set) const {
    const auto tile = hn::Iota(word_tag(), first);
    const auto hit = hn::And(hn::Shr(hn::Set(word_tag(), set), tile), hn::Set(word_tag(), 1));
    return {hn::RebindMask(lane_tag(), hn::Ne(hit, hn::Zero(word_tag())))};
  }
};

}  // namespace
}  // namespace cugamma
