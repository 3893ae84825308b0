#include "cugamma/models/second_opinion.hpp"

namespace cugamma {

std::vector<second_opinion> second_opinions(const cost_model& asked,
                                            const layer& l,
                                            const accelerator& a,
                                            const mapping& m) {
  // A mapping's figures do not depend on the limit, which some models do not know.
  accelerator machine = a;
  machine.cluster_buffer_elems = unlimited;
  std::vector<second_opinion> all;
  for (const cost_model* other : cost_models()) {
    if (other == &asked || other->obstacle(l, machine)) continue;
    all.push_back({other, other->price(l, machine, m)});
  }
  return all;
}

double relative_difference(double other, double asked) { return (other - asked) / asked; }

}  // namespace cugamma
