#include "cli/evaluate/evaluation.hpp"

#include <fmt/core.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <limits>

#include "cugamma/error.hpp"
#include "cugamma/mapping/to_genome.hpp"

namespace cugamma::cli {
namespace {

bool has_outputs(const layer& l) {
  return output_size(l, dimension::Y) > 0 && output_size(l, dimension::X) > 0;
}

bool is_strided(const layer& l) { return l.stride_y != 1 || l.stride_x != 1; }

void reject(layer_result& r, std::string_view status, std::vector<std::string> reasons) {
  r.status = status;
  r.reasons = std::move(reasons);
}

void warn_about_limits(layer_result& r, const accelerator& a, const cost_model& model) {
  const cost& c = r.figures.figures;
  if (c.status & exceeds_l1) {
    r.warnings.push_back(
        fmt::format("needs {} elements of L1, a PE has {}", c.l1_size_elems, a.l1_size_elems));
  }
  if (c.status & exceeds_l2) {
    r.warnings.push_back(fmt::format("needs {} elements of L2, the accelerator has {}",
                                     c.l2_size_elems,
                                     a.l2_size_elems));
  }
  if (c.status & exceeds_cluster_buffer) {
    r.warnings.push_back(fmt::format("needs cluster buffers of {} elements, the accelerator has {}",
                                     c.cluster_buffer_elems,
                                     a.cluster_buffer_elems));
  }
  if (is_strided(r.given.l)) {
    for (std::size_t i = 0; i < model.doubts.size(); ++i) {
      if (!model.doubts[i].needs_unit_stride) continue;
      r.warnings.push_back(
          fmt::format("strided: plausibility test {} ({}) is off, inner levels ignore the stride",
                      i + 1,
                      model.doubts[i].name));
    }
  }
}

void judge(layer_result& r, const accelerator& a, const cost_model& model) {
  const std::uint32_t status = r.figures.figures.status;
  if (is_legal(status)) {
    warn_about_limits(r, a, model);
  } else {
    reject(r, "illegal", illegal_places(r.given, a, status));
  }
}

layer_result begin(const named_mapping& given) {
  layer_result r;
  r.given = given;
  fit_tiles(r.given);
  r.warnings = r.given.warnings;
  if (has_outputs(given.l)) r.layer_macs = layer_macs(given.l);
  if (!given.m)
    reject(r,
           "illegal",
           given.reasons.empty() ? std::vector<std::string>{"no Dataflow"} : given.reasons);
  return r;
}

void explain(std::vector<layer_result>& layers, const accelerator& a, const cost_model& model) {
  tbb::parallel_for(std::size_t{0}, layers.size(), [&](std::size_t i) {
    layer_result& r = layers[i];
    if (r.given.m && r.status == "ok") r.figures = model.explain(r.given.l, a, *r.given.m);
  });
}

/// Writes a back end's cost over the reference's, with every column that follows from it.
void take_cost(layer_result& r, const cost& scored, const accelerator& a, const cost_model& model) {
  r.figures.figures = scored;
  if (!is_legal(scored.status)) return;
  r.figures.values.resize(model.columns.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < model.columns.size(); ++i) {
    const auto from_cost = model.columns[i].from_cost;
    if (from_cost != nullptr) r.figures.values[i] = from_cost(scored, a);
  }
}

void score_with(evaluator& back_end,
                std::vector<layer_result>& layers,
                const accelerator& a,
                const cost_model& model) {
  std::vector<layer> shapes;
  std::vector<genome> genomes;
  std::vector<layer_result*> results;
  for (layer_result& r : layers) {
    if (!r.given.m || r.status != "ok") continue;
    std::string obstacle;
    auto g = to_genome(r.given.l, *r.given.m, &obstacle);
    if (g && searched_form(model, r.given.l) != r.given.l) {
      g.reset();
      obstacle = "in bulk this cost model has layers of stride 1 alone";
    }
    if (!g) {
      // What the reference finds illegal needs no genome to be rejected.
      if (is_legal(r.figures.figures.status)) reject(r, "unsupported", {obstacle});
      continue;
    }
    g->layer_index = static_cast<std::uint16_t>(shapes.size());
    shapes.push_back(r.given.l);
    genomes.push_back(*g);
    results.push_back(&r);
  }
  std::vector<cost> costs(genomes.size());
  back_end.evaluate({shapes, {&a, 1}, genomes}, costs);
  for (std::size_t i = 0; i < results.size(); ++i) take_cost(*results[i], costs[i], a, model);
}

}  // namespace

bool evaluation::all_ok() const {
  return std::ranges::all_of(layers, [](const layer_result& r) { return r.status == "ok"; });
}

evaluation evaluate_file(const mapping_file& file,
                         const accelerator& machine,
                         const cost_model& model,
                         evaluator& back_end) {
  evaluation result{file.network, machine, &model, std::string(back_end.name()), {}, {}};
  for (const named_mapping& given : file.layers) result.layers.push_back(begin(given));
  for (layer_result& r : result.layers) {
    const auto obstacle = r.given.m ? model.obstacle(r.given.l, machine) : std::nullopt;
    if (obstacle && r.status == "ok") reject(r, "unsupported", {*obstacle});
  }
  explain(result.layers, machine, model);
  if (back_end.name() != "reference") {
    score_with(back_end, result.layers, machine, model);
    for (const report_column& c : model.columns) {
      if (c.from_cost == nullptr) result.from_reference.push_back(c.name);
    }
  }
  for (layer_result& r : result.layers) {
    if (r.given.m && r.status == "ok") judge(r, machine, model);
    if (r.given.m && r.status == "ok") {
      r.others = second_opinions(model, r.given.l, machine, *r.given.m);
    }
  }
  return result;
}

std::vector<std::string> layer_warnings(const evaluation& e) {
  std::vector<std::string> all;
  for (const layer_result& r : e.layers) {
    for (const std::string& w : r.warnings) all.push_back(fmt::format("{}: {}", r.given.name, w));
  }
  return all;
}

std::string_view verdict(const doubt& test, const layer_result& result) {
  if (test.needs_unit_stride && is_strided(result.given.l)) return "off";
  return result.figures.figures.status & test.bit ? "fail" : "pass";
}

}  // namespace cugamma::cli
