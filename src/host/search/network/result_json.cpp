#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cugamma/formats/accelerator_file.hpp"
#include "cugamma/models/cost_model.hpp"
#include "cugamma/search/network_search.hpp"
#include "files/json_text.hpp"
#include "formats/accelerator/accelerator_json.hpp"
#include "formats/report_json.hpp"
#include "search/network/front_files.hpp"
#include "search/network/history.hpp"
#include "search/network/layer_folders.hpp"
#include "search/network/result_files.hpp"

namespace cugamma {
namespace {

using json = nlohmann::ordered_json;

/// Of docs/result.schema.json; one more with each change that a reader must know of.
constexpr int result_schema_version = 2;

json figures_json(const search_options& options, const search_rank& rank) {
  json list = json::array();
  for (std::size_t i = 0; i < options.objectives.size(); ++i) {
    list.push_back(json_number(figure_of_value(options.objectives[i], rank.values[i])));
  }
  return list;
}

json best_json(const searched_layer& l, const network_search_request& r) {
  if (!l.best) return nullptr;
  const scored_mapping m = l.scored(r.machine);
  return {{"objectives", figures_json(r.search, l.best->rank)},
          {"num_pes", m.pes()},
          {"budget_area_um2", m.budget_area()},
          {"metrics", metrics_json(*r.search.model, l.figures)},
          {"status", reasons(l.best->figures.status, *r.search.model)},
          {"inner_work_error", l.best->figures.doubt},
          {"other_models", opinions_json(l.others, l.best->figures)},
          {"mapping", best_mapping_text(l)}};
}

json gains_json(const std::vector<dataflow_gain>& gains) {
  json result = json::object();
  for (const dataflow_gain& g : gains) result[g.dataflow] = json_number(g.gain);
  return result;
}

json left_out_json(const std::vector<left_out_dataflow>& dataflows) {
  json result = json::object();
  for (const left_out_dataflow& d : dataflows) result[d.dataflow] = d.reason;
  return result;
}

json rejected_json(const rejection_counts& counts, const search_options& options) {
  json rejected = json::object();
  for (const rejection& r : list_rejections(counts, *options.model, options.trust)) {
    if (r.is_rejected) rejected[std::string(r.key)] = r.count;
  }
  return rejected;
}

json history_json(const search_log& log, const search_options& options) {
  const bool has_front = options.selection == selection_rule::pareto;
  json history = json::array();
  for (const history_entry& entry : improvements(log, has_front)) {
    history.push_back({{"generation", entry.generation},
                       {"evaluations", entry.evaluations},
                       {"best", figures_json(options, *entry.best)}});
    if (!has_front) continue;
    history.back()["front_size"] = entry.front_size;
    history.back()["hypervolume"] = entry.hypervolume;
  }
  return history;
}

json own_machine_json(const searched_layer& l, const accelerator& a) {
  if (!l.best || own_pes(l.best->mapping) == 0) return nullptr;
  const scored_mapping m = l.scored(a);
  return {{"num_pes", m.pes()}, {"budget_area_um2", m.budget_area()}};
}

json layer_json(const searched_layer& l, const network_search_request& r) {
  const search_options& options = r.search;
  return {{"name", l.name},
          {"count", l.count},
          {"layer_macs", layer_macs(l.mapped)},
          {"unit_stride_form", l.is_strided()},
          {"best", best_json(l, r)},
          {"evaluations", l.evaluations},
          {"rejected", rejected_json(l.rejected, options)},
          {"bound_cycles", l.bounds.compute},
          {"traffic_bound_cycles", l.bounds.traffic},
          {"above_bound", l.best ? json(l.above_bound()) : json(nullptr)},
          {"gain_over_styles", gains_json(l.gains)},
          {"styles_left_out", left_out_json(l.left_out)},
          {"seconds", l.log.seconds},
          {"history", history_json(l.log, options)}};
}

json time_json(const time_shares& time) {
  return {{"breed", time.breed},
          {"select", time.select},
          {"evaluate", time.evaluate},
          {"wait_host", time.wait_host},
          {"wait_device", time.wait_device},
          {"other", time.other}};
}

/// Where a search ends; null for an end that is none.
json end_json(std::int64_t most) {
  const bool is_none = most >= std::numeric_limits<std::int64_t>::max() - 1;
  return is_none ? json(nullptr) : json(most);
}

json config_json(const network_search_request& r) {
  json objectives = json::array();
  for (const objective o : r.search.objectives) objectives.push_back(name_of(o));
  return {{"algorithm", r.algorithm},
          {"objectives", std::move(objectives)},
          {"selection", name_of(r.search.selection)},
          {"population", r.search.population},
          {"islands", r.islands},
          {"migration_interval", r.migration_interval},
          {"trust", name_of(r.search.trust)},
          {"levels_min", r.space.levels_min},
          {"levels_max", r.space.levels_max},
          {"parallel_rs", r.space.parallel_rs},
          {"factors_only", r.space.factors_only},
          {"cluster_size", r.space.cluster_size},
          {"constraint", r.constraint ? r.constraint->name : "none"},
          {"flexibility", r.flexibility},
          {"max_generations", end_json(r.stop.generations)},
          {"max_evaluations", end_json(r.stop.evaluations)},
          {"time_limit_seconds", json_number(r.stop.seconds)},
          {"threads", r.threads}};
}

json accelerator_with_constants(const accelerator& a) {
  json described = accelerator_json(a);
  json constants = json::object();
  for (const constant_key& key : constant_keys) {
    constants[std::string(key.name)] = a.constants.*key.member;
  }
  described["constants"] = std::move(constants);
  return described;
}

json totals_json(const network_search_result& found) {
  if (!found.all_found()) return nullptr;
  const network_figures network = found.network();
  json objectives = json::object();
  for (const objective o : found.request.search.objectives) {
    objectives[std::string(name_of(o))] = json_number(figure(o, network));
  }
  return {{"latency_cycles", network.latency()},
          {"energy_nj", network.energy()},
          {"edp", network.latency() * network.energy()},
          {"macs", found.macs()},
          {"budget_area_um2", network.budget_area()},
          {"objectives", std::move(objectives)},
          {"gain_over_styles", gains_json(found.gains)},
          {"layers", found.layers.size()},
          {"distinct_shapes", found.distinct_shapes}};
}

}  // namespace

std::string result_json(const network_search_result& found) {
  json result{{"schema_version", result_schema_version},
              {"seed", found.request.search.seed},
              {"backend", found.back_end},
              {"cost_model", found.request.search.model->name},
              {"model", found.request.model},
              {"command", found.request.command},
              {"config", config_json(found.request)},
              {"accelerator", accelerator_with_constants(found.request.machine)}};
  result["layers"] = json::array();
  const std::vector<std::string> folders = layer_folders(found.request);
  for (std::size_t i = 0; i < found.layers.size(); ++i) {
    const searched_layer& l = found.layers[i];
    result["layers"].push_back(layer_json(l, found.request));
    if (folders.size() > 1) result["layers"].back()["folder"] = folders[i];
    add_front(result["layers"].back(), l, found.request);
    const json machine = own_machine_json(l, found.request.machine);
    if (!machine.is_null()) result["layers"].back()["machine"] = machine;
  }
  result["totals"] = totals_json(found);
  add_network_front(result, found);
  if (found.machines > 0) {
    result["machines"] = found.machines;
    result["budget_area_um2"] = found.machine_area_mm2() * 1e6;
  }
  result["evaluations"] = found.run.evaluations;
  result["seconds"] = found.run.seconds;
  result["time"] = time_json(found.run.time);
  result["individuals_per_second"] = found.mappings_per_second();
  result["mappings_per_second"] = found.mappings_per_second();
  result["interrupted"] = found.run.was_interrupted;
  return json_text(result);
}

}  // namespace cugamma
