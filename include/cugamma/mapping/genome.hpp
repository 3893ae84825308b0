#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "cugamma/hd.hpp"
#include "cugamma/mapping/mapping.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

inline constexpr int max_genome_levels = 3;
/// Largest tile that a genome can hold: 21 bits for K, C, Y, X; 10 bits for R and S.
inline constexpr std::int32_t max_tile = (1 << 21) - 1;
inline constexpr std::int32_t max_filter_tile = (1 << 10) - 1;

/// A mapping as the search breeds it and as an evaluator reads it: one to three cluster levels,
/// each with six tiles, a loop order, one or two parallel dimensions and a cluster size, packed
/// into 64 bytes. Tiles of Y and X count output rows and columns. It names its layer and its
/// accelerator by index, so a batch may mix both.
struct alignas(16) genome {
  std::array<std::uint64_t, 4> tile_kcyx{};              ///< 21 bits a level, level 0 lowest
  std::array<std::uint32_t, 2> tile_rs{};                ///< 10 bits a level, level 0 lowest
  std::array<std::uint32_t, max_genome_levels> loops{};  ///< see set_order, set_parallel
  std::array<std::uint16_t, max_genome_levels - 1> cluster_sizes{};  ///< of levels 1 and 2
  std::uint16_t layer_index = 0;
  std::uint16_t accelerator_index = 0;
  /// Bits 0-1: level count; 2-31: PEs of this individual, 0 = the accelerator's.
  std::uint32_t num_pes_and_levels = 2;

  /// Word by word, not the default: nvcc 13.0 compiles that of std::array, a memcmp, to "never" in
  /// device code, without a warning.
  friend CUGAMMA_HD constexpr bool operator==(const genome& a, const genome& b) {
    using words = std::array<std::uint64_t, 8>;
    const words x = std::bit_cast<words>(a), y = std::bit_cast<words>(b);
    std::uint64_t differing = 0;
    for (std::size_t i = 0; i < x.size(); ++i) differing |= x[i] ^ y[i];
    return differing == 0;
  }
};
static_assert(std::is_trivially_copyable_v<genome> && sizeof(genome) == 64);
static_assert(std::has_unique_object_representations_v<genome>);

CUGAMMA_HD constexpr int level_count(const genome& g) {
  return static_cast<int>(g.num_pes_and_levels & 3u);
}
constexpr void set_level_count(genome& g, int count) {
  g.num_pes_and_levels = (g.num_pes_and_levels & ~3u) | static_cast<std::uint32_t>(count);
}
/// PEs that co-exploration gave this individual; 0: those of its accelerator.
CUGAMMA_HD constexpr std::int32_t own_pes(const genome& g) {
  return static_cast<std::int32_t>(g.num_pes_and_levels >> 2);
}
/// PEs that an individual has on its accelerator.
CUGAMMA_HD constexpr std::int32_t pes_of(const genome& g, const accelerator& a) {
  return own_pes(g) != 0 ? own_pes(g) : a.num_pes;
}
constexpr void set_own_pes(genome& g, std::int32_t pes) {
  g.num_pes_and_levels = (g.num_pes_and_levels & 3u) | (static_cast<std::uint32_t>(pes) << 2);
}

/// Tile of dimension d (K, C, Y', X', R, S) at a level, in elements.
CUGAMMA_HD constexpr std::int32_t tile(const genome& g, int level, dimension d) {
  const int i = index_of(d);
  if (i < 4) return static_cast<std::int32_t>((g.tile_kcyx[i] >> (21 * level)) & 0x1fffffu);
  return static_cast<std::int32_t>((g.tile_rs[i - 4] >> (10 * level)) & 0x3ffu);
}
/// precondition: 1 <= size <= max_tile (R, S: max_filter_tile)
constexpr void set_tile(genome& g, int level, dimension d, std::int32_t size) {
  const int i = index_of(d);
  if (i < 4) {
    const int shift = 21 * level;
    g.tile_kcyx[i] = (g.tile_kcyx[i] & ~(std::uint64_t{0x1fffff} << shift)) |
                     (static_cast<std::uint64_t>(size) << shift);
  } else {
    const int shift = 10 * level;
    g.tile_rs[i - 4] =
        (g.tile_rs[i - 4] & ~(0x3ffu << shift)) | (static_cast<std::uint32_t>(size) << shift);
  }
}

