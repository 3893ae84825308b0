#include "cugamma/mapping/style_mapping.hpp"

#include "mapping/operators/seeding.hpp"

namespace cugamma {

std::vector<std::string> classic_styles() {
  return {"dla", "eye", "tpu", "shidiannao", "kcp_ws", "xp_ws", "ykp_os", "rs"};
}

styled_layer style_mapping(const mapping_constraint& c, const layer& l, const accelerator& a) {
  const mapping_constraint fixed = with_flexibility(c, {});
  styled_layer result;
  result.mapped = constrained_layer(fixed, l);
  accelerator machine = a;
  machine.l1_size_elems = machine.l2_size_elems = unlimited;
  space_options options;
  options.levels_min = options.levels_max = static_cast<int>(fixed.levels.size());
  const search_space space = constrain(make_search_space(result.mapped, machine, options), fixed);
  random_stream random(1, 0, 0);
  genome& g = result.mapping = draw_random(space, random);
  for (int level = 0; level < level_count(g); ++level) {
    for (int d = 0; d < gene_dimension_count; ++d) {
      const auto dim = static_cast<dimension>(d);
      set_tile(g, level, dim, fitting_tile(g, space, level, dim, 1));
    }
    if (level > 0) set_cluster_size(g, level, allowed_cluster_sizes(g, space, level).high);
  }
  return result;
}

}  // namespace cugamma
