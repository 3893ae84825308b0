#include "certify/certificate.hpp"

#include <filesystem>

#include "certify/certificate_lines.hpp"
#include "files/json_text.hpp"
#include "files/whole_file.hpp"
#include "formats/report_json.hpp"
#include "search/network/layer_folders.hpp"

namespace cugamma {
namespace {

using json = nlohmann::ordered_json;

json layer_entry(const certified_layer& c, const cost_model& model) {
  const auto optimum = c.optimum();
  return {{"layer", c.name},
          {"objective", name_of(c.goal)},
          {"optimum", optimum ? json(*optimum) : json(nullptr)},
          {"lower_bound", finite(c.lower)},
          {"upper_bound", finite(c.upper)},
          {"gap", finite(c.gap())},
          {"proven", c.is_proven},
          {"seconds", c.seconds},
          {"subtrees", c.subtrees},
          {"opened", c.opened},
          {"mapping", c.best ? json(c.mapping) : json(nullptr)},
          {"metrics", c.best ? metrics_json(model, c.figures) : json(nullptr)}};
}

}  // namespace

std::string certificate_text(const certify_problem& problem,
                             const certify_engine& engine,
                             const certified_layer& proved,
                             const engine_result& result) {
  const json header{{"certificate", "cugamma"},
                    {"version", 1},
                    {"cost_model", engine.model},
                    {"objective", name_of(problem.goal)},
                    {"layer", layer_json(problem.space.target)},
                    {"accelerator",
                     accelerator_with_constants(problem.machine,
                                                {"mac_energy_nj",
                                                 "l1_energy_macs",
                                                 "l2_energy_macs",
                                                 "cluster_energy_macs",
                                                 "dram_energy_macs"})},
                    {"space", space_json(problem.space)},
                    {"lower_bound", finite(proved.lower)},
                    {"upper_bound", finite(proved.upper)},
                    {"subtrees", proved.subtrees},
                    {"opened", proved.opened},
                    {"lines", result.records.size()}};
  json best = nullptr;
  if (proved.best) {
    const cost& c = proved.figures.figures;
    best = {{"value", proved.upper},
            {"runtime_cycles", c.runtime_cycles},
            {"energy_nj", c.energy_nj},
            {"l1_size_elems", c.l1_size_elems},
            {"l2_size_elems", c.l2_size_elems},
            {"mapping", proved.mapping}};
  }
  sealed_lines lines;
  lines.add(header);
  lines.add(json{{"best", std::move(best)}});
  for (const std::string& record : result.records) lines.add(record);
  return lines.text();
}

std::string certify_json(const std::vector<certified_layer>& layers, const cost_model& model) {
  json entries = json::array();
  for (const certified_layer& c : layers) entries.push_back(layer_entry(c, model));
  return json_text({{"layers", std::move(entries)}});
}

void write_certificates(const network_search_request& request,
                        const std::vector<certified_layer>& layers,
                        const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path top(folder);
  make_folder(top);
  write_whole(top / "certify.json", certify_json(layers, *request.search.model));
  const std::vector<std::string> names = layer_folders(request);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const fs::path own = layers.size() == 1 ? top : top / names[i];
    make_folder(own, layers.size() > 1);
    write_or_remove(own / "best.m", layers[i].mapping);
    write_or_remove(own / "certificate.jsonl", layers[i].certificate);
  }
  synchronise_folder(top);
}

}  // namespace cugamma
