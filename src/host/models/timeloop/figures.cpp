#include "cugamma/models/timeloop/figures.hpp"

#include <array>

#include "models/timeloop/figures_cost.hpp"

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

cost cost_of(const figures& f) {
  cost c;
  c.cycles = f.cycles;
  c.energy_pj = f.energy_pj;
  for (std::size_t b = 0; b < f.levels.size(); ++b) {
    for (const tensor_figures& t : f.levels[b].tensors) {
      c.accesses[b] += (t.reads + t.fills + t.updates) * t.instances;
    }
  }
  return c;
}

}  // namespace cugamma::timeloop
