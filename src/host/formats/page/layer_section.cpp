#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cugamma/problem/accelerator.hpp"
#include "formats/page/best_metric.hpp"
#include "formats/page/charts/bars.hpp"
#include "formats/page/energy_parts.hpp"
#include "formats/page/html.hpp"
#include "formats/page/nest/hierarchy_drawing.hpp"
#include "formats/page/nest/nest_listing.hpp"
#include "formats/page/sections.hpp"
#include "formats/page/shapes.hpp"
#include "models/rejected_words.hpp"

namespace cugamma::report {
namespace {

std::string objective_tile(const result_node& root, const result_node& layer) {
  const std::string name = first_objective(root);
  return tile("best " + name, figure(layer["best"]["objectives"].at(0), unit_of(name)));
}

std::string above_bound_tile(const result_node& layer) {
  const result_node bound = bound_of(layer);
  const result_node cycles = best_metric(layer, "runtime_cycles");
  if (!bound.present() || !cycles.present()) return "";
  const double share = cycles.number() / bound.number() - 1;
  return tile("above the bound",
              derived(share, percent(share), {cycles, bound}, "runtime / bound - 1"));
}

/// What was proved of the layer's first objective: the optimum, or how far the best can be from it.
std::string proof_tile(const result_node& root, const result_node& layer) {
  for (const result_node& proof : root["proof"]["layers"].elements()) {
    if (proof["layer"].text() != layer["name"].text()) continue;
    if (proof["optimum"].present()) {
      return tile("proven optimum", figure(proof["optimum"], unit_of(proof["objective"].text())));
    }
    const result_node gap = proof["gap"];
    if (!gap.present()) return "";
    return tile("from the optimum, at most",
                derived(gap.number(), percent(gap.number()), {gap}, "(upper - lower) / lower"));
  }
  return "";
}

std::string rate_tile(const result_node& layer) {
  const result_node done = layer["evaluations"];
  const result_node seconds = layer["seconds"];
  if (!done.present() || seconds.number_or(0) <= 0) return "";
  const double rate = done.number() / seconds.number();
  return tile("mappings/s", derived(rate, compact(rate), {done, seconds}, "evaluations / seconds"));
}

std::string tiles(const result_node& root, const result_node& layer) {
  std::string out = "<div class=\"tiles\">\n" + objective_tile(root, layer);
  out += proof_tile(root, layer);
  if (first_objective(root) != "latency") {
    out += tile("runtime", figure(best_metric(layer, "runtime_cycles"), "cycles"));
  }
  out += tile("bound", figure(bound_of(layer), "cycles"));
  out += above_bound_tile(layer);
  out += tile("energy", figure(best_metric(layer, "energy_nj"), "nJ"));
  out += tile("MACs", figure(best_metric(layer, "MACs")));
  out += tile("evaluations", figure(layer["evaluations"]));
  out += tile("search time", figure(layer["seconds"], "s"));
  return out + rate_tile(layer) + "</div>\n";
}

std::string convergence_card(const run& r, const result_node& layer) {
  const std::string name = first_objective(r.root);
  const std::string unit(unit_of(name));
  line_chart chart;
  chart.title = "Convergence: best " + name + " over evaluations";
  chart.x_name = "evaluations (mappings)";
  chart.y_name = "best " + name + (unit.empty() ? "" : ", " + unit);
  chart.series = {{"", r.number, layer["history"].path(), convergence_points(layer, unit)}};
  const result_node bound = bound_of(layer);
  const bool bounded = name == "latency" && bound.present();
  if (bounded) chart.bounds = {bound.number()};
  const std::string drawn = draw(chart);
  if (drawn.empty()) return "";
  const std::string note =
      bounded
          ? fmt::format("<ul class=\"legend\"><li><i class=\"rule\"></i>bound {} cycles</li></ul>",
                        figure(bound))
          : "";
  return card("Convergence", drawn + note, "wide");
}

std::string cycles_card(const result_node& layer) {
  const result_node cycles = best_metric(layer, "runtime_cycles");
  std::vector<bar> bars{{"runtime", figure(cycles), {{cycles.number(), "l1"}}}};
  const auto bound_bar = [&](const char* name, const result_node& node) {
    if (node.present()) bars.push_back({name, figure(node), {{node.number(), "bad"}}});
  };
  bound_bar("bound: MACs / (PEs x lanes)", layer["bound_cycles"]);
  bound_bar("bound: compulsory traffic", layer["traffic_bound_cycles"]);
  return card("Cycles", draw(bars, "cycles"));
}

std::string energy_card(const result_node& root, const result_node& layer) {
  const energy_parts parts = energy_parts_of(root, layer);
  if (!std::isfinite(parts.total_nj())) return "";
  const result_node energy = best_metric(layer, "energy_nj");
  const auto part = [&](double value, const std::vector<result_node>& from, const char* rule) {
    return derived(value, readable(value), from, rule);
  };
  std::vector<bar> bars{
      {"all", figure(energy), stacked(parts)},
      {"L1", part(parts.l1_nj, parts.l1_counts, "accesses x L1 energy"), {{parts.l1_nj, "l1"}}},
      {"L2", part(parts.l2_nj, parts.l2_counts, "accesses x L2 energy"), {{parts.l2_nj, "l2"}}},
      {"MAC",
       part(parts.mac_nj, {best_metric(layer, "MACs")}, "MACs x MAC energy"),
       {{parts.mac_nj, "mac"}}}};
  const bool has_clusters = !parts.cluster_counts.empty();
  if (has_clusters) {
    bars.insert(bars.begin() + 2,
                {"cluster buffers",
                 part(parts.cluster_nj, parts.cluster_counts, "accesses x cluster buffer energy"),
                 {{parts.cluster_nj, "cluster"}}});
  }
  const bool has_dram = !parts.dram_counts.empty();
  if (has_dram) {
    bars.push_back({"DRAM",
                    part(parts.dram_nj, parts.dram_counts, "accesses x DRAM energy"),
                    {{parts.dram_nj, "dram"}}});
  }
  return card("Energy", energy_legend(has_clusters, has_dram) + draw(bars, "nJ"));
}

bar share_bar(const char* name,
              double share,
              const std::vector<result_node>& from,
              const char* rule) {
  return {name, derived(share, percent(share), from, rule), {{100 * share, "mac"}}, 100};
}

std::string pe_card(const result_node& root, const result_node& layer) {
  const result_node used = best_metric(layer, "avg_utilized_pes");
  const result_node pes = layer["best"]["num_pes"].present() ? layer["best"]["num_pes"]
                                                             : root["accelerator"]["num_pes"];
  const result_node macs = best_metric(layer, "MACs");
  const result_node cycles = best_metric(layer, "runtime_cycles");
  const result_node lanes = root["accelerator"]["simd_lanes"];
  std::vector<bar> bars;
  if (used.present() && pes.present())
    bars.push_back(share_bar("PEs in use, average",
                             used.number() / pes.number(),
                             {used, pes},
                             "average PEs / PEs"));
  if (macs.present() && cycles.number_or(0) > 0 && pes.present())
    bars.push_back(share_bar("MAC rate of the peak",
                             macs.number() / cycles.number() / (pes.number() * lanes.number_or(1)),
                             {macs, cycles, pes, lanes},
                             "MACs / cycles / (PEs x lanes)"));
  if (bars.empty()) return "";
  return card("PE use", draw(bars, "% of " + readable(pes.number()) + " PEs"));
}

std::string buffer_bar(const char* name, const result_node& need, const result_node& limit) {
  const bool limited = limit.number_or(unlimited) >= 0;
  const std::string of = limited ? figure(limit) : std::string("unlimited");
  bar b{name, figure(need) + " of " + of, {{need.number(), "l1"}}};
  if (limited) b.limit = limit.number();
  return draw({b}, "elements");
}

/// The largest cluster buffer, where the model sizes any.
std::string cluster_buffer_bar(const result_node& layer, const result_node& machine) {
  const result_node need = best_metric(layer, "cluster_buffers_0_size");
  if (!need.present()) return "";
  return buffer_bar("Cluster buffer", need, machine["cluster_buffer_elems"]);
}

std::string buffers_card(const result_node& root, const result_node& layer) {
  const result_node l1 = best_metric(layer, "L1 size");
  const result_node l2 = best_metric(layer, "L2 size");
  if (!l1.present() || !l2.present()) return "";
  const result_node machine = root["accelerator"];
  return card("Buffers, need against limit",
              buffer_bar("L1 of a PE", l1, machine["l1_size_elems"]) +
                  buffer_bar("L2", l2, machine["l2_size_elems"]) +
                  cluster_buffer_bar(layer, machine));
}

/// The memories and the PEs as a drawing; of a mapping that cannot be drawn the buffers alone.
std::string memories_card(const result_node& root, const result_node& layer) {
  const std::string drawn = draw_hierarchy(root, layer);
  return drawn.empty()
             ? buffers_card(root, layer)
             : card("Memories and PEs, with the tiles of the best mapping", drawn, "wide");
}

/// What the other cost models say of the mapping.
std::string opinions_card(const result_node& layer) {
  const result_node others = layer["best"]["other_models"];
  std::string rows;
  for (const std::string& model : others.keys()) {
    const auto row = [&](const char* title, const char* key, const char* difference) {
      const result_node value = others[model][key];
      const result_node mine = best_metric(layer, key);
      const result_node off = others[model][difference];
      if (!value.present() || !off.present()) return;
      rows +=
          fmt::format("<tr><td>{} by {}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
                      title,
                      escape(model),
                      figure(value, unit_of(key)),
                      derived(off.number(),
                              fmt::format("{:+.2f} %", 100 * off.number()),
                              {off, mine},
                              difference));
    };
    row("runtime", "runtime_cycles", "runtime_difference");
    row("energy", "energy_nj", "energy_difference");
  }
  if (rows.empty()) return "";
  return card("What another cost model says",
              "<table><tr><th>figure</th><th class=\"n\">value</th><th class=\"n\">difference</th>"
              "</tr>\n" +
                  rows + "</table>");
}

std::string rejected_card(const result_node& layer) {
  std::vector<bar> bars;
  for (const std::string& reason : layer["rejected"].keys()) {
    const result_node count = layer["rejected"][reason];
    if (count.number() == 0) continue;
    bars.push_back({escape(rejected_words(reason)), figure(count), {{count.number(), "bad"}}});
  }
  if (bars.empty()) return "";
  return card("Rejected or in doubt, by reason", draw(bars, "individuals"));
}

std::string metrics_table(const result_node& layer) {
  const result_node metrics = layer["best"]["metrics"];
  std::string out =
      "<details><summary>All metrics but those that are 0</summary><div class=\"scroll\" "
      "tabindex=\"0\"><table><tr>"
      "<th>metric</th><th class=\"n\">value</th></tr>\n";
  for (const std::string& name : metrics.keys()) {
    if (metrics[name].number() == 0) continue;
    out += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td></tr>\n",
                       escape(name),
                       figure(metrics[name]));
  }
  return out + "</table></div></details>\n";
}

std::string mapping_text(const result_node& layer) {
  const result_node text = layer["best"]["mapping"];
  if (!text.present()) return "";
  return fmt::format(
      "<details><summary>Mapping, as MAESTRO reads it</summary><pre tabindex=\"0\">{}</pre>"
      "</details>\n",
      quoted(text));
}

std::string nest_card(const result_node& root, const result_node& layer) {
  const result_node text = layer["best"]["mapping"];
  if (!text.present()) return "";
  return card("Loop nest of the best mapping",
              draw_loop_nest(text, pes_of_best(root, layer)),
              "wide");
}

std::string found(const run& r, const result_node& layer) {
  return tiles(r.root, layer) + "<div class=\"cards\">\n" + pareto_card(r.root, layer) +
         convergence_card(r, layer) +
         side_by_side(cycles_card(layer) + pe_card(r.root, layer) + energy_card(r.root, layer) +
                      opinions_card(layer) + rejected_card(layer) + gains_card(layer)) +
         memories_card(r.root, layer) + nest_card(r.root, layer) + "</div>\n" +
         metrics_table(layer) + mapping_text(layer);
}

std::string not_found(const result_node& layer) {
  return "<div class=\"cards\">\n" +
         side_by_side(card("No feasible mapping was found",
                           "<p>Every individual was rejected.</p>",
                           "warn") +
                      rejected_card(layer)) +
         "</div>\n";
}

}  // namespace

