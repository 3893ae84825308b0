#include "cugamma/models/timeloop/figures.hpp"

#include <array>

namespace cugamma::timeloop {

std::string_view name_of(rejection r) {
  static constexpr std::array<std::string_view, num_rejections> names = {
      "none",
      "unknown_dimension",
      "spatial_without_fanout",
      "imperfect_not_supported",
      "factor_product",
      "tensor_kept_nowhere",
      "breakdown",
      "mac_instances",
      "mac_mesh_x",
      "mac_mesh_y",
      "capacity",
      "min_utilization",
      "instances",
      "mesh_x",
      "mesh_y",
      "fan_out_x",
      "fan_out_y",
  };
  return names[static_cast<std::size_t>(r)];
}

}  // namespace cugamma::timeloop
