#pragma once

#include <string_view>

#include "formats/page/result_node.hpp"

namespace cugamma::report {

/// A metric of the best mapping of a layer by the exact model's name of it, also where MAESTRO's
/// model gave it under its own ("macs": num_macs).
result_node best_metric(const result_node& layer, std::string_view name);

}  // namespace cugamma::report
