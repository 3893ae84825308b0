#include "cli/certify/certify_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "certify/proof.hpp"
#include "cli/accelerator_options.hpp"
#include "cugamma/formats/loop_nest.hpp"

namespace cugamma::cli {
namespace {

std::string bound_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.10g}", value) : "unknown";
}

std::string proved_text(const certified_layer& c) {
  if (c.optimum()) return fmt::format("the optimum is {:.10g} {}", *c.optimum(), unit_of(c.goal));
  if (c.lower == c.upper) return "no mapping fits and passes the tests: proved";
  return bounds_text(c.lower, c.upper, unit_of(c.goal));
}

/// A layer's proof; with_mapping: and its best mapping, if it has one.
std::string layer_text(const certified_layer& c,
                       const network_search_request& request,
                       bool with_mapping) {
  std::string text =
      fmt::format("layer {}: {} {}\n", c.name, cugamma::name_of(c.goal), proved_text(c));
  if (c.best && with_mapping) {
    text += "\n" + loop_nest(*c.best, c.mapped, request.machine) + "\n";
    text += fmt::format("  runtime       {} cycles\n  energy        {:.8g} nJ\n",
                        c.figures.figures.runtime_cycles,
                        c.figures.figures.energy_nj);
  }
  return text + fmt::format("  proof         {} of {} subtrees opened in {:.3g} s\n\n",
                            c.opened,
                            c.subtrees,
                            c.seconds);
}

/// Of an objective that the layers of a network add up.
std::string sum_text(const std::vector<certified_layer>& layers) {
  const objective goal = layers.front().goal;
  const bool adds_up =
      goal == objective::latency || goal == objective::energy || goal == objective::maestro_energy;
  if (layers.size() < 2 || !adds_up) return "";
  double lower = 0, upper = 0;
  for (const certified_layer& c : layers) {
    lower += c.lower * static_cast<double>(c.count);
    upper += c.upper * static_cast<double>(c.count);
  }
  return fmt::format("network: {} {}\n",
                     cugamma::name_of(goal),
                     bounds_text(lower, upper, unit_of(goal)));
}

}  // namespace

std::string bounds_text(double lower, double upper, std::string_view unit) {
  const double gap = gap_between(lower, upper);
  return fmt::format("optimum in [{}, {}] {}, gap {}",
                     bound_text(lower),
                     bound_text(upper),
                     unit,
                     std::isfinite(gap) ? fmt::format("{:.4g} %", 100 * gap) : "unknown");
}

std::string proofs_as_table(const std::vector<certified_layer>& layers,
                            const network_search_request& request) {
  std::string text = fmt::format("{} on {}\n\n", request.model, describe(request.machine));
  for (const certified_layer& c : layers) text += layer_text(c, request, true);
  text += sum_text(layers);
  const bool is_strict = !request.search.model->doubts.empty();
  return text + fmt::format("cost model {}{}, seed {}\n",
                            request.search.model->name,
                            is_strict ? " (strict: of mappings that pass all of its tests)" : "",
                            request.search.seed);
}

std::string machine_as_table(const certified_machine& found,
                             const network_search_request& request) {
  std::string text;
  if (std::isfinite(found.most_cycles)) {
    text += fmt::format("{}, at most {:.10g} cycles", request.model, found.most_cycles);
  } else {
    text += request.model;
  }
  if (request.area_budget_mm2 > 0)
    text += fmt::format(", at most {} mm^2", request.area_budget_mm2);
  text += "\n\n";
  for (const layer_on_machine& l : found.layers) {
    text += fmt::format("  layer {}: {} cycles, {:.8g} nJ{}\n",
                        l.name,
                        l.figures.figures.runtime_cycles,
                        l.figures.figures.energy_nj,
                        l.count > 1 ? fmt::format(", {} times", l.count) : "");
  }
  if (found.layers.empty()) {
    text += found.lower == found.upper ? "no accelerator is large and fast enough: proved\n"
                                       : "no accelerator is known\n";
  } else {
    text += fmt::format("\n{} PEs, L1 {}, L2 {} elements: {:.8g} mm^2, {:.10g} cycles\n",
                        found.machine.num_pes,
                        found.machine.l1_size_elems,
                        found.machine.l2_size_elems,
                        found.area_um2 / 1e6,
                        found.cycles);
    const bool is_optimum = found.lower == found.upper;
    text += fmt::format("{}: {}\n",
                        cugamma::name_of(found.goal),
                        is_optimum ? "no accelerator has less: proved"
                                   : bounds_text(found.lower, found.upper, unit_of(found.goal)));
  }
  return text + fmt::format("proof: {} of {} numbers of PEs opened in {:.3g} s\n",
                            found.opened,
                            found.sizes,
                            found.seconds);
}

std::string proofs_beside(const std::vector<certified_layer>& layers,
                          const network_search_result& found) {
  std::string text;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto& best = found.layers[i].best;
    const bool is_known = best && layers[i].best == best->mapping;
    text += layer_text(layers[i], found.request, !is_known);
  }
  return text + sum_text(layers);
}

}  // namespace cugamma::cli
