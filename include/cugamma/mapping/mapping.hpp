#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// SpatialMap spreads a dimension over the sub-clusters of a level, TemporalMap walks it in time.
enum class directive_kind : std::uint8_t { temporal, spatial };

/// One line of a MAESTRO dataflow: TemporalMap(size, offset) d or SpatialMap(size, offset) d.
/// output_centric: written as Y' or X'; size then counts output rows or columns.
struct directive {
  std::int32_t size = 1;
  std::int32_t offset = 1;
  dimension dim = dimension::K;
  directive_kind kind = directive_kind::temporal;
  bool output_centric = false;
  std::uint8_t reserved = 0;
  friend constexpr bool operator==(const directive&, const directive&) = default;
};
static_assert(std::is_trivially_copyable_v<directive> && sizeof(directive) == 12);

inline constexpr int max_levels = 4;
inline constexpr int max_directives = 16;

/// One cluster level: its directives in loop order, outermost first.
struct cluster_level {
  std::array<directive, max_directives> directives{};
  std::int32_t directive_count = 0;
  /// Sub-clusters of this level, as Cluster(n, P) above it gives them. Level 0: 0, it follows from
  /// the PEs.
  std::int32_t cluster_size = 0;
  friend constexpr bool operator==(const cluster_level&, const cluster_level&) = default;
};

/// A mapping as a file writes it: directives cut into cluster levels, outermost (fed from L2)
/// first.
struct mapping {
  std::array<cluster_level, max_levels> levels{};
  std::int32_t level_count = 0;
  friend constexpr bool operator==(const mapping&, const mapping&) = default;
};
static_assert(std::is_trivially_copyable_v<mapping>);

}  // namespace cugamma