/// Dimension at a position (0 outermost) of a level's loop order. Bits 0-17 of loops: 3 bits a
/// position.
CUGAMMA_HD constexpr dimension order(const genome& g, int level, int position) {
  return static_cast<dimension>((g.loops[level] >> (3 * position)) & 7u);
}
constexpr void set_order(genome& g, int level, int position, dimension d) {
  const int shift = 3 * position;
  g.loops[level] = (g.loops[level] & ~(7u << shift)) | (static_cast<std::uint32_t>(d) << shift);
}

/// True if every level's loop order names each of the six dimensions once. A genome for which it is
/// false is bad_structure on every back end, whatever the layer.
CUGAMMA_HD constexpr bool has_loop_orders(const genome& g) {
  for (int level = 0; level < level_count(g); ++level) {
    unsigned seen = 0;
    for (int p = 0; p < gene_dimension_count; ++p) seen |= 1u << index_of(order(g, level, p));
    if (seen != 0x3f) return false;
  }
  return true;
}

/// The parallel dimension of a level (bits 18-20) and the second one (bits 21-23), if any: 7 means
/// none.
inline constexpr int no_dimension = 7;
CUGAMMA_HD constexpr dimension parallel(const genome& g, int level) {
  return static_cast<dimension>((g.loops[level] >> 18) & 7u);
}
CUGAMMA_HD constexpr int second_parallel(const genome& g, int level) {
  return static_cast<int>((g.loops[level] >> 21) & 7u);
}
constexpr void set_parallel(genome& g, int level, dimension d, int second = no_dimension) {
  g.loops[level] = (g.loops[level] & 0x3ffffu) | (static_cast<std::uint32_t>(d) << 18) |
                   (static_cast<std::uint32_t>(second) << 21);
}
CUGAMMA_HD constexpr bool is_parallel(const genome& g, int level, dimension d) {
  return parallel(g, level) == d || second_parallel(g, level) == index_of(d);
}

/// Sub-clusters of a level below the top (1 or 2); the top has floor(PEs / product of these).
CUGAMMA_HD constexpr std::int32_t cluster_size(const genome& g, int level) {
  return g.cluster_sizes[level - 1];
}
constexpr void set_cluster_size(genome& g, int level, std::int32_t size) {
  g.cluster_sizes[level - 1] = static_cast<std::uint16_t>(size);
}

/// The directives that a genome stands for, as GAMMA writes them: in loop order, Spatial- or
/// TemporalMap(t, t) of K, C, Y', X', R, S; dsconv has no K (a level parallel in K becomes parallel
/// in C); gemm has only K, C, Y.
CUGAMMA_HD constexpr mapping to_mapping(const genome& g, const layer& l) {
  mapping m;
  m.level_count = level_count(g);
  for (int level = 0; level < m.level_count; ++level) {
    cluster_level& out = m.levels[level];
    out.cluster_size = level == 0 ? 0 : cluster_size(g, level);
    for (int p = 0; p < gene_dimension_count; ++p) {
      const dimension d = order(g, level, p);
      if (l.type == layer_type::dsconv && d == dimension::K) continue;
      if (l.type == layer_type::gemm && d > dimension::Y) continue;
      const bool spatial =
          is_parallel(g, level, d) || (l.type == layer_type::dsconv && d == dimension::C &&
                                       is_parallel(g, level, dimension::K));
      const bool window = l.type != layer_type::gemm && (d == dimension::Y || d == dimension::X);
      const std::int32_t size = tile(g, level, d);
      out.directives[out.directive_count++] =
          {size, size, d, spatial ? directive_kind::spatial : directive_kind::temporal, window, 0};
    }
  }
  return m;
}

}  // namespace cugamma
