#include <fmt/core.h>

#include <algorithm>

#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/models/cost_model.hpp"
#include "models/maestro/legality.hpp"
#include "models/maestro/reference/level_plan.hpp"
#include "problem/dimension_names.hpp"

namespace cugamma {
namespace {

using reference::level_plan;
using reference::mapping_plan;

/// The plan of the tiles as they are written, before the stride cuts them to whole windows.
mapping_plan plan_of(const named_mapping& given, std::int32_t num_pes) {
  layer unstrided = given.l;
  unstrided.stride_y = unstrided.stride_x = 1;
  return reference::make_plan(unstrided, num_pes, *given.m);
}

std::string_view name_of(const layer& l, const directive& d) {
  return dimension_name(l.type, {d.dim, d.output_centric});
}

std::string text_of(const layer& l, const directive& d) {
  return fmt::format("{}({},{}) {}",
                     d.kind == directive_kind::spatial ? "SpatialMap" : "TemporalMap",
                     d.size,
                     d.offset,
                     name_of(l, d));
}

/// The largest tile that a directive of a level may have, counted as the directive counts.
std::int64_t largest_tile(const directive& d, const level_plan& p, const tensor_set& t) {
  if (!d.output_centric || !reference::slides(t, d.dim)) return p.own[d.dim];
  return p.own[d.dim] - p.sizes[index_of(reference::window_of(d.dim))].mapped + 1;
}

/// Where the tile above a level's is written.
std::string limit_text(const layer& l, const directive& d, int level, std::int64_t most) {
  const std::string limit = fmt::format("{} = {}", name_of(l, d), most);
  return level == 0 ? limit : fmt::format("{} of cluster level {}", limit, level - 1);
}

/// "line 9, cluster level 0: "; without the line where it is not known.
std::string place_of(const named_mapping& given, int level, int directive = -1) {
  const auto at = static_cast<std::size_t>(level);
  if (at >= given.lines.size()) return fmt::format("cluster level {}: ", level);
  const level_lines& lines = given.lines[at];
  const int line =
      directive < 0 ? lines.begin : lines.directives[static_cast<std::size_t>(directive)];
  return fmt::format("line {}, cluster level {}: ", line, level);
}

std::string exceeding_text(const named_mapping& given, int level, int i, std::int64_t most) {
  const directive& d = given.m->levels[level].directives[i];
  return fmt::format("{}{} is larger than {}",
                     place_of(given, level, i),
                     text_of(given.l, d),
                     limit_text(given.l, d, level, most));
}

/// What a directive that breaks one rule breaks it with.
std::string directive_place(const named_mapping& given,
                            const mapping_plan& plan,
                            int level,
                            int i,
                            status_bit bit) {
  const directive& d = given.m->levels[level].directives[i];
  if (bit == tile_exceeds_dim) {
    return exceeding_text(given, level, i, largest_tile(d, plan.levels[level], plan.tensors));
  }
  const std::string at = place_of(given, level, i) + text_of(given.l, d);
  if (bit == offset_exceeds_size) {
    return fmt::format("{} has the offset {}, at most its size {}", at, d.offset, d.size);
  }
  const std::int32_t whole = given.l[d.dim];
  return fmt::format("{}, expected TemporalMap({},{}) {}", at, whole, whole, name_of(given.l, d));
}

std::string window_place(const named_mapping& given, const mapping_plan& plan, int level) {
  const level_plan& p = plan.levels[level];
  for (const reference::level_directive& d : p) {
    if (!reference::slides(plan.tensors, d.dim)) continue;
    const dimension filter = reference::window_of(d.dim);
    const std::int64_t window = p.sizes[index_of(filter)].mapped;
    if (d.size >= window) continue;
    const cluster_level& written = given.m->levels[level];
    int i = 0;
    while (i < written.directive_count && written.directives[i].dim != d.dim) ++i;
    return fmt::format("{}the tile {} = {} is smaller than {} = {}",
                       place_of(given, level, i < written.directive_count ? i : -1),
                       dimension_name(given.l.type, {d.dim}),
                       d.size,
                       dimension_name(given.l.type, {filter}),
                       window);
  }
  return place_of(given, level);
}

/// What is wrong with the structure of the first level that is not well-formed.
std::string structure_place(const named_mapping& given) {
  for (int level = 0; level < given.m->level_count; ++level) {
    const cluster_level& written = given.m->levels[level];
    if (level > 0 && written.cluster_size < 1) {
      return fmt::format("{}Cluster({}), expected 1 or more",
                         place_of(given, level),
                         written.cluster_size);
    }
    int spatial = 0;
    for (int i = 0; i < written.directive_count; ++i) {
      const directive& d = written.directives[i];
      if (d.size < 1 || d.offset < 1) {
        return fmt::format("{}{}, expected sizes and offsets of 1 or more",
                           place_of(given, level, i),
                           text_of(given.l, d));
      }
      spatial += d.kind == directive_kind::spatial ? 1 : 0;
    }
    if (spatial < 1 || spatial > 2) {
      return fmt::format("{}{} SpatialMap{}, expected 1 or 2",
                         place_of(given, level),
                         spatial == 0 ? "no" : std::to_string(spatial),
                         spatial == 0 ? "" : "s");
    }
  }
  return fmt::format("{} cluster levels, expected 1 to {}", given.m->level_count, max_levels);
}

std::string clusters_place(const named_mapping& given, const accelerator& a) {
  std::string product;
  for (int level = 1; level < given.m->level_count; ++level) {
    product += fmt::format("{}{}", level > 1 ? " x " : "", given.m->levels[level].cluster_size);
  }
  return fmt::format("{}clusters of {} on {} PEs",
                     place_of(given, std::min(1, given.m->level_count - 1)),
                     product,
                     a.num_pes);
}

/// Cuts the tiles of one level, those of Y and X or those of the other dimensions.
void fit_level(named_mapping& given, int level, bool sliding) {
  const mapping_plan plan = plan_of(given, 1);
  for (int i = 0; i < given.m->levels[level].directive_count; ++i) {
    directive& d = given.m->levels[level].directives[i];
    if (reference::slides(plan.tensors, d.dim) != sliding) continue;
    const std::int64_t most = largest_tile(d, plan.levels[level], plan.tensors);
    if (d.size <= most || most < 1) continue;
    given.warnings.push_back(exceeding_text(given, level, i, most) + " and is cut to it");
    const bool steps_too_far = d.offset > d.size;
    d.size = static_cast<std::int32_t>(most);
    if (!steps_too_far) d.offset = std::min(d.offset, d.size);
  }
}

std::vector<std::string> places(const named_mapping& given, const accelerator& a, status_bit bit) {
  if (bit == bad_structure) return {structure_place(given)};
  if (bit == clusters_exceed_pes) return {clusters_place(given, a)};
  std::vector<std::string> all;
  if (!detail::is_well_formed(*given.m)) return all;
  const mapping_plan plan = plan_of(given, a.num_pes);
  for (int level = 0; level < given.m->level_count; ++level) {
    const level_plan& p = plan.levels[level];
    if (bit == window_exceeds_tile && !detail::windows_fit(p, plan.tensors)) {
      all.push_back(window_place(given, plan, level));
    }
    for (int i = 0; i < given.m->levels[level].directive_count; ++i) {
      const directive& d = given.m->levels[level].directives[i];
      if ((detail::check_directive(d, p, plan.tensors, given.l) & bit) != 0) {
        all.push_back(directive_place(given, plan, level, i, bit));
      }
    }
  }
  return all;
}

}  // namespace

void fit_tiles(named_mapping& given) {
  if (!given.m || !detail::is_well_formed(*given.m)) return;
  for (int level = 0; level < given.m->level_count; ++level) {
    // Tiles bound those of the next level, and a filter's those of Y' and X' beside it.
    fit_level(given, level, false);
    fit_level(given, level, true);
  }
}

std::vector<std::string> illegal_places(const named_mapping& given,
                                        const accelerator& a,
                                        std::uint32_t status) {
  std::vector<std::string> all;
  for (int b = 0; b < 8; ++b) {
    const auto bit = static_cast<status_bit>(1u << b);
    if ((status & bit) == 0) continue;
    const std::string rule = reasons(bit).front();
    const std::vector<std::string> where = places(given, a, bit);
    for (const std::string& place : where) all.push_back(fmt::format("{}: {}", rule, place));
    if (where.empty()) all.push_back(rule);
  }
  return all;
}

}  // namespace cugamma
