#pragma once

#include "mapping/operators/breeding.hpp"

namespace cugamma {

/// A member of the space as GAMMA draws its first ones: top tiles uniform, inner tiles 1.
genome draw_random(const search_space& space, random_stream& random);

/// The same, shrunk until it fits the buffers where the rates ask for it.
genome draw_fitting(const search_space& space, const breeding_rates& rates, random_stream& random);

/// A fitting member of the space, the one of a handful of draws with even splits that leaves the
/// fewest PEs idle.
genome draw_guided(const search_space& space,
                   const breeding_rates& rates,
                   random_stream& random,
                   int handful = 16);

}  // namespace cugamma
