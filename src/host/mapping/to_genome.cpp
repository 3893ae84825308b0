#include "cugamma/mapping/to_genome.hpp"

#include <fmt/core.h>

#include "problem/dimension_names.hpp"

namespace cugamma {
namespace {

using enum dimension;

std::string layer_obstacle(const layer& l) {
  if (l.type == layer_type::ngconv || l.type == layer_type::trconv) {
    return fmt::format("layers of type {} have no genome", type_name_of(l.type));
  }
  if (l.named_batch_group != 0) return "layers with a batch or groups have no genome";
  return "";
}

bool has_gene(const layer& l, dimension d) {
  if (l.type == layer_type::dsconv && d == K) return false;
  if (l.type == layer_type::gemm) return d <= Y;
  return index_of(d) < gene_dimension_count;
}

/// Genes that the layer's directives do not show: a tile of 1, last in the loop order.
void fill_hidden_genes(genome& g, int level, const layer& l, int position) {
  for (int i = 0; i < gene_dimension_count; ++i) {
    const auto d = static_cast<dimension>(i);
    if (has_gene(l, d)) continue;
    set_tile(g, level, d, 1);
    set_order(g, level, position++, d);
  }
}

std::string directive_obstacle(const layer& l, const directive& d) {
  const std::string_view name = dimension_name(l.type, {d.dim, d.output_centric});
  if (!has_gene(l, d.dim)) return fmt::format("a directive on {}", name);
  if (d.offset != d.size) return fmt::format("offset of {} differs from its size", name);
  const bool window = l.type != layer_type::gemm && (d.dim == Y || d.dim == X);
  if (window && !d.output_centric) return fmt::format("{} instead of {}'", name, name);
  const std::int32_t most = d.dim == R || d.dim == S ? max_filter_tile : max_tile;
  if (d.size < 1 || d.size > most)
    return fmt::format("size {} of {} is not 1 to {}", d.size, name, most);
  return "";
}

std::string set_level(genome& g, int level, const layer& l, const cluster_level& from) {
  unsigned seen = 0;
  int spatial[2] = {no_dimension, no_dimension};
  int spatial_count = 0;
  for (int i = 0; i < from.directive_count; ++i) {
    const directive& d = from.directives[i];
    if (std::string obstacle = directive_obstacle(l, d); !obstacle.empty()) return obstacle;
    if (seen >> index_of(d.dim) & 1u)
      return fmt::format("{} named twice", dimension_name(l.type, {d.dim, d.output_centric}));
    seen |= 1u << index_of(d.dim);
    set_tile(g, level, d.dim, d.size);
    set_order(g, level, i, d.dim);
    if (d.kind == directive_kind::temporal) continue;
    if (spatial_count == 2) return "more than two SpatialMaps";
    spatial[spatial_count++] = index_of(d.dim);
  }
  for (int i = 0; i < gene_dimension_count; ++i) {
    const auto d = static_cast<dimension>(i);
    if (has_gene(l, d) && !(seen >> i & 1u))
      return fmt::format("no directive on {}", dimension_name(l.type, {d}));
  }
  if (spatial_count == 0) return "no SpatialMap";
  fill_hidden_genes(g, level, l, from.directive_count);
  set_parallel(g, level, static_cast<dimension>(spatial[0]), spatial[1]);
  return "";
}

std::string build(genome& g, const layer& l, const mapping& m) {
  if (std::string obstacle = layer_obstacle(l); !obstacle.empty()) return obstacle;
  if (m.level_count < 1 || m.level_count > max_genome_levels) {
    return fmt::format("{} cluster levels, a genome has 1 to {}", m.level_count, max_genome_levels);
  }
  set_level_count(g, m.level_count);
  for (int level = 0; level < m.level_count; ++level) {
    if (std::string obstacle = set_level(g, level, l, m.levels[level]); !obstacle.empty()) {
      return fmt::format("cluster level {}: {}", level, obstacle);
    }
    if (level == 0) continue;
    const std::int32_t size = m.levels[level].cluster_size;
    if (size < 1 || size > UINT16_MAX)
      return fmt::format("cluster size {} is not 1 to {}", size, UINT16_MAX);
    set_cluster_size(g, level, size);
  }
  return "";
}

}  // namespace

std::optional<genome> to_genome(const layer& l, const mapping& m, std::string* reason) {
  genome g;
  const std::string obstacle = build(g, l, m);
  if (reason != nullptr) *reason = obstacle;
  if (!obstacle.empty()) return std::nullopt;
  return g;
}

}  // namespace cugamma
