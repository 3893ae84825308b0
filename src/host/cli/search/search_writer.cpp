#include "cli/search/search_writer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/accelerator_json.hpp"
#include "cli/accelerator_options.hpp"
#include "cli/evaluate/evaluation_writer.hpp"
#include "cli/search/front_writer.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/accelerator_file.hpp"
#include "cugamma/formats/loop_nest.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/formats/result_page.hpp"

namespace cugamma::cli {
namespace {

using json = nlohmann::ordered_json;

json number(double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  return value;
}

json figures_json(const search_options& options, const fitness& rank) {
  json list = json::array();
  for (std::size_t i = 0; i < options.objectives.size(); ++i) {
    list.push_back(number(figure_of_value(options.objectives[i], rank.values[i])));
  }
  return list;
}

json metrics_json(const cost_model& model, const report& figures) {
  json metrics;
  for (std::size_t i = 0; i < figures.values.size(); ++i) {
    const report_column& c = model.columns[i];
    const double value = figures.values[i];
    const bool whole = c.is_whole && std::isfinite(value);
    metrics[std::string(c.name)] = whole ? json(static_cast<std::int64_t>(value)) : number(value);
  }
  return metrics;
}

/// The best mapping with what objectives ask of it.
scored_mapping scored(const searched_layer& l, const accelerator& a) {
  return {l.best->figures, a, pes_of(l.best->mapping, a)};
}

json best_json(const searched_layer& l, const search_request& r) {
  if (!l.best) return nullptr;
  const scored_mapping m = scored(l, r.machine);
  return {{"objectives", figures_json(r.search, l.best->rank)},
          {"num_pes", m.pes()},
          {"budget_area_mm2", m.budget_area() / 1e6},
          {"metrics", metrics_json(*r.search.model, l.figures)},
          {"status", reasons(l.best->figures.status, *r.search.model)},
          {"inner_work_error", l.best->figures.doubt},
          {"mapping", best_mapping_text(l)}};
}

json gains_json(const std::vector<style_gain>& gains) {
  json result = json::object();
  for (const style_gain& g : gains) result[g.style] = number(g.gain);
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
  const scored_mapping m = scored(l, a);
  return {{"num_pes", m.pes()}, {"area_mm2", m.budget_area() / 1e6}};
}

json layer_json(const searched_layer& l, const search_request& r) {
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

const char* name_of(belief trust) {
  switch (trust) {
    case belief::strict:
      return "strict";
    case belief::maestro:
      return "maestro-compat";
    default:
      return "plausible";
  }
}

const char* selection_name(selection_rule rule) {
  switch (rule) {
    case selection_rule::tournament:
      return "tournament";
    case selection_rule::pareto:
      return "pareto";
    default:
      return "truncation";
  }
}

json config_json(const search_request& r) {
  json objectives = json::array();
  for (const objective o : r.search.objectives) objectives.push_back(name_of(o));
  return {{"algorithm", r.algorithm},
          {"objectives", std::move(objectives)},
          {"selection", selection_name(r.search.selection)},
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
          {"time_limit_seconds", number(r.stop.seconds)},
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

std::string rejected_text(const searched_layer& l, const search_options& options) {
  std::string text;
  for (const rejection& r : list_rejections(l.rejected, *options.model, options.trust)) {
    if (r.count == 0) continue;
    text += fmt::format("{}{} {}{}",
                        text.empty() ? "" : ", ",
                        r.count,
                        r.about,
                        r.is_rejected ? "" : " (kept)");
  }
  return text.empty() ? "none" : text;
}

std::string objectives_text(const searched_layer& l, const search_options& options) {
  std::string text;
  for (std::size_t i = 0; i < options.objectives.size(); ++i) {
    const objective o = options.objectives[i];
    text += fmt::format("{}{} {:.8g}",
                        i == 0 ? "" : ", ",
                        cugamma::name_of(o),
                        figure_of_value(o, l.best->rank.values[i]));
  }
  return text;
}

std::string gains_text(const std::vector<style_gain>& gains) {
  std::string text;
  for (const style_gain& g : gains) {
    text += fmt::format("{}{} {:.3g} x", text.empty() ? "" : ", ", g.style, g.gain);
  }
  return text;
}

/// What L2 sends and takes, where the model's report says it.
std::string traffic_text(const cost_model& model, const report& figures) {
  const auto input = find_value(model, figures, "input_l2_read");
  const auto filter = find_value(model, figures, "filter_l2_read");
  const auto output = find_value(model, figures, "output_l2_write");
  if (!input || !filter || !output) return "";
  return fmt::format("  L2 traffic    input {:.0f}, filter {:.0f}, output {:.0f} elements\n",
                     *input,
                     *filter,
                     *output);
}

std::string best_text(const searched_layer& l, const search_request& r) {
  const cost& c = l.best->figures;
  std::string text = loop_nest(l.best->mapping, l.mapped, r.machine) + "\n";
  text += fmt::format("  best          {}\n", objectives_text(l, r.search));
  text += fmt::format("  runtime       {} cycles, {:.2f} % above the bound\n",
                      c.runtime_cycles,
                      100 * l.above_bound());
  text += fmt::format("  energy        {:.8g} nJ\n", c.energy_nj);
  text += traffic_text(*r.search.model, l.figures);
  text += fmt::format("  buffers       L1 {}, L2 {} elements, with the PEs {:.6g} mm^2\n",
                      c.l1_size_elems,
                      c.l2_size_elems,
                      scored(l, r.machine).budget_area() / 1e6);
  text += front_text(l, r);
  if (!l.gains.empty()) text += fmt::format("  ahead of      {}\n", gains_text(l.gains));
  if (c.status != 0)
    text +=
        fmt::format("  doubts        {}\n", fmt::join(reasons(c.status, *r.search.model), ", "));
  if (c.doubt > 0) {
    text += fmt::format("  inner work    miscounted by up to {:.3g} of a tile's MACs\n", c.doubt);
  }
  return text;
}

std::string layer_text(const searched_layer& l, const search_request& r) {
  std::string text = fmt::format("layer {}: {} MACs\n", l.name, layer_macs(l.mapped));
  if (l.is_strided()) {
    text +=
        "searched as the stride-1 layer with the same outputs: MACs exact, input traffic a lower "
        "bound\n";
  }
  text += '\n';
  text += l.best ? best_text(l, r) : std::string("  no feasible mapping was found\n");
  text += fmt::format("  bounds        {} cycles by MACs, {} by compulsory traffic\n",
                      l.bounds.compute,
                      l.bounds.traffic);
  text +=
      fmt::format("  evaluations   {} in {} generations\n", l.evaluations, l.log.history.size());
  return text + fmt::format("  rejected      {}\n\n", rejected_text(l, r.search));
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text << std::flush;
  if (!out) throw input_error(fmt::format("{}: cannot be written", path.string()));
}

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw input_error(fmt::format("{}: {}", path.string(), error.message()));
}

/// A name that can be a folder's, different for every layer.
std::string folder_name(const search_outcome& outcome, std::size_t index) {
  std::string name = outcome.layers[index].name;
  for (char& c : name) {
    if (c == '/' || c == '\\' || c == ' ' || c == '\0') c = '_';
  }
  bool unique = !name.empty() && name.front() != '.';
  for (std::size_t i = 0; i < outcome.layers.size(); ++i) {
    unique = unique && (i == index || outcome.layers[i].name != outcome.layers[index].name);
  }
  return unique ? name : fmt::format("{}-{}", index + 1, name);
}

}  // namespace

std::string best_mapping_text(const searched_layer& l) {
  return write_mapping(l.name, l.mapped, to_mapping(l.best->mapping, l.mapped));
}

namespace {

double budget_area_mm2(const accelerator& a) {
  return budget_area_um2(a.constants, a.num_pes, a.l1_size_elems, a.l2_size_elems) / 1e6;
}

/// The machine that a hardware search chose.
std::string machine_text(const search_outcome& outcome) {
  const accelerator& a = outcome.request.machine;
  if (!outcome.request.search_pes) return "";
  if (outcome.machines > 0) {
    return fmt::format(
        "chosen among {} machines: {} PEs, L1 {}, L2 {} elements, {:.6g} of {} mm^2\n",
        outcome.machines,
        a.num_pes,
        a.l1_size_elems,
        a.l2_size_elems,
        budget_area_mm2(a),
        outcome.request.area_budget_mm2);
  }
  std::string text;
  for (const searched_layer& l : outcome.layers) {
    if (!l.best) continue;
    const scored_mapping m = scored(l, a);
    text += fmt::format("layer {}: {} PEs, {:.6g} mm^2\n", l.name, m.pes(), m.budget_area() / 1e6);
  }
  return text;
}

double network_macs(const search_outcome& outcome) {
  double sum = 0;
  for (const searched_layer& l : outcome.layers) {
    sum += static_cast<double>(l.count) * static_cast<double>(layer_macs(l.mapped));
  }
  return sum;
}

std::string network_objectives_text(const search_outcome& outcome, const network_figures& network) {
  std::string text;
  for (const objective o : outcome.request.search.objectives) {
    if (o == objective::latency || o == objective::energy) continue;
    text += fmt::format(", {} {:.8g}", cugamma::name_of(o), figure(o, network));
  }
  return text;
}

std::string totals_text(const search_outcome& outcome) {
  if (outcome.layers.size() < 2 || !outcome.all_found()) return "";
  const network_figures network = outcome.network();
  std::string text =
      fmt::format("network: {:.12g} cycles, {:.8g} nJ{}, {:.12g} MACs; {} layers of {} shapes\n",
                  network.latency(),
                  network.energy(),
                  network_objectives_text(outcome, network),
                  network_macs(outcome),
                  outcome.layers.size(),
                  outcome.distinct_shapes);
  if (!outcome.gains.empty()) {
    text += fmt::format("  ahead of      {}\n", gains_text(outcome.gains));
  }
  return text;
}

json totals_json(const search_outcome& outcome) {
  if (!outcome.all_found()) return nullptr;
  const network_figures network = outcome.network();
  json objectives = json::object();
  for (const objective o : outcome.request.search.objectives) {
    objectives[std::string(cugamma::name_of(o))] = number(figure(o, network));
  }
  return {{"latency_cycles", network.latency()},
          {"energy_nj", network.energy()},
          {"edp", network.latency() * network.energy()},
          {"macs", network_macs(outcome)},
          {"budget_area_mm2", network.budget_area() / 1e6},
          {"objectives", std::move(objectives)},
          {"gain_over_styles", gains_json(outcome.gains)},
          {"layers", outcome.layers.size()},
          {"distinct_shapes", outcome.distinct_shapes}};
}

}  // namespace

std::string as_table(const search_outcome& outcome) {
  std::string text =
      fmt::format("{} on {}\n\n", outcome.request.model, describe(outcome.request.machine));
  for (const searched_layer& l : outcome.layers) text += layer_text(l, outcome.request);
  text += totals_text(outcome) + machine_text(outcome);
  return text +
         fmt::format(
             "cost model {}, back end {}, seed {}, {} mappings in {:.3g} s, {:.3g} mappings/s{}\n",
             outcome.request.search.model->name,
             outcome.back_end,
             outcome.request.search.seed,
             outcome.run.evaluations,
             outcome.run.seconds,
             outcome.mappings_per_second(),
             outcome.run.was_interrupted ? ", interrupted" : "");
}

std::string as_json(const search_outcome& outcome) {
  json result{{"seed", outcome.request.search.seed},
              {"backend", outcome.back_end},
              {"cost_model", outcome.request.search.model->name},
              {"model", outcome.request.model},
              {"command", outcome.request.command},
              {"config", config_json(outcome.request)},
              {"accelerator", accelerator_with_constants(outcome.request.machine)}};
  result["layers"] = json::array();
  for (const searched_layer& l : outcome.layers) {
    result["layers"].push_back(layer_json(l, outcome.request));
    add_front(result["layers"].back(), l, outcome.request);
    const json machine = own_machine_json(l, outcome.request.machine);
    if (!machine.is_null()) result["layers"].back()["machine"] = machine;
  }
  result["totals"] = totals_json(outcome);
  if (outcome.machines > 0) {
    const accelerator& a = outcome.request.machine;
    result["machines"] = outcome.machines;
    result["area_mm2"] = budget_area_mm2(a);
  }
  result["evaluations"] = outcome.run.evaluations;
  result["seconds"] = outcome.run.seconds;
  result["time"] = time_json(outcome.run.time);
  result["individuals_per_second"] = outcome.mappings_per_second();
  result["mappings_per_second"] = outcome.mappings_per_second();
  result["interrupted"] = outcome.run.was_interrupted;
  return result.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

std::string history_csv(const search_outcome& outcome) {
  const auto& objectives = outcome.request.search.objectives;
  std::string text = "layer,generation,evaluations";
  const bool has_front = outcome.request.search.selection == selection_rule::pareto;
  for (const objective o : objectives) text += fmt::format(",{}", cugamma::name_of(o));
  text += has_front ? ",front_size,hypervolume\n" : "\n";
  for (const searched_layer& l : outcome.layers) {
    for (const history_entry& entry : l.log.history) {
      text += fmt::format("{},{},{}", l.name, entry.generation, entry.evaluations);
      for (std::size_t i = 0; i < objectives.size(); ++i) {
        text += ',';
        if (!entry.best) continue;
        text += fmt::format("{:.17g}", figure_of_value(objectives[i], entry.best->values[i]));
      }
      if (has_front) text += fmt::format(",{},{:.17g}", entry.front_size, entry.hypervolume);
      text += '\n';
    }
  }
  return text;
}

void write_file(const std::string& folder, const std::string& name, const std::string& text) {
  make_folder(folder);
  write_file(std::filesystem::path(folder) / name, text);
}

void write_files(const search_outcome& outcome, const std::string& folder) {
  const std::filesystem::path out(folder);
  make_folder(out);
  const result_file result{outcome.request.model, as_json(outcome)};
  write_file(out / "result.json", result.text);
  write_file(out / "report.html", report_html({&result, 1}));
  write_file(out / "history.csv", history_csv(outcome));
  for (std::size_t i = 0; i < outcome.layers.size(); ++i) {
    if (!outcome.layers[i].best) continue;
    const auto at = outcome.layers.size() == 1 ? out : out / folder_name(outcome, i);
    make_folder(at);
    write_file(at / "best.m", best_mapping_text(outcome.layers[i]));
    const std::vector<candidate>& front = outcome.layers[i].front.members;
    if (!front.empty()) make_folder(at / "front");
    for (std::size_t m = 0; m < front.size(); ++m) {
      write_file(at / front_file(m), front_mapping_text(outcome.layers[i], m));
    }
  }
  if (outcome.request.search.selection == selection_rule::pareto) {
    write_file(out / "front.csv", front_csv(outcome));
  }
}

}  // namespace cugamma::cli
