#pragma once

#include <string>
#include <vector>

#include "cugamma/mapping/constraint.hpp"
#include "cugamma/mapping/genome.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// The shipped styles whose accelerators run each layer in one way only, for comparison.
std::vector<std::string> classic_styles();

/// The mapping that an accelerator without flexibility gives a layer.
struct styled_layer {
  layer mapped;  ///< the layer, or its matrix product
  genome mapping;
};

/// The one mapping of a constraint whose flexibility is none; cluster sizes that the constraint
/// only bounds are as large as it allows, tiles it leaves open as small. Throws input_error if the
/// accelerator is too small for the constraint. precondition: unit stride
styled_layer style_mapping(const mapping_constraint& c, const layer& l, const accelerator& a);

}  // namespace cugamma
