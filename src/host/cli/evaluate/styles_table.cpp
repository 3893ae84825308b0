#include "cli/evaluate/styles_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cugamma/error.hpp"
#include "files/json_text.hpp"
#include "formats/csv_reader.hpp"
#include "formats/report_json.hpp"

namespace cugamma::cli {
namespace {

std::string as_table(const std::vector<styled_total>& rows, const cost_model& model) {
  const bool has_accelerators =
      std::ranges::any_of(rows, [](const styled_total& r) { return !r.accelerator.empty(); });
  const auto name = [&](const styled_total& r) {
    return has_accelerators ? fmt::format("{:<18}{:<14}{:<14}", r.network, r.accelerator, r.style)
                            : fmt::format("{:<18}{:<14}", r.network, r.style);
  };
  std::string text = name({"network", "accelerator", "dataflow", "", 0, 0, 0});
  text += fmt::format("{:>16}{:>18}{:>18}{:>18}\n",
                      "cycles",
                      "energy, nJ",
                      "EDP, nJ x cycles",
                      "doubtful layers");
  for (const styled_total& r : rows) {
    text += name(r);
    text += r.obstacle.empty() ? fmt::format("{:>16.12g}{:>18.8g}{:>18.8g}{:>18}\n",
                                             r.cycles,
                                             r.energy_nj,
                                             r.cycles * r.energy_nj,
                                             r.doubtful_layers)
                               : fmt::format("  {}\n", r.obstacle);
  }
  return text + fmt::format("\ncost model {}\n", model.name);
}

std::string as_json(const std::vector<styled_total>& rows, const cost_model& model) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const styled_total& r : rows) {
    nlohmann::ordered_json row{{"network", r.network},
                               {"accelerator", r.accelerator},
                               {"style", r.style}};
    if (r.obstacle.empty()) {
      row["runtime_cycles"] = json_number(r.cycles);
      row["energy_nj"] = json_number(r.energy_nj);
      row["doubtful_layers"] = r.doubtful_layers;
    } else {
      row["obstacle"] = r.obstacle;
    }
    all.push_back(std::move(row));
  }
  return json_text(nlohmann::ordered_json{{"cost_model", model.name}, {"rows", all}});
}

std::string as_csv(const std::vector<styled_total>& rows, const cost_model& model) {
  std::string text =
      "network,accelerator,style,cost_model,runtime_cycles,energy_nj,doubtful_layers,obstacle\n";
  for (const styled_total& r : rows) {
    text += fmt::format("{},{},{},{},",
                        csv_quoted(r.network),
                        csv_quoted(r.accelerator),
                        csv_quoted(r.style),
                        model.name);
    text += r.obstacle.empty()
                ? fmt::format("{:.17g},{:.17g},{},\n", r.cycles, r.energy_nj, r.doubtful_layers)
                : fmt::format(",,,{}\n", csv_quoted(r.obstacle));
  }
  return text;
}

}  // namespace

styled_total total_of(const evaluation& e, std::string style) {
  styled_total total{e.network, "", std::move(style), "", 0, 0, 0};
  for (std::size_t i = 0; i < e.layers.size(); ++i) {
    const layer_result& r = e.layers[i];
    if (r.status != "ok") {
      total.obstacle =
          fmt::format("layer {} is {}: {}", r.given.name, r.status, fmt::join(r.reasons, ", "));
      return total;
    }
    const cost& c = r.figures.figures;
    const double count = static_cast<double>(e.counts[i]);
    total.cycles += count * static_cast<double>(c.runtime_cycles);
    total.energy_nj += count * c.energy_nj;
    total.doubtful_layers += c.status != 0 ? 1 : 0;
  }
  return total;
}

std::string format_totals(const std::vector<styled_total>& rows,
                          const cost_model& model,
                          std::string_view format) {
  if (format == "table") return as_table(rows, model);
  if (format == "json") return as_json(rows, model);
  if (format == "csv") return as_csv(rows, model);
  throw input_error(fmt::format("--format: found \"{}\", expected table, json or csv", format));
}

}  // namespace cugamma::cli
