#include <algorithm>
#include <array>
#include <vector>

#include "cugamma/error.hpp"
#include "mapping/draw_mapping.hpp"

namespace cugamma {
namespace {

using enum dimension;

constexpr std::array gene_dimensions{K, C, Y, X, R, S};

std::int32_t bound_of(const layer& l, dimension d) { return std::max(1, output_size(l, d)); }

bool is_present(const layer& l, dimension d) {
  if (l.type == layer_type::gemm) return d <= Y;
  return l.type != layer_type::dsconv || d != K;
}

// A tile that divides the bound, or its neighbour, or one that leaves a small rest.
std::int32_t tile_at_edge(std::int32_t bound, random_stream& random) {
  const std::int32_t parts = random.between(1, std::min(bound, 20));
  const std::int32_t tile = bound / parts + random.between(-1, 1);
  return std::clamp(tile, 1, bound);
}

std::int32_t draw_tile(std::int32_t bound, mapping_draw how, random_stream& random) {
  const bool at_edge = how == mapping_draw::edges || how == mapping_draw::illegal;
  if (at_edge && random.below(4) != 0) return tile_at_edge(bound, random);
  return random.between(1, bound);
}

void draw_order(genome& g, int level, random_stream& random) {
  auto dims = gene_dimensions;
  for (int i = gene_dimension_count - 1; i > 0; --i) std::swap(dims[i], dims[random.below(i + 1)]);
  for (int i = 0; i < gene_dimension_count; ++i) set_order(g, level, i, dims[i]);
}

void draw_parallel(genome& g, int level, const layer& l, mapping_draw how, random_stream& random) {
  const int choices = how == mapping_draw::initial ? 4 : gene_dimension_count;
  dimension first = gene_dimensions[random.below(choices)];
  // A dimension that the layer does not have would leave the level without a SpatialMap.
  while (!is_present(l, first) && !(first == K && l.type == layer_type::dsconv)) {
    first = gene_dimensions[random.below(choices)];
  }
  int second = no_dimension;
  if (how != mapping_draw::initial && random.below(4) == 0) {
    const dimension d = gene_dimensions[random.below(gene_dimension_count)];
    if (d != first) second = index_of(d);
  }
  set_parallel(g, level, first, second);
}

void draw_tiles(genome& g, int level, const layer& l, mapping_draw how, random_stream& random) {
  for (const dimension d : gene_dimensions) {
    const std::int32_t above = level == 0 ? bound_of(l, d) : tile(g, level - 1, d);
    const bool filter = d == R || d == S;
    std::int32_t size = 1;
    if (!is_present(l, d)) {
      size = 1;
    } else if (filter && !is_parallel(g, level, d)) {
      size = above;
    } else if (level == 0 || how != mapping_draw::initial) {
      size = draw_tile(above, how, random);
    }
    set_tile(g, level, d, size);
  }
}

// Below a level that splits the filter every level has to be parallel in it: MAESTRO wants a
// TemporalMap of R or S to cover the layer's whole filter.
void keep_filters_whole(genome& g, int level, const layer& l) {
  const auto is_split = [&](dimension d) { return level > 0 && tile(g, level - 1, d) != l[d]; };
  if (is_split(R) && is_split(S)) return set_parallel(g, level, R, index_of(S));
  if (is_split(R) && !is_parallel(g, level, R)) set_parallel(g, level, R);
  if (is_split(S) && !is_parallel(g, level, S)) set_parallel(g, level, S);
}

std::int32_t draw_cluster(std::int32_t most, mapping_draw how, random_stream& random) {
  most = std::clamp(most, 1, 65535);
  return how == mapping_draw::initial || random.below(2) == 0 ? random.between(1, most)
                                                              : tile_at_edge(most, random);
}

genome draw_legal(const layer& l, const accelerator& a, mapping_draw how, random_stream& random) {
  genome g;
  const int levels = how == mapping_draw::initial ? 2 : random.between(1, max_genome_levels);
  set_level_count(g, levels);
  std::int32_t pes = a.num_pes;
  for (int level = 0; level < levels; ++level) {
    if (level > 0) {
      set_cluster_size(g, level, draw_cluster(pes, how, random));
      pes /= cluster_size(g, level);
    }
    draw_order(g, level, random);
    draw_parallel(g, level, l, how, random);
    keep_filters_whole(g, level, l);
    draw_tiles(g, level, l, how, random);
  }
  return g;
}

// Breaks one rule. Some breaks do nothing for some layers; then the mapping stays legal.
void break_a_rule(genome& g, const layer& l, const accelerator& a, random_stream& random) {
  const int level = random.below(std::max(1, level_count(g)));
  const dimension d = gene_dimensions[random.below(gene_dimension_count)];
  const std::int32_t most = d < R ? max_tile : max_filter_tile;
  switch (random.below(6)) {
    case 0:  // a tile larger than the dimension; for Y and X up to the input, as GAMMA lets it
      return set_tile(g, level, d, std::min(most, random.between(bound_of(l, d), l[d] + 1)));
    case 1:
      return set_tile(g, level, d, 0);
    case 2:
      if (level_count(g) > 1) set_cluster_size(g, 1, std::min(65534, a.num_pes) + 1);
      return;
    case 3:
      return set_order(g, level, 0, order(g, level, 5));
    case 4:
      return set_level_count(g, 0);
    default:  // a filter cut by a TemporalMap, or a cluster of nothing
      if (random.below(2) == 0) return set_tile(g, level, R, 1);
      if (level_count(g) > 1) set_cluster_size(g, 1, 0);
  }
}

}  // namespace

bool has_genome_sizes(const layer& l) {
  return std::ranges::all_of(gene_dimensions, [&](dimension d) {
    return l[d] <= (d < R ? max_tile : max_filter_tile);
  });
}

genome draw_mapping(const layer& l, const accelerator& a, mapping_draw how, random_stream& random) {
  genome g = draw_legal(l, a, how, random);
  if (how == mapping_draw::illegal) break_a_rule(g, l, a, random);
  return g;
}

void draw_mappings(std::uint64_t seed,
                   std::uint64_t first,
                   std::span<const layer> layers,
                   std::span<const accelerator> accelerators,
                   std::span<genome> out) {
  if (layers.empty() || accelerators.empty()) {
    throw input_error("random mappings need at least one layer and one accelerator");
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    random_stream random(seed, 0, first + i);
    const auto l = random.below(static_cast<std::int32_t>(layers.size()));
    const auto a = random.below(static_cast<std::int32_t>(accelerators.size()));
    const auto how = static_cast<mapping_draw>(random.below(mapping_draw_count));
    out[i] = draw_mapping(layers[l], accelerators[a], how, random);
    out[i].layer_index = static_cast<std::uint16_t>(l);
    out[i].accelerator_index = static_cast<std::uint16_t>(a);
  }
}

}  // namespace cugamma
