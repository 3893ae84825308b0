#include <algorithm>
#include <utility>

#include "search/breeding/propose.hpp"

namespace cugamma {
namespace {

/// A lane of plain words.
struct single_lane {
  using number = std::uint32_t;
  static constexpr std::size_t width = 1;

  static number load(const std::uint32_t* from) { return *from; }
  static void store(number w, std::uint32_t* to) { *to = w; }
  static std::uint32_t bits(bool m) { return m ? 1 : 0; }
  static void load_blocks(const std::uint32_t* from, number* to) { std::copy_n(from, 4, to); }
  static void store_blocks(const number* w, std::uint32_t* to) { std::copy_n(w, 4, to); }
  static std::pair<number, number> load_pairs(const std::uint32_t* from) {
    return {from[0], from[1]};
  }
  static void store_pairs(number low, number high, std::uint32_t* to) {
    to[0] = low;
    to[1] = high;
  }
};

}  // namespace

const breeding_lanes breeding_single{propose<single_lane>, "single"};

}  // namespace cugamma
