#include "mapping/constraint_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "cugamma/error.hpp"
#include "mapping/operators/seeding.hpp"

namespace cugamma {
namespace {

std::string quoted(const clause& c) { return fmt::format("\"{}\" (line {})", c.text, c.line); }

/// The most that a tile can be, and what keeps it there.
struct ceiling {
  std::int32_t size = 0;
  std::string by;
};
using ceilings = std::array<ceiling, gene_dimension_count>;

ceilings of_layer(const search_space& space) {
  ceilings all;
  for (int d = 0; d < gene_dimension_count; ++d) {
    all[d] = {space.bound[d], fmt::format("the layer's {} of {}", "KCYXRS"[d], space.bound[d])};
  }
  return all;
}

ceiling lower(const ceiling& a, const ceiling& b) { return b.size < a.size ? b : a; }

/// The ceiling of one tile from those of the level above.
ceiling below(const ceilings& above, const std::optional<tile_clause>& tile, int d) {
  ceiling most = above[d];
  if (!tile || d >= index_of(dimension::R)) return most;  // a filter may always be whole
  const tile_rule& rule = tile->rule;
  if (rule.same_as_above != no_dimension) return lower(most, above[rule.same_as_above]);
  if (rule.at_most_tile_of != no_dimension) {
    ceiling source = above[rule.at_most_tile_of];
    if (tile->buffer) source.by = quoted(*tile->buffer);
    most = lower(most, source);
  }
  return lower(most, {rule.high, quoted(tile->where)});
}

/// A part of a filter can be a tile only where the filter is parallel from that level down.
void check_split_filter(const mapping_constraint& c, const search_space& space, std::size_t level) {
  const int levels = std::max(space.levels_min, static_cast<int>(level) + 1);
  for (const dimension d : {dimension::R, dimension::S}) {
    const auto& tile = c.levels[level].tiles[index_of(d)];
    if (!tile || tile->rule.high >= space.bound[index_of(d)]) continue;
    for (auto at = level; std::cmp_less(at, levels); ++at) {
      const level_rule& rule = space.levels[at];
      if (contains(rule.parallel | rule.second_parallel, index_of(d))) continue;
      const level_constraint* here = at < c.levels.size() ? &c.levels[at] : nullptr;
      if (here && here->parallel) clash(c, tile->where, here->parallel->where);
      if (here && here->network) clash(c, tile->where, here->network->where);
      clash(c,
            tile->where,
            fmt::format("levels[{}], where {} is not parallel without sp or --parallel-rs",
                        at,
                        "KCYXRS"[index_of(d)]));
    }
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

}  // namespace

void clash(const mapping_constraint& c, const clause& a, const std::string& other) {
  throw input_error(fmt::format("{}:{}: \"{}\" clashes with {}: no mapping obeys both",
                                c.file,
                                a.line,
                                a.text,
                                other));
}

void clash(const mapping_constraint& c, const clause& a, const clause& b) {
  clash(c, a, quoted(b));
}

void check_tiles(const mapping_constraint& c, const search_space& space) {
  ceilings above = of_layer(space);
  for (std::size_t level = 0; level < c.levels.size(); ++level) {
    check_split_filter(c, space, level);
    ceilings here;
    for (int d = 0; d < gene_dimension_count; ++d) {
      const auto& tile = c.levels[level].tiles[d];
      here[d] = below(above, tile, d);
      const bool is_asked_for = tile && d < index_of(dimension::R);
      const std::int32_t least = is_asked_for ? std::min(tile->rule.low, space.bound[d]) : 1;
      if (least > here[d].size) clash(c, tile->where, here[d].by);
    }
    above = here;
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

void check_buffers(const mapping_constraint& c, const search_space& space) {
  check_buffer(c, space, 0, space.l2_size_elems, "an L2");
  const bool reaches_l1 = std::ssize(c.levels) == space.levels_max;
  if (reaches_l1) check_buffer(c, space, c.levels.size() - 1, space.l1_size_elems, "an L1");
}

}  // namespace cugamma