std::string gains_card(const result_node& owner) {
  std::vector<bar> bars;
  for (const std::string& style : owner["gain_over_styles"].keys()) {
    const result_node gain = owner["gain_over_styles"][style];
    if (gain.number_or(0) > 0)
      bars.push_back({escape(style), figure(gain), {{gain.number(), "mac"}}, 1});
  }
  if (bars.empty()) return "";
  std::ranges::stable_sort(bars, {}, [](const bar& b) { return b.parts[0].value; });
  return card("Gain over fixed dataflows, the closest first",
              draw_logarithmic(bars, "times better, logarithmic; the dashed line is 1: equal"));
}

std::string layer_section(const run& r, const shape& s, bool open) {
  const result_node& layer = s.layer;
  const bool has_best = layer["best"].present();
  std::string about = has_best ? layer_name(layer) : "no feasible mapping";
  if (layer["unit_stride_form"].text() == "true")
    about += ", searched with stride 1 (same outputs, input traffic a lower bound)";
  if (s.count > 1) about += fmt::format(", {} times", readable(s.count));
  if (s.names.size() > 1) about += ": " + also_text(s.names);
  return fmt::format(
      "<details class=\"layer\" id=\"{}\"{}><summary>{} <span "
      "class=\"soft\">{}</span></summary>\n{}"
      "</details>\n",
      anchor_of(r, layer),
      open ? " open" : "",
      quoted(layer["name"]),
      about,
      has_best ? found(r, layer) : not_found(layer));
}

}  // namespace cugamma::report
