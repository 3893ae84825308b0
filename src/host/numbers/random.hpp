#pragma once

#include <array>
#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/probability.hpp"
#include "numbers/word.hpp"

namespace cugamma {

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): four
/// random words as a pure function of a counter and a key. N: a word or a word a lane.
template <class N = std::uint32_t>
CUGAMMA_HD constexpr std::array<N, 4> philox4x32(std::array<N, 4> counter,
                                                 std::array<std::uint32_t, 2> key) {
  using core::mul_high;
  for (int round = 0; round < 10; ++round) {
    const N a(0xD2511F53u);
    const N b(0xCD9E8D57u);
    counter = {mul_high(b, counter[2]) ^ counter[1] ^ N(key[0]),
               b * counter[2],
               mul_high(a, counter[0]) ^ counter[3] ^ N(key[1]),
               a * counter[0]};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// The random words of one individual (N: std::uint32_t) or of one a lane: xoshiro128++ (Blackman
/// and Vigna, 2021) from a state that Philox makes of (seed, generation, individual, attempt). So
/// word n is a function of these and of nothing else: threads, chunks and lanes cannot change it.
template <class N>
class random_words {
 public:
  CUGAMMA_HD constexpr random_words(std::uint64_t seed,
                                    std::uint32_t generation,
                                    N individual_low,
                                    N individual_high,
                                    std::uint32_t attempt)
      : state_(philox4x32<N>(
            {individual_low, individual_high, N(generation), N(attempt)},
            {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)})) {}

  /// The next random word.
  CUGAMMA_HD constexpr N next() {
    using core::rotate_left;
    const N result = rotate_left<7>(state_[0] + state_[3]) + state_[0];
    const N carried = state_[1] << 9;
    state_[2] = state_[2] ^ state_[0];
    state_[3] = state_[3] ^ state_[1];
    state_[1] = state_[1] ^ state_[2];
    state_[0] = state_[0] ^ state_[3];
    state_[2] = state_[2] ^ carried;
    state_[3] = rotate_left<11>(state_[3]);
    return result;
  }

  /// Uniform in 0 .. 65535: every other call costs a word.
  CUGAMMA_HD constexpr N half() {
    if (half_ready_) {
      half_ready_ = false;
      return half_ >> 16;
    }
    half_ = next();
    half_ready_ = true;
    return half_ & N(0xffff);
  }

  /// Uniform in 0 .. n-1, by multiplication (bias below n / 2^32). precondition: n >= 1
  CUGAMMA_HD constexpr N word_below(N n) {
    using core::mul_high;
    return mul_high(next(), n);
  }

  /// Uniform in 0 .. n-1 for small n (bias below n / 2^16), from half a word.
  CUGAMMA_HD constexpr N half_below(N n) { return half() * n >> 16; }

  /// True with the given probability.
  CUGAMMA_HD constexpr core::mask_of<N> chance(probability p) { return half() < N(p.per_65536); }

 private:
  std::array<N, 4> state_;
  N half_{};
  bool half_ready_ = false;
};

/// The random words of one individual, with draws of plain integers.
class random_stream : public random_words<std::uint32_t> {
 public:
  CUGAMMA_HD constexpr random_stream(std::uint64_t seed,
                                     std::uint32_t generation,
                                     std::uint64_t individual,
                                     std::uint32_t attempt = 0)
      : random_words(seed,
                     generation,
                     static_cast<std::uint32_t>(individual),
                     static_cast<std::uint32_t>(individual >> 32),
                     attempt) {}

  /// Uniform in 0 .. n-1. precondition: n >= 1
  CUGAMMA_HD constexpr std::int32_t below(std::int32_t n) {
    return static_cast<std::int32_t>(word_below(static_cast<std::uint32_t>(n)));
  }

  /// Uniform in low .. high. precondition: low <= high
  CUGAMMA_HD constexpr std::int32_t between(std::int32_t low, std::int32_t high) {
    return low + below(high - low + 1);
  }
};

}  // namespace cugamma
