#pragma once

#include "certify/exact/lists/top_lists.hpp"

namespace cugamma::exact {

/// No mapping of a vector takes fewer cycles (docs/certify-exact.md, N3 and N4), where the busiest
/// PE has at least `inner_busy` of the dimension that is parallel inside.
double cycles_with_moves(const question& q,
                         const class_grid& grid,
                         const top_list& list,
                         const top_vector& v,
                         int inner,
                         double inner_busy);

}  // namespace cugamma::exact
