#pragma once

#include <array>
#include <cstdint>

#include "certify/exact/question.hpp"

namespace cugamma::exact {

/// What moves at a level, each with a product over the dimensions of its own.
enum stream : std::size_t {
  input_reads,   ///< of the buffer above: what no sub-cluster lacks counts as held
  input_fills,   ///< of the sub-clusters below, copies counted
  filter_reads,  ///< of a filter of one row and one column
  filter_fills,
  outputs,  ///< that leave
};
inline constexpr std::size_t stream_count = 5;

/// Dimensions of which a new tile may leave something of a stream's tensor in place, as bits.
inline constexpr std::array<unsigned, stream_count> movers_of = {
    1u << core::K | 1u << core::Y | 1u << core::X,
    1u << core::K | 1u << core::Y | 1u << core::X,
    1u << core::Y | 1u << core::X,
    1u << core::Y | 1u << core::X,
    1u << core::C};

/// Streams that PEs wait for when level 1 starts over.
inline constexpr std::array<stream, 2> awaited = {input_reads, filter_reads};

/// What the first sub-cluster reads in the first steps of level 1's starts, by the way in which
/// level 0's loop turns before them.
struct start_sums {
  double all = 0;       ///< if nothing were there
  double same_box = 0;  ///< there already, where the loop does not turn
  double moves = 0;     ///< where it goes on
  double restarts = 0;  ///< where it starts over
};

/// All that one dimension contributes to the figures of a mapping; docs/certify-exact.md "What the
/// figures depend on".
struct dimension_terms {
  std::array<outer_sums<double>, stream_count> outer;
  std::array<inner_sums<double>, stream_count> inner;
  std::array<start_sums, awaited.size()> starts{};  ///< where mappings may wait for a NoC
  double steps = 1;                                 ///< of level 0
  double busy = 1;                                  ///< see busy_extent
  std::int32_t tile = 1;                            ///< of level 0
  std::int32_t step = 1;                            ///< what a step of level 0 covers
  double group = 1;                                 ///< and one of level 1, at most
};

/// How one dimension is cut. Units: 1 where it is not parallel.
struct dimension_cut {
  std::int32_t outer_tile = 1;
  std::int32_t outer_units = 1;
  std::int32_t inner_tile = 1;
  std::int32_t inner_units = 1;
};

dimension_terms terms_of(const question& q, int d, const dimension_cut& c);

}  // namespace cugamma::exact
