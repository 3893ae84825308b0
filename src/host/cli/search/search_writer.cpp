#include "cli/search/search_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/accelerator_options.hpp"
#include "cli/output/said_of.hpp"
#include "cli/search/front_text.hpp"
#include "cugamma/formats/loop_nest.hpp"
#include "cugamma/models/cost_model.hpp"
#include "formats/opinion_text.hpp"

namespace cugamma::cli {
namespace {

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

std::string gains_text(const std::vector<dataflow_gain>& gains) {
  std::string text;
  for (const dataflow_gain& g : gains) {
    text += fmt::format("{}{} {:.3g} x", text.empty() ? "" : ", ", g.dataflow, g.gain);
  }
  return text;
}

/// The members of a front that are best in one objective, a line for each, with what `more` says of
/// them.
std::string ends_text(const std::vector<objective_values>& front,
                      const search_options& options,
                      const std::function<std::string(std::size_t)>& more) {
  std::string text;
  for (std::size_t by = 0; by < options.objectives.size(); ++by) {
    const auto end =
        std::ranges::min_element(front, {}, [&](const objective_values& v) { return v[by]; });
    text += fmt::format("  {:<13} {}{}\n",
                        extreme_of(options.objectives[by]) + ":",
                        objectives_text(*end, options.objectives),
                        more(static_cast<std::size_t>(end - front.begin())));
  }
  return text;
}

std::string front_text(const searched_layer& l, const network_search_request& r) {
  if (l.front.members.empty()) return "";
  std::vector<objective_values> values;
  for (const candidate& c : l.front.members) values.push_back(c.rank.values);
  return fmt::format("  front         {} mappings, hypervolume {:.8g}\n",
                     values.size(),
                     l.front.hypervolume) +
         ends_text(values, r.search, [](std::size_t) { return ""; });
}

/// The accelerator that a choice of the network's front needs.
std::string choice_machine_text(const network_search_result& result, std::size_t choice) {
  const network_figures figures =
      figures_of(result.front[choice], result.layers, result.request.machine);
  return fmt::format("{} PEs, L1 {:.0f}, L2 {:.0f} elements",
                     figures.pes(),
                     figures.l1_size(),
                     figures.l2_size());
}

std::string network_front_text(const network_search_result& result) {
  if (result.front.empty()) return "";
  std::vector<objective_values> values;
  for (const network_choice& choice : result.front) values.push_back(choice.values);
  const char* what = result.machines > 0 ? "an accelerator, and of a mapping for each layer"
                                         : "a mapping for each layer";
  return fmt::format("network front: {} choices of {}\n", values.size(), what) +
         ends_text(values, result.request.search, [&](std::size_t choice) {
           return result.machines > 0 ? "; " + choice_machine_text(result, choice) : "";
         });
}

/// What L2 sends and takes, where the model's report says it.
std::string traffic_text(const cost_model& model, const report& figures) {
  const auto find = [&](const char* column, const char* of_maestro) {
    const auto value = find_value(model, figures, column);
    return value ? value : find_value(model, figures, of_maestro);
  };
  const auto input = find("l2_reads_input", "input_l2_read");
  const auto filter = find("l2_reads_filter", "filter_l2_read");
  const auto output = find("l2_writes_output", "output_l2_write");
  if (!input || !filter || !output) return "";
  return fmt::format("  L2 traffic    input {:.0f}, filter {:.0f}, output {:.0f} elements\n",
                     *input,
                     *filter,
                     *output);
}

std::string best_text(const searched_layer& l, const network_search_request& r) {
  const cost& c = l.best->figures;
  std::string text = loop_nest(l.best->mapping, l.mapped, r.machine) + "\n";
  text += fmt::format("  best          {}\n",
                      objectives_text(l.best->rank.values, r.search.objectives));
  text += fmt::format("  runtime       {} cycles, {:.2f} % above the bound\n",
                      c.runtime_cycles,
                      100 * l.above_bound());
  text += fmt::format("  energy        {:.8g} nJ\n", c.energy_nj);
  for (const second_opinion& o : l.others) {
    text += fmt::format("  beside it     {}\n", opinion_text(o, c));
  }
  text += traffic_text(*r.search.model, l.figures);
  text += fmt::format("  buffers       L1 {}, L2 {} elements, with the PEs {:.6g} mm^2\n",
                      c.l1_size_elems,
                      c.l2_size_elems,
                      l.scored(r.machine).budget_area() / 1e6);
  text += front_text(l, r);
  if (!l.gains.empty()) text += fmt::format("  ahead of      {}\n", gains_text(l.gains));
  for (const left_out_dataflow& d : l.left_out) {
    text += fmt::format("  not compared  {}: {}\n", d.dataflow, d.reason);
  }
  if (c.status != 0)
    text +=
        fmt::format("  doubts        {}\n", fmt::join(reasons(c.status, *r.search.model), ", "));
  if (c.doubt > 0) {
    text += fmt::format("  inner work    miscounted by up to {:.3g} of a tile's MACs\n", c.doubt);
  }
  return text;
}

std::string layer_text(const searched_layer& l, const network_search_request& r) {
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

/// Layers that are searched once, and how often the network runs them.
struct shape_row {
  const searched_layer* layer;
  std::int64_t count = 0;
};

std::vector<shape_row> shapes_of(const network_search_result& result) {
  std::vector<shape_row> rows;
  for (const searched_layer& l : result.layers) {
    auto row =
        std::ranges::find_if(rows, [&](const shape_row& r) { return r.layer->mapped == l.mapped; });
    if (row == rows.end()) row = rows.insert(rows.end(), {&l});
    row->count += l.count;
  }
  return rows;
}

/// What is to be known of a line: a mapping that a test doubts, a layer whose strides are left out.
std::string notes_text(const searched_layer& l, const cost_model& model) {
  std::string text;
  if (l.best && l.best->figures.status != 0) {
    text = fmt::format("  {}", fmt::join(reasons(l.best->figures.status, model), ", "));
  }
  return text + (l.is_strided() ? "  without its strides" : "");
}

/// Whether the table of shapes has a column for an objective beside cycles and energy.
bool has_own_column(objective o) { return o != objective::latency && o != objective::energy; }

std::string own_title(objective o) {
  return fmt::format("{}, {}", cugamma::name_of(o), unit_of(o));
}

std::size_t own_width(objective o) { return std::max<std::size_t>(16, own_title(o).size() + 2); }

std::string shape_text(const shape_row& row,
                       std::size_t name_width,
                       const network_search_request& r) {
  const searched_layer& l = *row.layer;
  std::string text = fmt::format("{:<{}}{:>6}{:>14}",
                                 l.name,
                                 name_width,
                                 fmt::format("x {}", row.count),
                                 layer_macs(l.mapped));
  if (!l.best) return text + "  no feasible mapping was found\n";
  const cost& c = l.best->figures;
  text += fmt::format("{:>14}{:>13}{:>16.8g}",
                      c.runtime_cycles,
                      fmt::format("{:.2f} %", 100 * l.above_bound()),
                      c.energy_nj);
  const objective o = r.search.objectives[0];
  if (has_own_column(o)) {
    text += fmt::format("{:>{}.8g}", figure_of_value(o, l.best->rank.values[0]), own_width(o));
  }
  return text + notes_text(l, *r.search.model) + "\n";
}

/// A line for each shape, for networks.
std::string shapes_text(const network_search_result& result) {
  const std::vector<shape_row> rows = shapes_of(result);
  std::size_t width = 5;
  for (const shape_row& row : rows) width = std::max(width, row.layer->name.size());
  std::string text = fmt::format("{:<{}}{:>6}{:>14}{:>14}{:>13}{:>16}",
                                 "layer",
                                 width,
                                 "",
                                 "MACs",
                                 "cycles",
                                 "above bound",
                                 "energy, nJ");
  const objective o = result.request.search.objectives[0];
  if (has_own_column(o)) text += fmt::format("{:>{}}", own_title(o), own_width(o));
  text += '\n';
  for (const shape_row& row : rows) text += shape_text(row, width, result.request);
  return text + "(--verbose prints loop nests and all figures)\n\n";
}

/// The accelerator that a hardware search chose.
std::string machine_text(const network_search_result& result) {
  const accelerator& a = result.request.machine;
  if (!result.request.search_pes) return "";
  if (result.machines > 0 && !result.front.empty()) {
    return fmt::format(
        "accelerators: {} tried; the layers and the network above are those of the "
        "first choice: {}, {:.6g} mm^2\n",
        result.machines,
        choice_machine_text(result, 0),
        result.machine_area_mm2());
  }
  if (result.machines > 0) {
    const double budget_mm2 = result.request.area_budget_mm2;
    return fmt::format(
        "chosen among {} accelerators: {} PEs, L1 {}, L2 {} elements, {:.6g}{} mm^2\n",
        result.machines,
        a.num_pes,
        a.l1_size_elems,
        a.l2_size_elems,
        result.machine_area_mm2(),
        budget_mm2 > 0 ? fmt::format(" of {}", budget_mm2) : "");
  }
  std::string text;
  for (const searched_layer& l : result.layers) {
    if (!l.best) continue;
    const scored_mapping m = l.scored(a);
    text += fmt::format("layer {}: {} PEs, {:.6g} mm^2\n", l.name, m.pes(), m.budget_area() / 1e6);
  }
  return text;
}

std::string network_objectives_text(const network_search_result& result,
                                    const network_figures& network) {
  std::string text;
  for (const objective o : result.request.search.objectives) {
    if (o == objective::latency || o == objective::energy) continue;
    text += fmt::format(", {} {:.8g} {}", cugamma::name_of(o), figure(o, network), unit_of(o));
  }
  return text;
}

/// Why each dataflow is not compared that cannot run some layer of a network.
std::string left_out_text(const network_search_result& result) {
  std::map<std::string, std::vector<std::string>> layers_of;
  std::vector<left_out_dataflow> first;
  for (const searched_layer& l : result.layers) {
    for (const left_out_dataflow& d : l.left_out) {
      std::vector<std::string>& layers = layers_of[d.dataflow];
      if (layers.empty()) first.push_back(d);
      layers.push_back(l.name);
    }
  }
  said_of all;
  for (const left_out_dataflow& d : first) {
    const std::vector<std::string>& layers = layers_of[d.dataflow];
    const bool is_everywhere = layers.size() == result.layers.size();
    all.add(d.dataflow,
            d.reason + (is_everywhere ? ""
                                      : fmt::format(" in {} of {} layers, first {}",
                                                    layers.size(),
                                                    result.layers.size(),
                                                    layers[0])));
  }
  std::string text;
  for (const std::string& sentence : all.sentences()) {
    text += fmt::format("  not compared  {}\n", sentence);
  }
  return text;
}

std::string totals_text(const network_search_result& result) {
  if (result.layers.size() < 2 || !result.all_found()) return "";
  const network_figures network = result.network();
  std::string text =
      fmt::format("network: {:.12g} cycles, {:.8g} nJ{}, {:.12g} MACs; {} layers of {} shapes\n",
                  network.latency(),
                  network.energy(),
                  network_objectives_text(result, network),
                  result.macs(),
                  result.layers.size(),
                  result.distinct_shapes);
  if (!result.gains.empty()) {
    text += fmt::format("  ahead of      {}\n", gains_text(result.gains));
  }
  return text + left_out_text(result);
}

}  // namespace

std::string as_table(const network_search_result& result, bool is_verbose) {
  std::string text =
      fmt::format("{} on {}\n\n", result.request.model, describe(result.request.machine));
  if (is_verbose || result.layers.size() == 1) {
    for (const searched_layer& l : result.layers) text += layer_text(l, result.request);
  } else {
    text += shapes_text(result);
  }
  text += totals_text(result) + network_front_text(result) + machine_text(result);
  return text +
         fmt::format(
             "cost model {}, back end {}, seed {}, {} mappings in {:.3g} s, {:.3g} mappings/s{}\n",
             result.request.search.model->name,
             result.back_end,
             result.request.search.seed,
             result.run.evaluations,
             result.run.seconds,
             result.mappings_per_second(),
             result.run.was_interrupted ? ", interrupted" : "");
}

}  // namespace cugamma::cli
