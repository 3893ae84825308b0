#include <fmt/format.h>

#include <algorithm>

#include "cugamma/formats/timeloop_output.hpp"

namespace cugamma::timeloop {
namespace {

/// The lines of a level's loops that exist, the outermost first: temporal, then spatial.
std::vector<std::string> loop_lines(const problem& p, const level_loops& loops) {
  std::vector<std::string> lines;
  for (std::size_t i = p.dimensions.size(); i-- > 0;) {
    const std::uint8_t d = loops.temporal_order[i];
    if (loops.temporal[d] == 1) continue;
    lines.push_back(fmt::format("for {} in [0:{})", p.dimensions[d].name, loops.temporal[d]));
  }
  for (std::size_t i = p.dimensions.size(); i-- > 0;) {
    const std::uint8_t d = loops.spatial_order[i];
    if (loops.spatial[d] == 1) continue;
    lines.push_back(fmt::format("for {} in [0:{}) (Spatial-{})",
                                p.dimensions[d].name,
                                loops.spatial[d],
                                static_cast<int>(i) < loops.split ? 'X' : 'Y'));
  }
  return lines;
}

/// A level's name with the tensors that it keeps and the words of their tiles.
std::string heading(const storage_level& l, const problem& p, const level_figures& f) {
  std::string line = l.name + " [ ";
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    if (!f.tensors[t].is_kept) continue;
    line += fmt::format("{}:{} ({}) ", p.tensors[t].name, f.tensors[t].tile, f.tensors[t].tile);
  }
  return line + "] ";
}

}  // namespace

std::string nest_text(const architecture& a, const problem& p, const mapping& m, const figures& f) {
  std::string text;
  std::string indent = "| ";
  std::string rule;
  bool had_loops = false;
  for (std::size_t b = a.levels.size(); b-- > 0;) {
    const std::string head = heading(a.levels[b], p, f.levels[b]);
    if (had_loops) text += '\n';
    text += head + '\n';
    rule = std::string(head.size() - 1, '-') + '\n';
    had_loops = false;
    for (const std::string& line : loop_lines(p, m.levels[b])) {
      text += rule + indent + line + '\n';
      rule.clear();
      indent += "  ";
      had_loops = true;
    }
  }
  return text + rule + indent + "<< Compute >>\n";
}

}  // namespace cugamma::timeloop
