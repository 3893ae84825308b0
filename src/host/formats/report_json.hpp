#pragma once

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cugamma/models/cost_model.hpp"
#include "cugamma/models/second_opinion.hpp"

namespace cugamma {

/// A number as result files write it; null for one that is not finite.
inline nlohmann::ordered_json json_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

/// The columns of a report of a model by their names; an empty object if the mapping is illegal.
inline nlohmann::ordered_json metrics_json(const cost_model& model, const report& r) {
  nlohmann::ordered_json metrics = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < r.values.size(); ++i) {
    const report_column& c = model.columns[i];
    const double value = r.values[i];
    nlohmann::ordered_json& metric = metrics[std::string(c.name)];
    metric = json_number(value);
    if (c.is_whole && std::isfinite(value)) metric = static_cast<std::int64_t>(value);
  }
  return metrics;
}

/// What other cost models say of a mapping, by their names, with the relative difference from what
/// the one asked says: {"maestro": {"status": [], "runtime_cycles": 4746977, "energy_nj": 1335880,
/// "runtime_difference": -0.2857, "energy_difference": -0.0799}}. An illegal mapping has only its
/// status.
inline nlohmann::ordered_json opinions_json(const std::vector<second_opinion>& opinions,
                                            const cost& asked) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (const second_opinion& o : opinions) {
    const cost& c = o.figures;
    nlohmann::ordered_json& one = all[std::string(o.model->name)];
    one["status"] = reasons(c.status, *o.model);
    if (!is_legal(c.status)) continue;
    one["runtime_cycles"] = c.runtime_cycles;
    one["energy_nj"] = json_number(c.energy_nj);
    one["runtime_difference"] =
        json_number(relative_difference(static_cast<double>(c.runtime_cycles),
                                        static_cast<double>(asked.runtime_cycles)));
    one["energy_difference"] = json_number(relative_difference(c.energy_nj, asked.energy_nj));
  }
  return all;
}

}  // namespace cugamma
