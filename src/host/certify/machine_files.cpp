#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "certify/certificate_lines.hpp"
#include "cugamma/certify/machines.hpp"
#include "files/json_text.hpp"
#include "files/whole_file.hpp"
#include "formats/report_json.hpp"
#include "search/network/layer_folders.hpp"

namespace cugamma {
namespace {

using json = nlohmann::ordered_json;

json found_machine(const certified_machine& found) {
  if (found.layers.empty()) return nullptr;
  return {{"num_pes", found.machine.num_pes},
          {"l1_size_elems", found.machine.l1_size_elems},
          {"l2_size_elems", found.machine.l2_size_elems},
          {"budget_area_um2", found.area_um2}};
}

}  // namespace

std::string machine_json(const certified_machine& found, const network_search_request& request) {
  json layers = json::array();
  for (const layer_on_machine& l : found.layers) {
    layers.push_back({{"layer", l.name},
                      {"count", l.count},
                      {"mapping", l.mapping},
                      {"metrics", metrics_json(*request.search.model, l.figures)}});
  }
  const bool has_optimum = found.lower == found.upper && std::isfinite(found.upper);
  const json described{
      {"machine", found_machine(found)},
      {"objective", name_of(found.goal)},
      {"latency_limit", finite(found.most_cycles)},
      {"area_budget_mm2", finite(request.search.area_budget_um2 / 1e6)},
      {"optimum", has_optimum ? json(found.upper) : json(nullptr)},
      {"lower_bound", finite(found.lower)},
      {"upper_bound", finite(found.upper)},
      {"gap", finite(found.gap())},
      {"proven", found.is_proven},
      {"seconds", found.seconds},
      {"sizes", found.sizes},
      {"opened", found.opened},
      {"latency_cycles", found.layers.empty() ? json(nullptr) : json(found.cycles)},
      {"layers", std::move(layers)}};
  return json_text(described);
}

void write_machine(const certified_machine& found,
                   const network_search_request& request,
                   const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path top(folder);
  make_folder(top);
  write_whole(top / "machine.json", machine_json(found, request));
  write_or_remove(top / "certificate.jsonl", found.certificate);
  const std::vector<std::string> names = layer_folders(request);
  for (std::size_t i = 0; i < found.layers.size(); ++i) {
    const fs::path own = found.layers.size() == 1 ? top : top / names[i];
    make_folder(own, found.layers.size() > 1);
    write_whole(own / "best.m", found.layers[i].mapping);
  }
  synchronise_folder(top);
}

}  // namespace cugamma
