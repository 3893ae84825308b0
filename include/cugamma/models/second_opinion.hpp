#pragma once

#include <vector>

#include "cugamma/mapping/mapping.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/models/cost_model.hpp"

namespace cugamma {

/// What another cost model says of a mapping. An illegal one has only figures.status.
struct second_opinion {
  const cost_model* model = nullptr;
  cost figures;
};

/// What every cost model but `asked` says of a mapping, in the order of cost_models(), without
/// those that cannot hold the layer. Preconditions as of cost_model::price.
std::vector<second_opinion> second_opinions(const cost_model& asked,
                                            const layer& l,
                                            const accelerator& a,
                                            const mapping& m);

/// How far `other` is from `asked`, relatively: 0.1 for a tenth more.
double relative_difference(double other, double asked);

}  // namespace cugamma
