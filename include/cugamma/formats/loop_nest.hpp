#pragma once

#include <string>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// A genome as the loops it stands for, one a line, outermost first: "for" walks in time,
/// "parallel-for" over the sub-clusters of a level; Y' and X' count output rows and columns. Loops
/// of a single step are left out. The last line is the tile that one PE works on. precondition: the
/// genome is legal for the layer
std::string loop_nest(const genome& g, const layer& l, const accelerator& a);

}  // namespace cugamma
