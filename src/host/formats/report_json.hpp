#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "cugamma/models/cost_model.hpp"

namespace cugamma {

/// A number as result files write it; one that is not finite as text.
inline nlohmann::ordered_json json_number(double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
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

}  // namespace cugamma
