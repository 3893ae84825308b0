#pragma once

#include <array>
#include <cstdint>

#include "cugamma/hd.hpp"

namespace cugamma {

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): four
/// random words as a pure function of a counter and a key.
CUGAMMA_HD constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                             std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// A probability in 1/65536, so that a test costs half a random word.
struct probability {
  std::uint32_t per_65536 = 0;
  friend constexpr bool operator==(const probability&, const probability&) = default;
};
/// precondition: 0 <= p <= 1
CUGAMMA_HD constexpr probability chance_of(double p) {
  return {static_cast<std::uint32_t>(p * 65536.0 + 0.5)};
}

/// The random words of one individual: word n is a function of (seed, generation, individual,
/// attempt, n) and of nothing else, so threads, chunks and back ends cannot change it. At most 2^20
/// words an attempt.
class random_stream {
 public:
  CUGAMMA_HD constexpr random_stream(std::uint64_t seed,
                                     std::uint32_t generation,
                                     std::uint64_t individual,
                                     std::uint32_t attempt = 0)
      : counter_{static_cast<std::uint32_t>(individual),
                 static_cast<std::uint32_t>(individual >> 32),
                 generation,
                 attempt << 18},
        key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)} {}

  /// The next random word.
  CUGAMMA_HD constexpr std::uint32_t next() {
    if (left_ == 0) refill();
    return block_[--left_];
  }

  /// Uniform in 0 .. n-1, by multiplication (bias below n / 2^32). precondition: n >= 1
  CUGAMMA_HD constexpr std::int32_t below(std::int32_t n) {
    return static_cast<std::int32_t>((std::uint64_t{next()} * static_cast<std::uint32_t>(n)) >> 32);
  }

  /// Uniform in low .. high. precondition: low <= high
  CUGAMMA_HD constexpr std::int32_t between(std::int32_t low, std::int32_t high) {
    return low + below(high - low + 1);
  }

  /// True with the given probability.
  CUGAMMA_HD constexpr bool chance(probability p) { return next_half() < p.per_65536; }

 private:
  CUGAMMA_HD constexpr void refill() {
    block_ = philox4x32(counter_, key_);
    ++counter_[3];
    left_ = 4;
  }

  CUGAMMA_HD constexpr std::uint32_t next_half() {
    if (half_ready_) {
      half_ready_ = false;
      return half_ >> 16;
    }
    half_ = next();
    half_ready_ = true;
    return half_ & 0xffffu;
  }

  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> block_{};
  int left_ = 0;
  std::uint32_t half_ = 0;
  bool half_ready_ = false;
};

}  // namespace cugamma
