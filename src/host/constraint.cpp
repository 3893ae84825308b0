#include "cugamma/constraint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "cugamma/error.hpp"
#include "cugamma/seeding.hpp"

namespace cugamma {
namespace {

[[noreturn]] void clash(const mapping_constraint& c, const clause& a, const std::string& b) {
  throw input_error(fmt::format("{}:{}: \"{}\" clashes with {}: no mapping obeys both",
                                c.file,
                                a.line,
                                a.text,
                                b));
}

[[noreturn]] void clash(const mapping_constraint& c, const clause& a, const clause& b) {
  clash(c, a, fmt::format("\"{}\" (line {})", b.text, b.line));
}

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
  if (first != 0 && first_here == 0 && (second_here & 0x3f) != 0) {
    rule.parallel = second_here & 0x3f;
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

/// R and S are whole in every mapping unless parallel from their level down.
void check_split_filter(const mapping_constraint& c, const search_space& space, std::size_t level) {
  const level_constraint& here = c.levels[level];
  for (const dimension d : {dimension::R, dimension::S}) {
    const auto& tile = here.tiles[index_of(d)];
    if (!tile || !here.parallel || tile->rule.same_as_above != no_dimension) continue;
    const dimension_mask any = space.levels[level].parallel | space.levels[level].second_parallel;
    const bool splits = tile->rule.high < space.bound[index_of(d)];
    if (splits && !contains(any, index_of(d))) clash(c, tile->where, here.parallel->where);
  }
}

/// A tile is at most the one above it.
void check_nesting(const mapping_constraint& c, std::size_t level) {
  for (int i = 0; i < gene_dimension_count; ++i) {
    const auto& inner = c.levels[level].tiles[i];
    const auto& outer = c.levels[level - 1].tiles[i];
    if (!inner || !outer || inner->rule.low <= outer->rule.high) continue;
    clash(c, inner->where, outer->where);
  }
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

void check_clusters(const mapping_constraint& c, const search_space& space) {
  std::int64_t product = 1;
  const clause* previous = nullptr;
  for (const level_constraint& level : c.levels) {
    if (!level.cluster) continue;
    const bool alone = level.cluster->rule.low > space.pes_min;
    product *= level.cluster->rule.low;
    if (product > space.pes_min) {
      if (!alone && previous != nullptr) clash(c, level.cluster->where, *previous);
      clash(c, level.cluster->where, fmt::format("the {} PEs", space.pes_min));
    }
    previous = &level.cluster->where;
  }
}

/// Elements that a level's tiles need, double buffered, at least.
std::int64_t least_need(const genome& g, const search_space& space, int level) {
  using enum dimension;
  const auto t = [&](dimension d) { return std::int64_t{tile(g, level, d)}; };
  const std::int64_t outputs = space.target.type == layer_type::dsconv ? t(C) : t(K);
  return 2 * (t(C) * (t(Y) + t(R) - 1) * (t(X) + t(S) - 1) + t(K) * t(C) * t(R) * t(S) +
              outputs * t(Y) * t(X));
}

genome with_least_tiles(genome g, const search_space& space) {
  for (int level = 0; level < level_count(g); ++level) {
    for (int i = 0; i < gene_dimension_count; ++i) {
      const auto d = static_cast<dimension>(i);
      set_tile(g, level, d, fitting_tile(g, space, level, d, 1));
    }
  }
  return g;
}

/// The clause of a level that asks for the largest tile.
const clause* largest_tile(const level_constraint& level) {
  const tile_clause* largest = nullptr;
  for (const auto& tile : level.tiles) {
    if (tile && (largest == nullptr || tile->rule.low > largest->rule.low)) largest = &*tile;
  }
  return largest == nullptr ? nullptr : &largest->where;
}

/// Refuses fixed tiles that no choice of parallel dimensions makes fit.
void check_buffer(const mapping_constraint& c,
                  const search_space& space,
                  std::size_t level,
                  std::int64_t size_elems,
                  const char* name) {
  const clause* tiles = largest_tile(c.levels[level]);
  if (size_elems < 0 || tiles == nullptr) return;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::uint32_t i = 0; i < 64; ++i) {
    random_stream random(1, 0, i);
    const genome g = with_least_tiles(draw_random(space, random), space);
    if (std::cmp_less(level, level_count(g))) {
      least = std::min(least, least_need(g, space, static_cast<int>(level)));
    }
  }
  if (least <= size_elems) return;
  clash(c,
        *tiles,
        fmt::format("{} of {} elements, of which the tiles need at least {}",
                    name,
                    size_elems,
                    least));
}

void check_buffers(const mapping_constraint& c, const search_space& space) {
  check_buffer(c, space, 0, space.l2_size_elems, "an L2");
  const bool reaches_l1 = std::ssize(c.levels) == space.levels_max;
  if (reaches_l1) check_buffer(c, space, c.levels.size() - 1, space.l1_size_elems, "an L1");
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
    if (level.cluster) rule.cluster = level.cluster->rule;
    if (level.order) constrain_order(*level.order, rule);
    for (int d = 0; d < gene_dimension_count; ++d) {
      if (level.tiles[d]) rule.tiles[d] = level.tiles[d]->rule;
    }
    check_split_filter(c, space, i);
    if (i > 0) check_nesting(c, i);
  }
  raise_outer_tiles(space, c.levels.size());
  check_clusters(c, space);
  check(space);
  check_buffers(c, space);
  return space;
}

}  // namespace cugamma
