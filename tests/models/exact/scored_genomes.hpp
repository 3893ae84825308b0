#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "models/exact/exact_model.hpp"
#include "models/exact/random_cases.hpp"
#include "models/host_scoring.hpp"

namespace cugamma {

/// Scores genomes of one layer and accelerator in bulk and compares each with the model.
inline void expect_costs_of_model(host_scoring& scoring,
                                  const layer& l,
                                  const accelerator& a,
                                  const std::vector<genome>& genomes) {
  std::vector<cost> costs(genomes.size());
  scoring.prepare({&l, 1}, {&a, 1});
  scoring.score(genomes, costs);
  for (std::size_t g = 0; g < genomes.size(); ++g) {
    accelerator own = a;
    own.num_pes = pes_of(genomes[g], a);
    const mapping m = to_mapping(genomes[g], l);
    ASSERT_EQ(costs[g], exact_model.price(l, own, m)) << exact_case{l, own, m};
  }
}

}  // namespace cugamma
