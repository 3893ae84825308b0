#pragma once

#include <array>

#include "certify/exact/question.hpp"

namespace cugamma::exact {

/// The ways to bound what a mapping moves below the cluster buffers (docs/certify-exact.md "Floors
/// of level 1"). `no_share`: from the tiles of PEs alone. The others count nine tenths of one
/// tensor's traffic as what level 0 brings into (or takes out of) cluster buffers, which PEs must
/// take at least once, and the rest from the tiles.
enum floor_kind : std::size_t { no_share, input_share, filter_share, output_share };
inline constexpr std::size_t floor_count = 4;
inline constexpr std::array<floor_kind, floor_count> floor_kinds = {no_share,
                                                                    input_share,
                                                                    filter_share,
                                                                    output_share};
inline constexpr double share_of_level_0 = 0.9;
using four_floors = std::array<double, floor_count>;

/// Tiles of PEs, as a box of them: every tile and every number of PEs in the given ranges.
struct inner_range {
  int parallel = nothing_parallel;
  four_sizes low{};
  four_sizes high{};
  std::int32_t units_low = 1;  ///< PEs of a cluster that have a tile of a whole box
  std::int32_t units_high = 1;
};

/// What moves below the cluster buffers costs at least this, in MACs, in every mapping of the
/// range.
four_floors inner_floors(const question& q, const inner_range& r);

/// Weight of an element that level 0 brings in, or takes out, in the floors of a kind.
double share_weight(const question& q, floor_kind kind);

/// Whether a floor that takes its share from level 0 holds for mappings in which the inner parallel
/// dimension makes `steps` steps of level 0.
bool is_valid(const question& q, floor_kind kind, int inner_parallel, std::int32_t steps);

/// Floors of all kinds; -infinite where one does not hold for mappings in which the inner parallel
/// dimension makes two steps of level 0 (makes_two), or another number of them.
four_floors valid_floors(const question& q,
                         const four_floors& floors,
                         int inner_parallel,
                         bool makes_two);

}  // namespace cugamma::exact
