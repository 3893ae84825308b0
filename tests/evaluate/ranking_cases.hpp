#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "cugamma/evaluate/ranking.hpp"

namespace cugamma {

/// A population with made-up costs: few distinct values, so that ties, duplicates, infeasible and
/// illegal mappings all occur. Ranking reads costs, it does not ask where they come from.
struct ranking_case {
  std::vector<layer> layers{2};
  std::vector<accelerator> accelerators{2};
  std::vector<genome> genomes;
  std::vector<cost> costs;
  batch as_batch() const { return {layers, accelerators, genomes}; }
};

inline ranking_case make_ranking_case(std::size_t count, std::uint32_t seed) {
  ranking_case c;
  c.accelerators[1].num_pes = 64;
  std::mt19937 random(seed);
  const auto below = [&](std::uint32_t n) { return random() % n; };
  for (std::size_t i = 0; i < count; ++i) {
    genome g;
    // The genome decides the cost, so that duplicates cost the same.
    const std::uint32_t kind = below(static_cast<std::uint32_t>(count / 3 + 1));
    set_tile(g, 0, dimension::K, static_cast<std::int32_t>(kind + 1));
    g.layer_index = static_cast<std::uint16_t>(kind % 2);
    g.accelerator_index = static_cast<std::uint16_t>(kind / 2 % 2);
    std::mt19937 figures(kind);
    cost m;
    m.runtime_cycles = 1 + figures() % 5;
    m.num_macs = 1 + figures() % 3;
    m.energy_nj = 0.5 + figures() % 3;
    m.l1_size_elems = figures() % 4;
    m.l2_size_elems = figures() % 4;
    if (figures() % 4 == 0) m.status |= exceeds_l1;
    if (figures() % 8 == 0) m.status |= tile_exceeds_dim;
    if (figures() % 8 == 0) m.status |= implausible_inner_work;
    c.genomes.push_back(g);
    c.costs.push_back(m);
  }
  return c;
}

}  // namespace cugamma
