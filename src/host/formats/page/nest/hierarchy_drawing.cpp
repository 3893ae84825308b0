#include "formats/page/nest/hierarchy_drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "formats/page/best_metric.hpp"
#include "formats/page/charts/bars.hpp"
#include "formats/page/html.hpp"
#include "formats/page/nest/mapping_levels.hpp"

namespace cugamma::report {
namespace {

/// Elements of the three tensors that a tile has, in the order of the legend.
std::array<double, 3> elements_of(const layer& tile) {
  return {static_cast<double>(std::max<std::int64_t>(input_elems(tile), 0)),
          static_cast<double>(std::max<std::int64_t>(filter_elems(tile), 0)),
          static_cast<double>(std::max<std::int64_t>(output_elems(tile), 0))};
}
constexpr std::array<const char*, 3> tensor_css{"input", "filter", "output"};

std::string tensors_text(const layer& tile) {
  const auto [input, filter, output] = elements_of(tile);
  return fmt::format("input {}, filter {}, output {}",
                     readable(input),
                     readable(filter),
                     readable(output));
}

/// A memory: its name, what it needs and what it has, as HTML, and the pieces of its bar.
struct store {
  std::string name_html;
  std::string size_html;
  std::vector<bar_part> parts;
  double size = 0;  ///< of the whole bar
  std::string note;
};

std::string draw_store(const store& s) {
  std::string pieces;
  for (const bar_part& part : s.parts) {
    pieces += fmt::format("<i class=\"{}\" style=\"width:{:.2f}%\"></i>",
                          part.css,
                          s.size > 0 ? 100 * part.value / s.size : 0);
  }
  return fmt::format(
      "<div class=\"store\"><div class=\"bar-name\"><b>{}</b><span class=\"n\">{}</span></div>"
      "<div class=\"track\" aria-hidden=\"true\">{}</div><div class=\"soft\">{}</div></div>\n",
      s.name_html,
      s.size_html,
      pieces,
      s.note);
}

std::vector<bar_part> parts_of(const layer& tile) {
  const std::array<double, 3> elements = elements_of(tile);
  std::vector<bar_part> parts;
  for (std::size_t i = 0; i < elements.size(); ++i) parts.push_back({elements[i], tensor_css[i]});
  return parts;
}

store off_chip(const layer& l) {
  const std::array<double, 3> elements = elements_of(l);
  return {"Off chip, the layer",
          "",
          parts_of(l),
          elements[0] + elements[1] + elements[2],
          tensors_text(l)};
}

std::string size_text(const result_node& need, const result_node& limit) {
  if (!need.present()) return "";
  const bool is_limited = limit.number_or(-1) >= 0;
  return figure(need) + " of " + (is_limited ? figure(limit) : std::string("unlimited"));
}

/// A buffer that holds a tile: its bar is as long as the buffer, or as what is needed of one
/// without limit; what the tile leaves of the need is room for the next one.
store buffer(const std::string& name,
             const layer& tile,
             const result_node& need,
             const result_node& limit) {
  store s{name, size_text(need, limit), parts_of(tile), 0, tensors_text(tile)};
  double held = 0;
  for (const bar_part& part : s.parts) held += part.value;
  const double needed = std::max(need.number_or(held), held);
  s.parts.push_back({needed - held, "next"});
  s.size = std::max(limit.number_or(-1), needed);
  return s;
}

store l2(const result_node& need, const result_node& limit) {
  store s{"L2", size_text(need, limit), {{need.number_or(0), "held"}}, 0, "all three tensors"};
  s.size = std::max(limit.number_or(-1), need.number_or(0));
  return s;
}

/// What moves between two memories; empty where the cost model does not say.
std::string arrow(const std::vector<result_node>& down, const std::vector<result_node>& up) {
  const auto sum = [](const std::vector<result_node>& nodes) {
    double all = 0;
    for (const result_node& node : nodes) all += node.number();
    return derived(all, readable(all), nodes, "elements moved");
  };
  if (!down[0].present() || !up[0].present()) return "";
  return fmt::format("<div class=\"arrow\">&darr; {} &nbsp; &uarr; {} elements</div>\n",
                     sum(down),
                     sum(up));
}

std::string parallel_names(const mapping_level& level) {
  std::string names;
  for (const mapping_loop& loop : level.loops) {
    if (loop.is_parallel) names += (names.empty() ? "" : ", ") + std::string(loop.name);
  }
  return names;
}

/// A side of the array of PEs: so many cells, of which so many work.
struct array_side {
  std::int64_t cells = 1;
  std::int64_t busy = 1;
  std::string dimensions;
};

/// The top level across, all inner ones down.
std::array<array_side, 2> sides_of(const std::vector<mapping_level>& levels) {
  std::array<array_side, 2> sides;
  for (std::size_t number = 0; number < levels.size(); ++number) {
    array_side& side = sides[number == 0 ? 0 : 1];
    side.cells *= levels[number].clusters;
    side.busy *= busy_clusters(levels[number]);
    const std::string names = parallel_names(levels[number]);
    if (!names.empty()) side.dimensions += (side.dimensions.empty() ? "" : ", ") + names;
  }
  return sides;
}

/// Lines between the cells, where these are large enough to be seen.
std::string cell_lines(const array_side& across, const array_side& down, double w, double h) {
  constexpr std::int64_t most = 64;
  std::string path;
  for (std::int64_t i = 1; across.cells <= most && i < across.cells; ++i) {
    path += fmt::format("M{:.1f} 0v{:.0f}",
                        w * static_cast<double>(i) / static_cast<double>(across.cells),
                        h);
  }
  for (std::int64_t i = 1; down.cells <= most && i < down.cells; ++i) {
    path += fmt::format("M0 {:.1f}h{:.0f}",
                        h * static_cast<double>(i) / static_cast<double>(down.cells),
                        w);
  }
  return path;
}

std::string array_text(const std::vector<mapping_level>& levels,
                       const std::array<array_side, 2>& sides,
                       bool is_turned) {
  const auto side = [](const array_side& s, const char* what, const char* way) {
    const std::string dimensions = s.dimensions.empty() ? "" : escape(s.dimensions) + " over ";
    return fmt::format("{}{} {} ({})",
                       dimensions,
                       readable(static_cast<double>(s.cells)),
                       what,
                       way);
  };
  const auto& [top, inner] = sides;
  std::string text = fmt::format("PEs: {} of {} work at a time; ",
                                 readable(static_cast<double>(top.busy * inner.busy)),
                                 readable(static_cast<double>(top.cells * inner.cells)));
  const char* way = is_turned ? "down" : "across";
  if (levels.size() == 1) return text + side(top, "PEs", way);
  return text + side(top, "clusters", way) + ", " +
         side(inner, "PEs of each", is_turned ? "across" : "down");
}

/// The array as a picture: the longer side across; PEs that work are filled.
std::string draw_array(const std::vector<mapping_level>& levels) {
  const std::array<array_side, 2> sides = sides_of(levels);
  if (sides[0].cells < 1 || sides[1].cells < 1) return "";
  const bool is_turned = sides[1].cells > sides[0].cells;
  const array_side& across = sides[is_turned ? 1 : 0];
  const array_side& down = sides[is_turned ? 0 : 1];
  constexpr double w = 320;
  const double rows = static_cast<double>(down.cells) / static_cast<double>(across.cells);
  const double h = std::clamp(w * rows, 10.0, 160.0);
  const auto share = [](const array_side& s) {
    return static_cast<double>(s.busy) / static_cast<double>(s.cells);
  };
  const std::string text = array_text(levels, sides, is_turned);
  return fmt::format(
      "<svg class=\"pes\" viewBox=\"-1 -1 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">"
      "<rect width=\"{:.0f}\" height=\"{:.0f}\"/><rect class=\"busy\" width=\"{:.1f}\" "
      "height=\"{:.1f}\"/><path d=\"{}\"/></svg><div class=\"soft\">{}</div>\n",
      w + 2,
      h + 2,
      text,
      w,
      h,
      w * share(across),
      h * share(down),
      cell_lines(across, down, w, h),
      text);
}

/// The buffer that a level hands its tiles to: the L1 of a PE, or a buffer between L2 and these.
store buffer_of_level(const mapping_levels& mapped,
                      std::size_t number,
                      const result_node& machine,
                      const result_node& layer) {
  const mapping_level& level = mapped.levels[number];
  const bool is_inner = number + 1 == mapped.levels.size();
  const std::string clusters =
      level.clusters > 0 ? readable(static_cast<double>(level.clusters)) : "the";
  if (is_inner) {
    return buffer(fmt::format("L1, in each of {} PEs", clusters),
                  level.tile,
                  best_metric(layer, "L1 size"),
                  machine["l1_size_elems"]);
  }
  return buffer(fmt::format("Cluster buffer, in each of {} clusters", clusters),
                level.tile,
                layer["best"]["metrics"][fmt::format("cluster_buffers_{}_size", number)],
                machine["cluster_buffer_elems"]);
}

}  // namespace

std::string draw_hierarchy(const result_node& root, const result_node& layer) {
  const result_node text = layer["best"]["mapping"];
  if (!text.present()) return "";
  const mapping_levels mapped = levels_of(text, pes_of_best(root, layer));
  if (mapped.levels.empty()) return "";
  const result_node metrics = layer["best"]["metrics"];
  const result_node machine = root["accelerator"];
  std::string out = legend({{"input", "input"},
                            {"filter", "filter"},
                            {"output", "output"},
                            {"next", "room for the next tile"}});
  out += "<div class=\"stores\">\n" + draw_store(off_chip(mapped.l));
  out += arrow({metrics["dram_reads_input"], metrics["dram_reads_filter"]},
               {metrics["dram_writes_output"]});
  out += draw_store(l2(best_metric(layer, "L2 size"), machine["l2_size_elems"]));
  for (std::size_t number = 0; number < mapped.levels.size(); ++number) {
    out += arrow({metrics[fmt::format("noc_{}_ingress", number)]},
                 {metrics[fmt::format("noc_{}_egress", number)]});
    out += draw_store(buffer_of_level(mapped, number, machine, layer));
  }
  return out + draw_array(mapped.levels) + "</div>\n";
}

}  // namespace cugamma::report
