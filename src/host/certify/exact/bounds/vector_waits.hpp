#pragma once

#include "certify/exact/bounds/level_0_energy.hpp"
#include "certify/exact/lists/top_lists.hpp"

namespace cugamma::exact {

/// What the mappings of a vector move over level 0's NoC at least, whatever the tiles of PEs; in
/// cycles of the NoC, rounded down.
moved_cycles moved_by(const question& q,
                      const std::array<const outer_terms*, free_dims>& t,
                      const four_sizes& steps);

/// No mapping of a vector takes fewer cycles (docs/certify-exact.md, N3 and N4), where the busiest
/// PE has at least `inner_busy` of the dimension that is parallel inside.
double cycles_with_moves(const question& q,
                         const class_grid& grid,
                         const top_list& list,
                         const top_vector& v,
                         int inner,
                         double inner_busy);

}  // namespace cugamma::exact
