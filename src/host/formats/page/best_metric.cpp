#include "formats/page/best_metric.hpp"

#include <array>
#include <utility>

namespace cugamma::report {

result_node best_metric(const result_node& layer, std::string_view name) {
  using std::string_view_literals::operator""sv;
  static constexpr std::array maestros_names{std::pair{"macs"sv, "num_macs"sv},
                                             std::pair{"l1_size"sv, "l1_size_req"sv},
                                             std::pair{"l2_size"sv, "l2_size_req"sv}};
  const result_node metrics = layer["best"]["metrics"];
  for (const auto& [exact, maestros] : maestros_names) {
    if (name == exact && !metrics[exact].present()) return metrics[maestros];
  }
  return metrics[name];
}

}  // namespace cugamma::report
