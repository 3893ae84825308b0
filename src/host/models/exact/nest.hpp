#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "cugamma/mapping/mapping.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

/// The loop nest of a mapping, as the exact model reads it (docs/exact-model.md).
namespace cugamma::exact {

inline constexpr int dims = gene_dimension_count;  ///< K, C, Y, X, R, S
inline constexpr int most_levels = 3;

enum : int { K, C, Y, X, R, S };

constexpr std::int32_t ceil_div(std::int32_t a, std::int32_t b) { return (a + b - 1) / b; }
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// The indices [begin, end) of one dimension.
struct span {
  std::int32_t begin = 0;
  std::int32_t end = 0;
  constexpr std::int32_t length() const { return end - begin; }
  friend constexpr bool operator==(const span&, const span&) = default;
};

/// How one level cuts a span of one dimension: into tiles, of which `units` sub-clusters take one
/// each in a step.
struct tiling {
  std::int32_t tile = 1;
  /// 1 where the dimension is not parallel; never more than the largest box has tiles.
  std::int32_t units = 1;

  constexpr std::int32_t tiles(span box) const { return ceil_div(box.length(), tile); }
  constexpr std::int32_t steps(span box) const { return ceil_div(tiles(box), units); }
  /// Sub-clusters with a tile in a step.
  constexpr std::int32_t active(span box, std::int32_t step) const {
    return std::min(units, tiles(box) - step * units);
  }
  constexpr span tile_of(span box, std::int32_t number) const {
    const std::int32_t begin = box.begin + number * tile;
    return {begin, std::min(begin + tile, box.end)};
  }
  /// What all active sub-clusters of a step work on.
  constexpr span step_of(span box, std::int32_t step) const {
    const std::int32_t begin = box.begin + step * units * tile;
    return {begin, std::min(begin + units * tile, box.end)};
  }
};

/// One dimension through all levels.
struct chain {
  std::int32_t size = 1;
  std::array<tiling, most_levels> levels;
};

/// Whether no level cuts a dimension.
constexpr bool is_whole(const chain& c, int level_count) {
  return c.levels[static_cast<std::size_t>(level_count - 1)].tile == c.size;
}

/// How input rows follow output rows and filter rows (columns likewise): output row y reads rows
/// y * stride to y * stride + window - 1.
struct window {
  std::int32_t stride = 1;
  std::int32_t size = 1;
};

struct loop_nest {
  int level_count = 1;
  std::array<chain, dims> chains;
  /// Dimensions of each level's loops, the outermost first.
  std::array<std::array<int, dims>, most_levels> order{};
  std::array<int, most_levels> parallel{};  ///< the parallel dimension of each level
  std::array<std::int32_t, most_levels> sub_clusters{};
  window rows;
  window columns;
  bool depthwise = false;
};

/// Sets the sizes of the chains, and what else follows from the layer alone.
void set_sizes(const layer& l, loop_nest& out);

/// The nest of a mapping, and its status: bad_structure if a level has not exactly one parallel
/// dimension or a directive that cuts no plain tiles, clusters_exceed_pes. A tile larger than what
/// it is cut from is cut to it; a dimension that a level does not name stays whole.
std::uint32_t make_nest(const layer& l, const accelerator& a, const mapping& m, loop_nest& out);

}  // namespace cugamma::exact
