#include "formats/page/nest/mapping_levels.hpp"

#include <algorithm>
#include <limits>

#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "problem/dimension_names.hpp"

namespace cugamma::report {
namespace {

std::int64_t stride_of(const layer& l, dimension d) {
  return d == dimension::Y ? l.stride_y : l.stride_x;
}

dimension window_of(dimension d) { return d == dimension::Y ? dimension::R : dimension::S; }

/// Elements that a directive walks.
std::int64_t extent_of(const directive& d, const layer& tile) {
  return d.output_centric ? output_size(tile, d.dim) : tile[d.dim];
}

mapping_loop loop_of(const directive& d, const layer& tile) {
  const std::int64_t extent = extent_of(d, tile);
  const std::int64_t rest = std::max<std::int64_t>(extent - d.size, 0);
  return {dimension_name(tile.type, {d.dim, d.output_centric}),
          extent,
          d.size,
          1 + (rest + d.offset - 1) / d.offset,
          d.kind == directive_kind::spatial};
}

/// What each sub-cluster of a level is handed of the level's own tile.
layer handed_down(const cluster_level& level, const layer& tile) {
  layer out = tile;
  for (int i = 0; i < level.directive_count; ++i) {
    const directive& d = level.directives[i];
    if (!d.output_centric) out[d.dim] = std::min(d.size, out[d.dim]);
  }
  for (int i = 0; i < level.directive_count; ++i) {
    const directive& d = level.directives[i];
    if (!d.output_centric) continue;
    const std::int64_t rows = std::min<std::int64_t>(d.size, extent_of(d, tile));
    out[d.dim] = static_cast<std::int32_t>(
        std::max<std::int64_t>(rows - 1, 0) * stride_of(tile, d.dim) + out[window_of(d.dim)]);
  }
  return out;
}

/// Sub-clusters at the top: what the PEs allow beside the inner levels. 0 if the PEs are unknown.
std::int64_t top_clusters(const mapping& m, std::int64_t num_pes) {
  std::int64_t product = 1;
  for (int level = 1; level < m.level_count && product <= num_pes; ++level) {
    product *= m.levels[level].cluster_size;
  }
  return product <= num_pes ? num_pes / product : 0;
}

/// A file may say anything: loops of nothing cannot be drawn.
bool has_loops(const mapping& m) {
  for (int number = 0; number < m.level_count; ++number) {
    const cluster_level& level = m.levels[number];
    if (number > 0 && level.cluster_size < 1) return false;
    for (int i = 0; i < level.directive_count; ++i) {
      if (level.directives[i].size < 1 || level.directives[i].offset < 1) return false;
    }
  }
  return true;
}

}  // namespace

mapping_levels levels_of(const result_node& mapping_text, std::int64_t num_pes) {
  mapping_levels found;
  try {
    const mapping_file file = parse_mapping_file(mapping_text.text(), mapping_text.path());
    if (file.layers.empty() || !file.layers[0].m || !has_loops(*file.layers[0].m)) return found;
    const mapping& m = *file.layers[0].m;
    found.l = file.layers[0].l;
    layer tile = found.l;
    for (int number = 0; number < m.level_count; ++number) {
      const cluster_level& level = m.levels[number];
      mapping_level drawn;
      drawn.clusters = number == 0 ? top_clusters(m, num_pes) : level.cluster_size;
      for (int i = 0; i < level.directive_count; ++i) {
        drawn.loops.push_back(loop_of(level.directives[i], tile));
      }
      tile = drawn.tile = handed_down(level, tile);
      found.levels.push_back(std::move(drawn));
    }
  } catch (const input_error& error) {
    found.problem = error.what();
  }
  return found;
}

std::int64_t busy_clusters(const mapping_level& level) {
  std::int64_t steps = 1;
  for (const mapping_loop& loop : level.loops) {
    if (loop.is_parallel) steps = std::max(steps, loop.steps);
  }
  return std::min(steps, level.clusters);
}

std::int64_t pes_of_best(const result_node& root, const result_node& layer) {
  const double pes =
      layer["best"]["num_pes"].number_or(root["accelerator"]["num_pes"].number_or(0));
  const bool is_count = pes >= 0 && pes <= std::numeric_limits<std::int32_t>::max();
  return is_count ? static_cast<std::int64_t>(pes) : 0;
}

}  // namespace cugamma::report
