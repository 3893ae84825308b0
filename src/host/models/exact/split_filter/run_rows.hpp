#pragma once

#include <cstdint>
#include <span>

#include "numbers/number.hpp"

/// Rows that no sub-cluster lacks, one mapping and one step at a time: where the pieces that they
/// lack lie as no sum of held_pairs.hpp says.
namespace cugamma::exact::split {

/// Sub-clusters side by side whose tiles lie alike to those that they had before, as unit_run.
struct run_numbers {
  std::int64_t count;
  std::int64_t now;
  std::int64_t before;
  std::int64_t shift;
};

/// The tiles of one step. runs: along the parallel dimension, of tiles that are `tile` apart.
struct step_numbers {
  std::span<const run_numbers> runs;
  run_numbers other;  ///< of the other dimension of the window
  std::int64_t tile;
  std::int64_t stride;
  bool by_filter;  ///< the parallel dimension is the filter's
};

std::int64_t rows_held_by_all(const step_numbers& s);

/// In the lanes of m f(lane), in the others b; a plain number is one lane.
template <core::scalar N, class F>
constexpr N lanes_where(bool m, N b, F f) {
  return m ? static_cast<N>(f(0)) : b;
}
template <core::scalar N>
constexpr N number_of_lane(N a, int) {
  return a;
}
constexpr bool is_in(bool m, int) { return m; }

}  // namespace cugamma::exact::split
