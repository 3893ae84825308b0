#include "formats/page/best_metric.hpp"

#include <algorithm>

#include "models/figure_columns.hpp"

namespace cugamma::report {

std::vector<result_node> best_metrics(const result_node& layer, std::string_view figure) {
  std::vector<result_node> found;
  for (const column_names& spelling : spellings_of(figure)) {
    found.clear();
    for (const std::string_view name : spelling) found.push_back(layer["best"]["metrics"][name]);
    if (std::ranges::all_of(found, &result_node::present)) break;
  }
  return found;
}

result_node best_metric(const result_node& layer, std::string_view figure) {
  return best_metrics(layer, figure).front();
}

}  // namespace cugamma::report
