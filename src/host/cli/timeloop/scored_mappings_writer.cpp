#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/timeloop/scored_mappings.hpp"
#include "cugamma/error.hpp"
#include "files/json_text.hpp"
#include "formats/timeloop/output/figures_json.hpp"

namespace cugamma::cli {
namespace {

using json = nlohmann::ordered_json;
using timeloop::figures;

std::string level_rows(const timeloop::architecture& a,
                       const timeloop::problem& p,
                       const figures& f) {
  std::size_t level_width = 5, tensor_width = 6;
  for (const auto& l : a.levels) level_width = std::max(level_width, l.name.size());
  for (const auto& t : p.tensors) tensor_width = std::max(tensor_width, t.name.size());
  std::string text = fmt::format("  {:<{}}  {:<{}} {:>12} {:>10} {:>14} {:>14} {:>14} {:>13}\n",
                                 "level",
                                 level_width,
                                 "tensor",
                                 tensor_width,
                                 "tile words",
                                 "instances",
                                 "reads",
                                 "fills",
                                 "updates",
                                 "energy pJ");
  for (std::size_t b = a.levels.size(); b-- > 0;) {
    for (std::size_t t = 0; t < p.tensors.size(); ++t) {
      const timeloop::tensor_figures& own = f.levels[b].tensors[t];
      if (!own.is_kept) continue;
      text += fmt::format("  {:<{}}  {:<{}} {:>12} {:>10} {:>14} {:>14} {:>14} {:>13.6g}\n",
                          a.levels[b].name,
                          level_width,
                          p.tensors[t].name,
                          tensor_width,
                          own.tile,
                          own.instances,
                          own.reads,
                          own.fills,
                          own.updates,
                          own.energy_pj);
    }
  }
  return text;
}

std::string mapping_text(const scored_files& files, const scored_mapping& m) {
  if (!m.reasons.empty()) {
    return fmt::format("{}: rejected: {}\n", m.given.file, fmt::join(m.reasons, "; "));
  }
  const figures& f = m.figures;
  double networks = 0;
  for (const auto& n : f.networks) {
    for (const auto& t : n.tensors) networks += t.energy_pj;
  }
  std::string text = fmt::format(
      "{}: {} cycles ({} without bandwidth limits), {:.8g} pJ, EDP {:.6g} pJ cycles\n"
      "  utilization {:.2f} %, {} MACs on {} units; MACs {:.6g} pJ, networks {:.6g} pJ; area "
      "{:.8g} "
      "um2\n",
      m.given.file,
      f.cycles,
      f.compute_cycles,
      f.energy_pj,
      static_cast<double>(f.cycles) * f.energy_pj,
      f.utilization * 100,
      f.macs,
      f.compute_instances,
      f.compute_pj,
      networks,
      f.area_um2);
  return text + level_rows(*files.contents.machine, *files.contents.layer, f);
}

std::string as_table(const scored_files& files) {
  std::string text = fmt::format("cost model timeloop, architecture {}, problem {}\n",
                                 files.contents.machine->name,
                                 files.contents.layer->name);
  for (const scored_mapping& m : files.mappings) text += '\n' + mapping_text(files, m);
  return text;
}

std::string as_json(const scored_files& files) {
  const timeloop::architecture& a = *files.contents.machine;
  const timeloop::problem& p = *files.contents.layer;
  json layers = json::array();
  for (const scored_mapping& m : files.mappings) {
    layers.push_back({{"layer", p.name},
                      {"mapping", m.given.file},
                      {"status", m.reasons.empty() ? "ok" : "illegal"},
                      {"reasons", m.reasons},
                      {"metrics", timeloop::figures_json(a, p, m.figures)}});
  }
  const json result{{"network", p.name},
                    {"backend", "reference"},
                    {"cost_model", "timeloop"},
                    {"architecture", a.name},
                    {"layers", layers}};
  return json_text(result);
}

}  // namespace

std::string format_scores(const scored_files& files, std::string_view format) {
  if (format == "table") return as_table(files);
  if (format == "json") return as_json(files);
  throw input_error(fmt::format("--format: found \"{}\", expected table or json", format));
}

}  // namespace cugamma::cli
