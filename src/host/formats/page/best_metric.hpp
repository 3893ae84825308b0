#pragma once

#include <string_view>
#include <vector>

#include "formats/page/result_node.hpp"

namespace cugamma::report {

/// The metrics of a layer's best mapping that add up to a figure ("MACs", "L2 accesses"; any other
/// name is a metric's), as the cost model at hand names them; missing ones if it has not the
/// figure.
std::vector<result_node> best_metrics(const result_node& layer, std::string_view figure);

/// The same for a figure that is one metric.
result_node best_metric(const result_node& layer, std::string_view figure);

}  // namespace cugamma::report
