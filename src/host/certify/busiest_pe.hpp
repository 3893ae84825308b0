#pragma once

#include <cstdint>
#include <functional>

#include "cugamma/mapping/search_space.hpp"

namespace cugamma {

/// A quotient, at least 1.
struct ratio {
  std::int64_t above = 1;
  std::int64_t below = 1;
};

/// How many times faster a level gets through a dimension, at most, that it spreads over so many
/// sub-clusters.
using level_speed = std::function<ratio(int level, int dim, std::int64_t sub_clusters)>;

/// MACs of the PE that has most, at least, in all ways in which levels share out PEs over their
/// parallel dimensions: a dimension of d indices keeps the PE busy for ceil(d / product of speeds).
/// precondition: one parallel dimension a level
double least_macs_of_busiest_pe(const search_space& space, const level_speed& speed);

}  // namespace cugamma
