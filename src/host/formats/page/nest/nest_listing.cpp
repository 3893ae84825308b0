#include "formats/page/nest/nest_listing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "formats/page/html.hpp"

namespace cugamma::report {
namespace {

std::string steps_text(const mapping_loop& loop, std::int64_t clusters) {
  if (loop.steps == 1 && !loop.is_parallel) return fmt::format("all {} at once", loop.extent);
  std::string out = fmt::format("{} in {} {}{} of {}",
                                loop.extent,
                                loop.steps,
                                loop.is_parallel ? "part" : "step",
                                loop.steps == 1 ? "" : "s",
                                loop.size);
  if (!loop.is_parallel || clusters <= 0) return out;
  const std::int64_t rounds = (loop.steps + clusters - 1) / clusters;
  return out + fmt::format(", {} at a time, {} round{}",
                           std::min(clusters, loop.steps),
                           rounds,
                           rounds == 1 ? "" : "s");
}

std::string draw_loop(const mapping_loop& loop, std::int64_t clusters) {
  const char* css = loop.is_parallel ? " parallel" : loop.steps == 1 ? " once" : "";
  return fmt::format("<div class=\"loop{}\"><b>{}</b><span>{}{}</span></div>\n",
                     css,
                     escape(loop.name),
                     loop.is_parallel ? "<em>parallel</em> " : "",
                     steps_text(loop, clusters));
}

std::string head(std::size_t number, std::size_t count, std::int64_t clusters) {
  const std::string name = number == 0 ? "L2" : fmt::format("cluster level {}", number + 1);
  const bool is_inner = number + 1 == count;
  const std::string to = fmt::format("{}{}", is_inner ? "PE" : "cluster", clusters == 1 ? "" : "s");
  const std::string over = clusters > 0 ? fmt::format("{} {}", clusters, to) : to;
  return fmt::format("<div class=\"head\"><b>{}</b>: {}</div>\n", name, over);
}

std::string draw_levels(const std::vector<mapping_level>& levels) {
  std::string out;
  for (std::size_t number = 0; number < levels.size(); ++number) {
    const mapping_level& level = levels[number];
    out += "<div class=\"nest\">" + head(number, levels.size(), level.clusters);
    for (const mapping_loop& loop : level.loops) out += draw_loop(loop, level.clusters);
  }
  for (std::size_t number = 0; number < levels.size(); ++number) out += "</div>";
  return out + "\n";
}

}  // namespace

std::string draw_loop_nest(const result_node& mapping_text, std::int64_t num_pes) {
  const mapping_levels found = levels_of(mapping_text, num_pes);
  const std::string problem =
      found.problem.empty() ? "The mapping has no loops to draw." : found.problem;
  return fmt::format("<div data-source=\"{}\">\n{}</div>\n",
                     escape(mapping_text.path()),
                     found.levels.empty() ? "<p class=\"note\">" + escape(problem) + "</p>"
                                          : draw_levels(found.levels));
}

}  // namespace cugamma::report
