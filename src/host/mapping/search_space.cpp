#include "cugamma/mapping/search_space.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

bool has_genome_form(const layer& l) {
  using enum dimension;
  const bool type_ok =
      l.type == layer_type::conv || l.type == layer_type::dsconv || l.type == layer_type::gemm;
  return type_ok && l[N] == 1 && l[G] == 1;
}

std::int32_t largest_tile(dimension d) { return d < dimension::R ? max_tile : max_filter_tile; }

std::array<std::int32_t, gene_dimension_count> tile_bounds(const layer& l) {
  std::array<std::int32_t, gene_dimension_count> bounds{};
  for (int i = 0; i < gene_dimension_count; ++i) {
    const auto d = static_cast<dimension>(i);
    bounds[i] = l.type == layer_type::dsconv && d == dimension::K ? 1 : output_size(l, d);
  }
  return bounds;
}

dimension_mask useful_parallel(const search_space& space, bool parallel_rs) {
  const int count = parallel_rs ? gene_dimension_count : 4;
  dimension_mask all = 0;
  dimension_mask useful = 0;
  for (int i = 0; i < count; ++i) {
    const bool exists = space.target.type != layer_type::dsconv || i != index_of(dimension::K);
    if (!exists) continue;
    all |= mask_of(static_cast<dimension>(i));
    if (space.bound[i] > 1) useful |= mask_of(static_cast<dimension>(i));
  }
  return useful != 0 ? useful : all;
}

void check_levels(int levels_min, int levels_max) {
  if (levels_min < 1 || levels_max > max_genome_levels || levels_min > levels_max) {
    throw input_error(fmt::format("cluster levels {} to {}: must lie within 1 to {}",
                                  levels_min,
                                  levels_max,
                                  max_genome_levels));
  }
}

void check_cluster(const cluster_rule& rule, int level, std::int32_t pes) {
  if (rule.low < 1 || rule.high < rule.low || rule.high > 65535) {
    throw input_error(fmt::format("level {}: cluster size {} to {}: must lie within 1 to 65535",
                                  level,
                                  rule.low,
                                  rule.high));
  }
  if (rule.low > pes) {
    throw input_error(
        fmt::format("level {}: cluster size {}, but there are {} PEs", level, rule.low, pes));
  }
}

void check_level(const level_rule& rule, int level) {
  if ((rule.parallel & 0x3fu) == 0) {
    throw input_error(fmt::format("level {}: no dimension may be parallel", level));
  }
  if (rule.second_parallel == 0) {
    throw input_error(fmt::format("level {}: no choice of second parallel dimension", level));
  }
  for (int i = 0; i < gene_dimension_count; ++i) {
    const tile_rule& tiles = rule.tiles[i];
    if (tiles.low < 1 || tiles.high < tiles.low) {
      throw input_error(fmt::format("level {}: tiles of {} from {} to {}",
                                    level,
                                    "KCYXRS"[i],
                                    tiles.low,
                                    tiles.high));
    }
  }
}

}  // namespace

std::optional<std::string> genome_obstacle(const layer& l) {
  if (!has_genome_form(l)) {
    return "only CONV, DSCONV and GEMM without batch and groups can be searched";
  }
  const auto bounds = tile_bounds(l);
  for (int i = 0; i < gene_dimension_count; ++i) {
    const std::int32_t most = largest_tile(static_cast<dimension>(i));
    if (bounds[i] >= 1 && bounds[i] <= most) continue;
    return fmt::format("dimension {} allows tiles up to {}, must be 1 to {}",
                       "KCYXRS"[i],
                       bounds[i],
                       most);
  }
  return std::nullopt;
}

search_space make_search_space(const layer& l, const accelerator& a, const space_options& options) {
  if (const auto obstacle = genome_obstacle(l)) {
    throw input_error(fmt::format("layer: {}", *obstacle));
  }
  check(a);
  if (options.cluster_size < 0) {
    throw input_error(
        fmt::format("cluster_size: found {}, expected 0 or more", options.cluster_size));
  }
  search_space space;
  space.target = l;
  space.bound = tile_bounds(l);
  space.levels_min = options.levels_min;
  space.levels_max = options.levels_max;
  space.factors_only = options.factors_only;
  space.pes_min = space.pes_max = a.num_pes;
  space.l1_size_elems = a.l1_size_elems;
  space.l2_size_elems = a.l2_size_elems;
  space.cluster_buffer_elems = a.cluster_buffer_elems;
  for (level_rule& rule : space.levels) {
    rule.parallel = useful_parallel(space, options.parallel_rs);
    if (options.cluster_size > 0) rule.cluster = {options.cluster_size, options.cluster_size};
  }
  check(space);
  return space;
}

void check(const search_space& space) {
  check_levels(space.levels_min, space.levels_max);
  if (space.pes_min < 1 || space.pes_max < space.pes_min) {
    throw input_error(
        fmt::format("PEs from {} to {}: must be at least 1", space.pes_min, space.pes_max));
  }
  std::int64_t clusters = 1;
  for (int level = 0; level < space.levels_max; ++level) {
    check_level(space.levels[level], level);
    if (level == 0) continue;
    check_cluster(space.levels[level].cluster, level, space.pes_min);
    clusters *= space.levels[level].cluster.low;
  }
  if (clusters > space.pes_min) {
    throw input_error(fmt::format("cluster sizes multiply to at least {}, but there are {} PEs",
                                  clusters,
                                  space.pes_min));
  }
}

}  // namespace cugamma
