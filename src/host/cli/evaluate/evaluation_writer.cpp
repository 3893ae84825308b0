#include "cli/evaluate/evaluation_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/accelerator_options.hpp"
#include "cli/output/said_of.hpp"
#include "cugamma/error.hpp"
#include "files/json_text.hpp"
#include "formats/accelerator/accelerator_json.hpp"
#include "formats/csv_reader.hpp"
#include "formats/opinion_text.hpp"
#include "formats/report_json.hpp"

namespace cugamma::cli {
namespace {

using json = nlohmann::ordered_json;

bool is_ok(const layer_result& r) { return r.status == "ok"; }

json plausibility_json(const cost_model& model, const layer_result& r) {
  json tests = json::object();
  for (const doubt& test : model.doubts) tests[std::string(test.name)] = verdict(test, r);
  tests["inner_work_error"] = r.figures.figures.doubt;
  return tests;
}

json layer_json(const cost_model& model, const layer_result& r) {
  json result{{"layer", r.given.name},
              {"status", r.status},
              {"reasons", r.reasons},
              {"warnings", r.warnings},
              {"layer_macs", r.layer_macs},
              {"metrics", is_ok(r) ? metrics_json(model, r.figures) : json::object()}};
  if (is_ok(r)) {
    result["plausibility"] = plausibility_json(model, r);
    result["other_models"] = opinions_json(r.others, r.figures.figures);
  }
  return result;
}

std::string csv_number(const report_column& column, double value) {
  if (column.is_whole && std::isfinite(value))
    return fmt::format("{}", static_cast<std::int64_t>(value));
  return fmt::format("{:.17g}", value);
}

std::string csv_row(const cost_model& model, const layer_result& r) {
  std::string row = fmt::format("{},{},{},{}",
                                csv_quoted(r.given.name),
                                r.status,
                                csv_quoted(fmt::format("{}", fmt::join(r.reasons, "; "))),
                                r.layer_macs);
  for (std::size_t i = 0; i < model.columns.size(); ++i) {
    row += ',';
    if (is_ok(r)) row += csv_number(model.columns[i], r.figures.values[i]);
  }
  for (const doubt& test : model.doubts) {
    row += ',';
    if (is_ok(r)) row += verdict(test, r);
  }
  return row + '\n';
}

std::string table_row(const cost_model& model, const layer_result& r, std::size_t width) {
  std::string row = fmt::format("{:<{}}  {:<11}", r.given.name, width, r.status);
  if (!is_ok(r)) return row + fmt::format("{}\n", fmt::join(r.reasons, ", "));
  const cost& c = r.figures.figures;
  row += fmt::format("{:>14} {:>14} {:>10.6g} {:>13.6g} {:>9} {:>10} ",
                     c.runtime_cycles,
                     r.layer_macs,
                     static_cast<double>(c.num_macs) / static_cast<double>(c.runtime_cycles),
                     c.energy_nj,
                     c.l1_size_elems,
                     c.l2_size_elems);
  for (const doubt& test : model.doubts) row += fmt::format(" {:<4}", verdict(test, r));
  return row + '\n';
}

/// A column summed over a network, each layer as often as it is run.
double total(const evaluation& e, std::string_view column) {
  double sum = 0;
  for (std::size_t i = 0; i < e.counts.size(); ++i) {
    const double value = find_value(*e.model, e.layers[i].figures, column).value_or(0);
    sum += static_cast<double>(e.counts[i]) * value;
  }
  return sum;
}

/// The line of a network that a style maps whole.
std::string totals_text(const evaluation& e) {
  if (e.counts.empty() || !e.all_ok()) return "";
  return fmt::format("network: {:.12g} cycles, {:.8g} nJ, layers as often as it runs them\n",
                     total(e, "runtime_cycles"),
                     total(e, "energy_nj"));
}

std::string notes(const evaluation& e) {
  said_of notes;
  for (const layer_result& r : e.layers) {
    for (const std::string& warning : r.warnings) notes.add(r.given.name, warning);
    if (r.figures.figures.doubt > 0) {
      notes.add(r.given.name,
                fmt::format("an inner level miscounts the MACs of its tile by up to {:.3g} of them",
                            r.figures.figures.doubt));
    }
    for (const second_opinion& o : r.others) {
      notes.add(r.given.name, opinion_text(o, r.figures.figures));
    }
  }
  return notes.lines();
}

}  // namespace

std::string as_table(const evaluation& e) {
  std::size_t width = 5;
  for (const layer_result& r : e.layers) width = std::max(width, r.given.name.size());
  std::string text = fmt::format("{}\ncost model {}, back end {}\n\n",
                                 describe(e.machine),
                                 e.model->name,
                                 e.back_end);
  text += fmt::format("{:<{}}  {:<11}{:>14} {:>14} {:>10} {:>13} {:>9} {:>10}  {}\n",
                      "layer",
                      width,
                      "status",
                      "cycles",
                      "layer MACs",
                      "MACs/cycle",
                      "energy nJ",
                      "L1 elems",
                      "L2 elems",
                      "tests 1-4");
  for (const layer_result& r : e.layers) text += table_row(*e.model, r, width);
  text += '\n' + totals_text(e);
  for (int i = 0; const doubt& test : e.model->doubts) {
    text += fmt::format("test {}: {}\n", ++i, test.passes);
  }
  if (!e.from_reference.empty()) {
    text += fmt::format("scored by {}; from the reference: {}\n",
                        e.back_end,
                        fmt::join(e.from_reference, ", "));
  }
  return text + notes(e);
}

std::string as_json(const evaluation& e) {
  json result{{"network", e.network},
              {"backend", e.back_end},
              {"cost_model", e.model->name},
              {"from_reference", e.from_reference},
              {"accelerator", accelerator_json(e.machine)}};
  result["layers"] = json::array();
  for (const layer_result& r : e.layers) result["layers"].push_back(layer_json(*e.model, r));
  for (std::size_t i = 0; i < e.counts.size(); ++i) result["layers"][i]["count"] = e.counts[i];
  if (!e.counts.empty() && e.all_ok()) {
    result["totals"] = {{"runtime_cycles", total(e, "runtime_cycles")},
                        {"energy_nj", total(e, "energy_nj")}};
  }
  return json_text(result);
}

std::string as_csv(const evaluation& e) {
  std::string text = "layer,status,reasons,layer_macs";
  for (const report_column& c : e.model->columns) text += fmt::format(",{}", c.name);
  for (const doubt& test : e.model->doubts) text += fmt::format(",test_{}", test.name);
  text += '\n';
  for (const layer_result& r : e.layers) text += csv_row(*e.model, r);
  return text;
}

std::string format_evaluation(const evaluation& e, std::string_view format) {
  if (format == "table") return as_table(e);
  if (format == "json") return as_json(e);
  if (format == "csv") return as_csv(e);
  throw input_error(fmt::format("--format: found \"{}\", expected table, json or csv", format));
}

}  // namespace cugamma::cli
