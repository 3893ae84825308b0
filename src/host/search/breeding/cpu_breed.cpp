// Compiled once for each instruction set, with CUGAMMA_BREEDING naming the set.
#include <utility>

#include "numbers/word_lanes.hpp"
#include "search/breeding/propose.hpp"

namespace cugamma {
namespace {

/// Individuals in SIMD lanes.
struct simd_lanes {
  using number = words;
  static constexpr std::size_t width = lane_count;

  static words load(const std::uint32_t* from) { return words(hn::Load(word_tag(), from)); }
  static void store(words w, std::uint32_t* to) { hn::Store(w.v, word_tag(), to); }
  static std::uint32_t bits(word_mask m) {
    std::uint8_t b[8] = {};
    hn::StoreMaskBits(word_tag(), m.m, b);
    return static_cast<std::uint32_t>(b[0] | b[1] << 8);
  }
  /// Four words of each individual, one individual after the other.
  static void load_blocks(const std::uint32_t* from, words* to) {
    hn::LoadInterleaved4(word_tag(), from, to[0].v, to[1].v, to[2].v, to[3].v);
  }
  static void store_blocks(const words* w, std::uint32_t* to) {
    hn::StoreInterleaved4(w[0].v, w[1].v, w[2].v, w[3].v, word_tag(), to);
  }
  static std::pair<words, words> load_pairs(const std::uint32_t* from) {
    words low;
    words high;
    hn::LoadInterleaved2(word_tag(), from, low.v, high.v);
    return {low, high};
  }
  static void store_pairs(words low, words high, std::uint32_t* to) {
    hn::StoreInterleaved2(low.v, high.v, word_tag(), to);
  }
};

}  // namespace

const breeding_lanes CUGAMMA_BREEDING{propose<simd_lanes>, hwy::TargetName(HWY_TARGET)};

}  // namespace cugamma
