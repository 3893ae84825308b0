#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cugamma/formats/accelerator_file.hpp"
#include "cugamma/models/cost_model.hpp"
#include "cugamma/search/network_search.hpp"
#include "formats/accelerator_json.hpp"
#include "formats/report_json.hpp"
#include "search/network/front_files.hpp"
#include "search/network/layer_folders.hpp"
#include "search/network/result_files.hpp"

namespace cugamma {
namespace {

using json = nlohmann::ordered_json;

json figures_json(const search_options& options, const fitness& rank) {
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
          {"budget_area_mm2", m.budget_area() / 1e6},
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

json rejected_json(const rejection_counts& counts, const search_options& options) {
  json rejected = json::object();
  for (const rejection& r : list_rejections(counts, *options.model, options.trust)) {
    if (r.is_rejected) rejected[std::string(r.key)] = r.count;
  }
  return rejected;
}

json history_json(const search_log& log, const search_options& options) {
  json history = json::array();
  for (const history_entry& entry : log.history) {
    json best = nullptr;
    if (entry.best) best = figures_json(options, *entry.best);
    history.push_back({{"generation", entry.generation},
                       {"evaluations", entry.evaluations},
                       {"best", std::move(best)}});
    if (options.selection != selection_rule::pareto) continue;
    history.back()["front_size"] = entry.front_size;
    history.back()["hypervolume"] = entry.hypervolume;
  }
  return history;
}

json own_machine_json(const searched_layer& l, const accelerator& a) {
  if (!l.best || own_pes(l.best->mapping) == 0) return nullptr;
  const scored_mapping m = l.scored(a);
  return {{"num_pes", m.pes()}, {"area_mm2", m.budget_area() / 1e6}};
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
          {"max_generations", r.stop.generations},
          {"max_evaluations", r.stop.evaluations},
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
          {"budget_area_mm2", network.budget_area() / 1e6},
          {"objectives", std::move(objectives)},
          {"gain_over_styles", gains_json(found.gains)},
          {"layers", found.layers.size()},
          {"distinct_shapes", found.distinct_shapes}};
}

}  // namespace

std::string result_json(const network_search_result& found) {
  json result{{"seed", found.request.search.seed},
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
  if (found.machines > 0) {
    result["machines"] = found.machines;
    result["area_mm2"] = found.machine_area_mm2();
  }
  result["evaluations"] = found.run.evaluations;
  result["seconds"] = found.run.seconds;
  result["time"] = time_json(found.run.time);
  result["individuals_per_second"] = found.mappings_per_second();
  result["mappings_per_second"] = found.mappings_per_second();
  result["interrupted"] = found.run.was_interrupted;
  return result.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

}  // namespace cugamma
