#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "cugamma/hd.hpp"
#include "cugamma/mapping/genome_fields.hpp"
#include "cugamma/mapping/mapping.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// A mapping as the search breeds it and as an evaluator reads it: one to three cluster levels,
/// each with six tiles, a loop order, one or two parallel dimensions and a cluster size, packed
/// into 64 bytes. Tiles of Y and X count output rows and columns. It names its layer and its
/// accelerator by index, so a batch may mix both. genome_fields tells which bits of the members
/// mean what.
struct alignas(16) genome {
  std::array<std::uint64_t, first_filter_dimension> tile_kcyx{};
  std::array<std::uint32_t, gene_dimension_count - first_filter_dimension> tile_rs{};
  std::array<std::uint32_t, max_genome_levels> loops{};
  std::array<std::uint16_t, max_genome_levels - 1> cluster_sizes{};  ///< of levels 1 and 2
  std::uint16_t layer_index = 0;
  std::uint16_t accelerator_index = 0;
  std::uint32_t num_pes_and_levels = 2;  ///< level_count, own_pes

  /// Word by word, not the default: nvcc 13.0 compiles that of std::array, a memcmp, to "never" in
  /// device code, without a warning.
  friend CUGAMMA_HD constexpr bool operator==(const genome& a, const genome& b) {
    using words = std::array<std::uint64_t, genome_fields::words / 2>;
    const words x = std::bit_cast<words>(a), y = std::bit_cast<words>(b);
    std::uint64_t differing = 0;
    for (std::size_t i = 0; i < x.size(); ++i) differing |= x[i] ^ y[i];
    return differing == 0;
  }
};
static_assert(std::is_trivially_copyable_v<genome> && sizeof(genome) == 64);
static_assert(std::has_unique_object_representations_v<genome>);

/// The members begin where the table says.
static_assert(offsetof(genome, tile_kcyx) * 8 == genome_fields::tile(0, 0).first_bit());
static_assert(offsetof(genome, tile_rs) * 8 ==
              genome_fields::tile(0, first_filter_dimension).first_bit());
static_assert(offsetof(genome, loops) * 8 == genome_fields::order(0).first_bit());
static_assert(offsetof(genome, cluster_sizes) * 8 == genome_fields::cluster_size(1).first_bit());
static_assert(offsetof(genome, layer_index) * 8 == genome_fields::layer_index().first_bit());
static_assert(offsetof(genome, accelerator_index) * 8 ==
              genome_fields::accelerator_index().first_bit());
static_assert(offsetof(genome, num_pes_and_levels) * 8 == genome_fields::level_count().first_bit());

CUGAMMA_HD constexpr int level_count(const genome& g) {
  return static_cast<int>(field_of(g.num_pes_and_levels, genome_fields::level_count()));
}
constexpr void set_level_count(genome& g, int count) {
  g.num_pes_and_levels = with_field(g.num_pes_and_levels,
                                    genome_fields::level_count(),
                                    static_cast<std::uint32_t>(count));
}
/// PEs that co-exploration gave this individual; 0: those of its accelerator.
CUGAMMA_HD constexpr std::int32_t own_pes(const genome& g) {
  return static_cast<std::int32_t>(field_of(g.num_pes_and_levels, genome_fields::own_pes()));
}
/// PEs that an individual has on its accelerator.
CUGAMMA_HD constexpr std::int32_t pes_of(const genome& g, const accelerator& a) {
  return own_pes(g) != 0 ? own_pes(g) : a.num_pes;
}
constexpr void set_own_pes(genome& g, std::int32_t pes) {
  g.num_pes_and_levels =
      with_field(g.num_pes_and_levels, genome_fields::own_pes(), static_cast<std::uint32_t>(pes));
}

/// Tile of dimension d (K, C, Y', X', R, S) at a level, in elements.
CUGAMMA_HD constexpr std::int32_t tile(const genome& g, int level, dimension d) {
  const int i = index_of(d);
  const genome_field f = genome_fields::tile(level, i);
  if (i < first_filter_dimension) return static_cast<std::int32_t>(field_of(g.tile_kcyx[i], f));
  return static_cast<std::int32_t>(field_of(g.tile_rs[i - first_filter_dimension], f));
}
/// precondition: 1 <= size <= max_tile (R, S: max_filter_tile)
constexpr void set_tile(genome& g, int level, dimension d, std::int32_t size) {
  const int i = index_of(d);
  const genome_field f = genome_fields::tile(level, i);
  if (i < first_filter_dimension) {
    g.tile_kcyx[i] = with_field(g.tile_kcyx[i], f, static_cast<std::uint64_t>(size));
  } else {
    std::uint32_t& tiles = g.tile_rs[i - first_filter_dimension];
    tiles = with_field(tiles, f, static_cast<std::uint32_t>(size));
  }
}

/// Dimension at a position (0 outermost) of a level's loop order.
CUGAMMA_HD constexpr dimension order(const genome& g, int level, int position) {
  return static_cast<dimension>(field_of(g.loops[level], genome_fields::order(level, position)));
}
constexpr void set_order(genome& g, int level, int position, dimension d) {
  g.loops[level] = with_field(g.loops[level],
                              genome_fields::order(level, position),
                              static_cast<std::uint32_t>(d));
}

/// True if every level's loop order names each of the six dimensions once. A genome for which it is
/// false is bad_structure on every back end, whatever the layer.
CUGAMMA_HD constexpr bool has_loop_orders(const genome& g) {
  for (int level = 0; level < level_count(g); ++level) {
    unsigned seen = 0;
    for (int p = 0; p < gene_dimension_count; ++p) seen |= 1u << index_of(order(g, level, p));
    if (seen != every_gene_dimension) return false;
  }
  return true;
}

/// The parallel dimension of a level.
CUGAMMA_HD constexpr dimension parallel(const genome& g, int level) {
  return static_cast<dimension>(field_of(g.loops[level], genome_fields::parallel(level)));
}
/// The second parallel dimension of a level; no_dimension: there is none.
CUGAMMA_HD constexpr int second_parallel(const genome& g, int level) {
  return static_cast<int>(field_of(g.loops[level], genome_fields::second_parallel(level)));
}
constexpr void set_parallel(genome& g, int level, dimension d, int second = no_dimension) {
  const std::uint32_t loops =
      with_field(g.loops[level], genome_fields::parallel(level), static_cast<std::uint32_t>(d));
  g.loops[level] =
      with_field(loops, genome_fields::second_parallel(level), static_cast<std::uint32_t>(second));
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
