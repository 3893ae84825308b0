#pragma once

#include <string>
#include <vector>

#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/mapping/constraint.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "small_problems.hpp"

/// What the tests of constraints constrain.
namespace cugamma {

inline const std::vector<layer>& constraint_layers() {
  using enum layer_type;
  static const std::vector<layer> all{make_layer(conv, 64, 3, 226, 226, 3, 3),
                                      make_layer(conv, 17, 130, 19, 23, 3, 5),
                                      make_layer(conv, 1000, 2048, 1, 1, 1, 1),
                                      make_layer(dsconv, 1, 96, 58, 58, 3, 3),
                                      make_layer(gemm, 768, 512, 197, 1, 1, 1)};
  return all;
}

/// A constraint that comes with cuGAMMA.
inline mapping_constraint style(const std::string& name) {
  return read_constraint(std::string(CUGAMMA_SOURCE_DIR "/constraints/") + name + ".yaml");
}

/// The mappings of a layer onto an accelerator that obey a constraint.
inline search_space space_of(const mapping_constraint& c, const layer& l, const accelerator& a) {
  space_options options;
  options.levels_min = options.levels_max = static_cast<int>(c.levels.size());
  return constrain(make_search_space(constrained_layer(c, l), a, options), c);
}

}  // namespace cugamma
