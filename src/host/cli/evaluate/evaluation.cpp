#include "cli/evaluate/evaluation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/evaluate/report_batch.hpp"
#include "cugamma/mapping/to_genome.hpp"
#include "cugamma/models/reasons.hpp"

namespace cugamma::cli {
namespace {

/// Columns that need the reference model: they do not follow from a cost.
constexpr std::array<std::string_view, 15> reference_columns{"noc_bw_req",
                                                             "avg_bw_req",
                                                             "peak_bw_req",
                                                             "offchip_bw_req",
                                                             "ingress_min",
                                                             "ingress_max",
                                                             "ingress_avg",
                                                             "egress_min",
                                                             "egress_max",
                                                             "egress_avg",
                                                             "compute_min",
                                                             "compute_max",
                                                             "compute_avg",
                                                             "avg_utilized_pes",
                                                             "arithmetic_intensity"};

bool has_outputs(const layer& l) {
  return output_size(l, dimension::Y) > 0 && output_size(l, dimension::X) > 0;
}

bool is_strided(const layer& l) { return l.stride_y != 1 || l.stride_x != 1; }

void reject(layer_result& r, std::string_view status, std::vector<std::string> reasons) {
  r.status = status;
  r.reasons = std::move(reasons);
}

void warn_about_limits(layer_result& r, const accelerator& a) {
  const cost& c = r.figures.figures;
  if (c.status & exceeds_l1) {
    r.warnings.push_back(
        fmt::format("needs {} elements of L1, a PE has {}", c.l1_size_elems, a.l1_size_elems));
  }
  if (c.status & exceeds_l2) {
    r.warnings.push_back(fmt::format("needs {} elements of L2, the machine has {}",
                                     c.l2_size_elems,
                                     a.l2_size_elems));
  }
  if (is_strided(r.given.l)) {
    r.warnings.push_back(
        "strided: plausibility test 1 (MACs) is off, inner levels ignore the stride");
  }
}

void judge(layer_result& r, const accelerator& a) {
  if (is_legal(r.figures.figures.status)) {
    warn_about_limits(r, a);
  } else {
    reject(r, "illegal", reasons(r.figures.figures.status & illegal_mask));
  }
}

layer_result begin(const named_mapping& given) {
  layer_result r;
  r.given = given;
  r.warnings = given.warnings;
  if (has_outputs(given.l)) r.layer_macs = layer_macs(given.l);
  if (!given.m)
    reject(r,
           "illegal",
           given.reasons.empty() ? std::vector<std::string>{"no Dataflow"} : given.reasons);
  return r;
}

void report_with(evaluator& back_end, std::vector<layer_result>& layers, const accelerator& a) {
  std::vector<layer> shapes;
  std::vector<report_request> requests;
  std::vector<layer_result*> results;
  for (layer_result& r : layers) {
    if (!r.given.m) continue;
    requests.push_back({*r.given.m, static_cast<std::uint32_t>(shapes.size()), 0});
    shapes.push_back(r.given.l);
    results.push_back(&r);
  }
  std::vector<report> reports(requests.size());
  back_end.report({shapes, {&a, 1}, requests}, reports);
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i]->figures = reports[i];
    judge(*results[i], a);
  }
}

report report_of(const cost& c, const layer& l, const accelerator& a, int level_count) {
  report p;
  p.figures = c;
  p.accesses = accesses(c, l);
  reference::derive(p, l, a, level_count);
  p.figures.status = c.status;
  return p;
}

void score_with(evaluator& back_end, std::vector<layer_result>& layers, const accelerator& a) {
  std::vector<layer> shapes;
  std::vector<genome> genomes;
  std::vector<layer_result*> results;
  for (layer_result& r : layers) {
    if (!r.given.m) continue;
    std::string obstacle;
    auto g = to_genome(r.given.l, *r.given.m, &obstacle);
    if (!g) {
      reject(r, "unsupported", {obstacle});
      continue;
    }
    g->layer_index = static_cast<std::uint16_t>(shapes.size());
    shapes.push_back(r.given.l);
    genomes.push_back(*g);
    results.push_back(&r);
  }
  std::vector<cost> costs(genomes.size());
  back_end.evaluate({shapes, {&a, 1}, genomes}, costs);
  for (std::size_t i = 0; i < results.size(); ++i) {
    layer_result& r = *results[i];
    r.figures.figures = costs[i];
    if (is_legal(costs[i].status))
      r.figures = report_of(costs[i], r.given.l, a, r.given.m->level_count);
    judge(r, a);
  }
}

}  // namespace

bool evaluation::all_ok() const {
  return std::ranges::all_of(layers, [](const layer_result& r) { return r.status == "ok"; });
}

evaluation evaluate_file(const mapping_file& file,
                         const accelerator& machine,
                         const std::string& back_end) {
  evaluation result{file.network, machine, back_end, {}, {}};
  for (const named_mapping& given : file.layers) result.layers.push_back(begin(given));
  // The cpu back end is for what a search reads; its reports would be the reference's.
  const bool as_search = back_end == "cpu";
  for (const report_column& c : report_columns) {
    if (!as_search || std::ranges::find(reference_columns, c.name) == reference_columns.end()) {
      result.columns.push_back(&c);
    }
  }
  const auto made = make_evaluator(back_end);
  result.back_end = made->name();
  if (as_search) {
    score_with(*made, result.layers, machine);
  } else {
    report_with(*made, result.layers, machine);
  }
  return result;
}

std::string_view verdict(const plausibility_test& test, const layer_result& result) {
  if (test.bit == implausible_macs && is_strided(result.given.l)) return "off";
  return result.figures.figures.status & test.bit ? "fail" : "pass";
}

}  // namespace cugamma::cli
