#include "cugamma/models/second_opinion.hpp"

namespace cugamma {

std::vector<second_opinion> second_opinions(const cost_model& asked,
                                            const layer& l,
                                            const accelerator& a,
                                            const mapping& m) {
  std::vector<second_opinion> all;
  for (const cost_model* other : cost_models()) {
    if (other == &asked || other->obstacle(l, a)) continue;
    all.push_back({other, other->price(l, a, m)});
  }
  return all;
}

double relative_difference(double other, double asked) { return (other - asked) / asked; }

}  // namespace cugamma
