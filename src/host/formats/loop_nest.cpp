#include "cugamma/formats/loop_nest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cugamma/mapping/mapping.hpp"
#include "problem/dimension_names.hpp"

namespace cugamma {
namespace {

using extents = std::array<std::int32_t, dimension_count>;

std::int32_t ceil_div(std::int32_t a, std::int32_t b) { return (a + b - 1) / b; }

/// Grows line by line, every loop one step further in.
class nest_writer {
 public:
  explicit nest_writer(layer_type type) : type_(type) {}

  void heading(const std::string& text) { line(text, ""); }

  void loop(const directive& d, std::int32_t extent, std::int32_t clusters) {
    const std::int32_t steps = ceil_div(extent, d.size);
    if (steps == 1) return;
    const bool spatial = d.kind == directive_kind::spatial;
    const std::string head = fmt::format("{} {} in 0 .. {} step {}",
                                         spatial ? "parallel-for" : "for",
                                         name(d),
                                         extent,
                                         d.size);
    line(head, spatial ? rounds(steps, clusters) : fmt::format("{} steps", steps));
    indent_ += 2;
  }

  void pe_tile(const cluster_level& innermost) {
    std::string tile = "PE:";
    for (int i = 0; i < innermost.directive_count; ++i) {
      const directive& d = innermost.directives[i];
      if (d.size > 1) tile += fmt::format(" {} {}", name(d), d.size);
    }
    line(tile == "PE:" ? "PE: one MAC" : tile, "");
  }

  void step_in() { indent_ += 2; }
  const std::string& text() const { return text_; }

 private:
  std::string_view name(const directive& d) const {
    return dimension_name(type_, {d.dim, d.output_centric});
  }

  static std::string rounds(std::int32_t steps, std::int32_t clusters) {
    const std::int32_t full = ceil_div(steps, clusters);
    return fmt::format("{} of {} at a time, {} round{}",
                       std::min(steps, clusters),
                       clusters,
                       full,
                       full == 1 ? "" : "s");
  }

  void line(const std::string& code, const std::string& note) {
    const std::string indented = std::string(indent_, ' ') + code;
    text_ += note.empty() ? indented : fmt::format("{:<56} # {}", indented, note);
    text_ += '\n';
  }

  layer_type type_;
  std::size_t indent_ = 0;
  std::string text_;
};

std::string level_heading(int level, std::int32_t clusters, bool innermost) {
  return fmt::format("{}: {} {}{}",
                     level == 0 ? "L2" : fmt::format("cluster level {}", level + 1),
                     clusters,
                     innermost ? "PE" : "cluster",
                     clusters == 1 ? "" : "s");
}

}  // namespace

std::string loop_nest(const genome& g, const layer& l, const accelerator& a) {
  const mapping m = to_mapping(g, l);
  nest_writer nest(l.type);
  extents above{};
  for (int d = 0; d < dimension_count; ++d) above[d] = output_size(l, static_cast<dimension>(d));
  std::int32_t clusters = pes_of(g, a);
  for (int i = 1; i < m.level_count; ++i) clusters /= m.levels[i].cluster_size;
  for (int i = 0; i < m.level_count; ++i) {
    const cluster_level& level = m.levels[i];
    if (i > 0) clusters = level.cluster_size;
    nest.heading(level_heading(i, clusters, i + 1 == m.level_count));
    nest.step_in();
    for (int k = 0; k < level.directive_count; ++k) {
      const directive& d = level.directives[k];
      nest.loop(d, above[index_of(d.dim)], clusters);
      above[index_of(d.dim)] = d.size;
    }
  }
  nest.pe_tile(m.levels[m.level_count - 1]);
  return nest.text();
}

}  // namespace cugamma
