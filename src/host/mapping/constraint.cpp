#include "cugamma/mapping/constraint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "cugamma/error.hpp"
#include "mapping/constraint_checks.hpp"

namespace cugamma {
namespace {

/// The dimensions that a layer of this type has, K of a dsconv read as C.
dimension_mask present(dimension_mask mask, const layer& l) {
  constexpr dimension_mask gemm =
      mask_of(dimension::K) | mask_of(dimension::C) | mask_of(dimension::Y);
  if (l.type == layer_type::gemm) return mask & (gemm | no_second_parallel);
  if (l.type != layer_type::dsconv || !contains(mask, index_of(dimension::K))) return mask;
  return (mask & ~mask_of(dimension::K)) | mask_of(dimension::C);
}

/// A second dimension equal to the only first one cannot be.
void keep_apart(level_rule& rule) {
  if (std::popcount(rule.second_parallel) == 1 && rule.second_parallel != no_second_parallel) {
    rule.parallel &= ~rule.second_parallel;
  }
}

dimension_mask allowed_first(const mapping_constraint& c, const level_constraint& level) {
  if (!level.parallel) return level.network ? level.network->allowed : 0;
  if (!level.network) return level.parallel->allowed;
  const dimension_mask both = level.parallel->allowed & level.network->allowed;
  if (both == 0) clash(c, level.parallel->where, level.network->where);
  return both;
}

void apply_parallel(const mapping_constraint& c,
                    const level_constraint& level,
                    const layer& l,
                    level_rule& rule) {
  const dimension_mask first = allowed_first(c, level);
  const dimension_mask second = level.second_parallel ? level.second_parallel->allowed : 0;
  if (std::popcount(second) == 1 && first == second) {
    clash(c,
          level.parallel ? level.parallel->where : level.network->where,
          level.second_parallel->where);
  }
  const dimension_mask first_here = present(first, l);
  const dimension_mask second_here = present(second, l);
  if (first_here != 0) rule.parallel = first_here;
  if (first != 0 && first_here == 0 && (second_here & every_gene_dimension) != 0) {
    rule.parallel = second_here & every_gene_dimension;
    return;
  }
  if (second_here == 0) return;
  rule.second_parallel = second_here;
  const dimension_mask before = rule.parallel;
  keep_apart(rule);
  if (rule.parallel != 0) return;
  rule.parallel = before;
  rule.second_parallel = no_second_parallel;
}

void constrain_parallel(const mapping_constraint& c,
                        const level_constraint& level,
                        const layer& l,
                        level_rule& rule) {
  const level_rule before = rule;
  apply_parallel(c, level, l, rule);
  if (!level.is_parallelism_free) return;
  rule.parallel |= before.parallel;
  rule.second_parallel |= before.second_parallel;
}

void constrain_order(const order_clause& order, level_rule& rule) {
  rule.fixed_positions = static_cast<std::uint8_t>(order.prefix.size());
  std::ranges::copy(order.prefix, rule.order_prefix.begin());
}

/// What a level asks for at least, the levels above must hand down.
void raise_outer_tiles(search_space& space, std::size_t levels) {
  for (std::size_t level = levels - 1; level > 0; --level) {
    for (int d = 0; d < gene_dimension_count; ++d) {
      tile_rule& outer = space.levels[level - 1].tiles[d];
      outer.low = std::min(std::max(outer.low, space.levels[level].tiles[d].low), outer.high);
    }
  }
}

/// The cluster size of a clause and the one that the space fixes, if it does, must agree.
void constrain_cluster(const mapping_constraint& c,
                       const cluster_clause& size,
                       cluster_rule& rule) {
  const cluster_rule given = rule;
  rule = size.rule;
  if (given.low != given.high) return;
  if (size.rule.low > given.high || size.rule.high < given.high) {
    clash(c, size.where, fmt::format("the cluster size of {} (--cluster-size)", given.high));
  }
  rule.low = rule.high = given.high;
}

level_constraint merged(level_constraint base, const level_constraint& more) {
  if (more.parallel) base.parallel = more.parallel;
  if (more.second_parallel) base.second_parallel = more.second_parallel;
  if (more.network) base.network = more.network;
  if (more.cluster) base.cluster = more.cluster;
  if (more.order) base.order = more.order;
  for (int i = 0; i < gene_dimension_count; ++i) {
    if (more.tiles[i]) base.tiles[i] = more.tiles[i];
  }
  return base;
}

void set_free(level_constraint& level, flexibility f) {
  if (f.tile) level.tiles = {};
  if (f.order) level.order.reset();
  if (f.shape) level.cluster.reset();
  level.is_parallelism_free = f.parallelism;
}

}  // namespace

std::string name_of(flexibility f) {
  return fmt::format("{:d}{:d}{:d}{:d}", f.tile, f.order, f.parallelism, f.shape);
}

flexibility parse_flexibility(std::string_view text) {
  if (text == "none") return {};
  if (text == "all") return flexibility_of(15);
  const auto only = [&](std::string_view letters) {
    return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
  };
  if (text.size() == 4 && only("01")) {
    return {text[0] == '1', text[1] == '1', text[2] == '1', text[3] == '1'};
  }
  if (only("TOPS")) {
    const auto has = [&](char c) { return text.find(c) != std::string_view::npos; };
    return {has('T'), has('O'), has('P'), has('S')};
  }
  throw input_error(
      fmt::format("flexibility: found \"{}\", expected none, all, letters of TOPS, or four bits",
                  text));
}

mapping_constraint with_flexibility(const mapping_constraint& c, flexibility f) {
  mapping_constraint result = c;
  for (std::size_t i = 0; i < result.levels.size(); ++i) {
    if (i < c.inflexible.size()) result.levels[i] = merged(result.levels[i], c.inflexible[i]);
    set_free(result.levels[i], f);
  }
  result.inflexible.clear();
  return result;
}

layer constrained_layer(const mapping_constraint& c, const layer& l) {
  if (!c.as_gemm || l.type == layer_type::gemm) return l;
  using enum dimension;
  const bool depthwise = l.type == layer_type::dsconv;
  const std::int64_t rows =
      std::int64_t{output_size(l, Y)} * output_size(l, X) * (depthwise ? l[C] : 1);
  const std::int64_t depth = std::int64_t{l[R]} * l[S] * (depthwise ? 1 : l[C]);
  if (rows > max_tile || depth > max_tile) {
    throw input_error(fmt::format("layer: its matrix product has M {} and K {}, must be at most {}",
                                  rows,
                                  depth,
                                  max_tile));
  }
  layer product;
  product.type = layer_type::gemm;
  product[K] = l[K];
  product[C] = static_cast<std::int32_t>(depth);
  product[Y] = static_cast<std::int32_t>(rows);
  return product;
}

search_space constrain(search_space space, const mapping_constraint& c) {
  if (std::ssize(c.levels) > space.levels_max) {
    throw input_error(fmt::format("{}: constrains {} levels, but mappings have at most {}",
                                  c.file,
                                  c.levels.size(),
                                  space.levels_max));
  }
  for (std::size_t i = 0; i < c.levels.size(); ++i) {
    const level_constraint& level = c.levels[i];
    level_rule& rule = space.levels[i];
    constrain_parallel(c, level, space.target, rule);
    if (level.cluster) constrain_cluster(c, *level.cluster, rule.cluster);
    if (level.order) constrain_order(*level.order, rule);
    for (int d = 0; d < gene_dimension_count; ++d) {
      if (level.tiles[d]) rule.tiles[d] = level.tiles[d]->rule;
    }
  }
  check_tiles(c, space);
  raise_outer_tiles(space, c.levels.size());
  check_clusters(c, space);
  check(space);
  check_buffers(c, space);
  return space;
}

}  // namespace cugamma
