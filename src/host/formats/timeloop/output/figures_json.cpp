#include "formats/timeloop/output/figures_json.hpp"

#include "cugamma/formats/timeloop_output.hpp"
#include "files/json_text.hpp"

namespace cugamma::timeloop {
namespace {

using json = nlohmann::ordered_json;

json tensor_json(const tensor_figures& t) {
  return {t.is_kept,
          t.tile,
          t.partition,
          t.instances,
          t.reads,
          t.fills,
          t.updates,
          t.temporal_reductions,
          t.address_generations,
          t.storage_pj,
          t.energy_pj};
}

json transfers_json(const tensor_transfers& t) {
  json records = json::array();
  for (const transfer_record& r : t.records) {
    records.push_back({r.multicast, r.scatter, r.accesses, r.hops});
  }
  return {{"in", records},
          {"lt", t.link_transfers},
          {"sr", t.spatial_reductions},
          {"pj", t.energy_pj}};
}

json level_json(const storage_level& l, const problem& p, const level_figures& f) {
  json tensors = json::object();
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    tensors[p.tensors[t].name] = tensor_json(f.tensors[t]);
  }
  return {{"name", l.name},
          {"cycles", f.cycles},
          {"slowdown", f.slowdown},
          {"leak_pj", f.leak_pj},
          {"tensors", tensors}};
}

json network_json(const storage_level& outer, const problem& p, const network_figures& f) {
  json tensors = json::object();
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    if (f.tensors[t].records.empty()) continue;
    tensors[p.tensors[t].name] = transfers_json(f.tensors[t]);
  }
  return {{"outer", outer.name}, {"tensors", tensors}};
}

}  // namespace

json figures_json(const architecture& a, const problem& p, const figures& f) {
  if (f.why != rejection::none) {
    const std::string at = f.at < 0 ? "" : a.levels[static_cast<std::size_t>(f.at)].name;
    return {{"valid", false}, {"reason", name_of(f.why)}, {"at", at}};
  }
  json levels = json::array();
  json networks = json::array();
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    levels.push_back(level_json(a.levels[b], p, f.levels[b]));
    networks.push_back(network_json(a.levels[b], p, f.networks[b]));
  }
  return {{"valid", true},
          {"cycles", f.cycles},
          {"energy_pj", f.energy_pj},
          {"utilization", f.utilization},
          {"macs", f.macs},
          {"area_um2", f.area_um2},
          {"compute",
           {{"instances", f.compute_instances},
            {"cycles", f.compute_cycles},
            {"energy_pj", f.compute_pj}}},
          {"levels", levels},
          {"networks", networks}};
}

std::string figures_text(const architecture& a, const problem& p, const figures& f) {
  return json_text(figures_json(a, p, f));
}

std::string rejection_text(const architecture& a, const figures& f) {
  const std::string rule(name_of(f.why));
  return f.at < 0 ? rule : rule + " at level " + a.levels[static_cast<std::size_t>(f.at)].name;
}

}  // namespace cugamma::timeloop
