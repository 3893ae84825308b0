#include "formats/page/nest_listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "formats/page/html.hpp"
#include "problem/dimension_names.hpp"

namespace cugamma::report {
namespace {

/// What a level is handed: elements of every dimension, Y and X in input coordinates.
using tile_sizes = std::array<std::int64_t, dimension_count>;

/// One loop: extent / steps of `size`; spread over `ways` sub-clusters if parallel.
struct drawn_loop {
  std::string_view name;
  std::int64_t extent;
  std::int64_t size;
  std::int64_t steps;
  bool parallel;
};

dimension window_of(dimension d) { return d == dimension::Y ? dimension::R : dimension::S; }

/// Elements that a directive walks: output rows where it is written as Y' or X'.
std::int64_t extent_of(const directive& d, const tile_sizes& tile) {
  const std::int64_t own = tile[index_of(d.dim)];
  return d.output_centric ? own - tile[index_of(window_of(d.dim))] + 1 : own;
}

drawn_loop loop_of(const directive& d, const layer& l, const tile_sizes& tile) {
  const std::int64_t extent = extent_of(d, tile);
  const std::int64_t rest = std::max<std::int64_t>(extent - d.size, 0);
  return {dimension_name(l.type, {d.dim, d.output_centric}),
          extent,
          d.size,
          1 + (rest + d.offset - 1) / d.offset,
          d.kind == directive_kind::spatial};
}

tile_sizes handed_down(const cluster_level& level, const tile_sizes& tile) {
  tile_sizes out = tile;
  for (int i = 0; i < level.directive_count; ++i) {
    const directive& d = level.directives[i];
    if (!d.output_centric)
      out[index_of(d.dim)] = std::min<std::int64_t>(d.size, out[index_of(d.dim)]);
  }
  for (int i = 0; i < level.directive_count; ++i) {
    const directive& d = level.directives[i];
    if (d.output_centric) out[index_of(d.dim)] = d.size + out[index_of(window_of(d.dim))] - 1;
  }
  return out;
}

std::string steps_text(const drawn_loop& loop, std::int64_t ways) {
  if (loop.steps == 1 && !loop.parallel) return fmt::format("all {} at once", loop.extent);
  std::string out = fmt::format("{} in {} {}{} of {}",
                                loop.extent,
                                loop.steps,
                                loop.parallel ? "part" : "step",
                                loop.steps == 1 ? "" : "s",
                                loop.size);
  if (!loop.parallel || ways <= 0) return out;
  const std::int64_t rounds = (loop.steps + ways - 1) / ways;
  return out + fmt::format(", {} at a time, {} round{}",
                           std::min(ways, loop.steps),
                           rounds,
                           rounds == 1 ? "" : "s");
}

std::string draw_loop(const drawn_loop& loop, std::int64_t ways) {
  const char* css = loop.parallel ? " parallel" : loop.steps == 1 ? " once" : "";
  return fmt::format("<div class=\"loop{}\"><b>{}</b><span>{}{}</span></div>\n",
                     css,
                     escape(loop.name),
                     loop.parallel ? "<em>parallel</em> " : "",
                     steps_text(loop, ways));
}

std::string head(int number, int count, std::int64_t ways) {
  const char* from = number == 0 ? "from L2" : "from the level above";
  const bool inner = number + 1 == count;
  const std::string to = fmt::format("{}{}", inner ? "PE" : "cluster", ways == 1 ? "" : "s");
  const std::string over = ways > 0 ? fmt::format("{} {}", ways, to) : to;
  return fmt::format("<div class=\"head\"><b>Level {}</b> {}, over {}</div>\n", number, from, over);
}

/// Sub-clusters at the top: what the PEs allow beside the inner levels. 0 if the PEs are unknown.
std::int64_t top_ways(const mapping& m, std::int64_t num_pes) {
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

std::string draw_levels(const layer& l, const mapping& m, std::int64_t num_pes) {
  tile_sizes tile{};
  for (int d = 0; d < dimension_count; ++d) tile[d] = l.size[d];
  std::string out;
  for (int number = 0; number < m.level_count; ++number) {
    const cluster_level& level = m.levels[number];
    const std::int64_t ways = number == 0 ? top_ways(m, num_pes) : level.cluster_size;
    out += "<div class=\"nest\">" + head(number, m.level_count, ways);
    for (int i = 0; i < level.directive_count; ++i)
      out += draw_loop(loop_of(level.directives[i], l, tile), ways);
    tile = handed_down(level, tile);
  }
  for (int number = 0; number < m.level_count; ++number) out += "</div>";
  return out + "\n";
}

}  // namespace

std::string draw_loop_nest(const result_node& mapping_text, std::int64_t num_pes) {
  const std::string open = fmt::format("<div data-source=\"{}\">\n", escape(mapping_text.path()));
  try {
    const mapping_file file = parse_mapping_file(mapping_text.text(), mapping_text.path());
    if (!file.layers.empty() && file.layers[0].m && has_loops(*file.layers[0].m))
      return open + draw_levels(file.layers[0].l, *file.layers[0].m, num_pes) + "</div>\n";
  } catch (const input_error& error) {
    return open + fmt::format("<p class=\"note\">{}</p></div>\n", escape(error.what()));
  }
  return open + "<p class=\"note\">The mapping has no loops to draw.</p></div>\n";
}

}  // namespace cugamma::report
