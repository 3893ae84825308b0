#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "cugamma/evaluate/ranking.hpp"
#include "numbers/random.hpp"

/// Families of mappings, and their best ones by plain enumeration.
namespace cugamma {

/// All orders of K, C, Y and X, with R and S innermost.
inline order_table every_order() {
  order_table table;
  std::array<int, 4> outermost_first{0, 1, 2, 3};
  std::size_t i = 0;
  do {
    genome g;
    for (int p = 0; p < 4; ++p) {
      set_order(g, 0, p, static_cast<dimension>(outermost_first[static_cast<std::size_t>(p)]));
    }
    set_order(g, 0, 4, dimension::R);
    set_order(g, 0, 5, dimension::S);
    table.order[0][i] = table.order[1][i] = g.loops[0];
    ++i;
  } while (std::ranges::next_permutation(outermost_first).found);
  return table;
}

/// A family of each mapping, with random sets of orders; the first has them all.
inline std::vector<order_family> draw_families(std::span<const genome> bases, std::uint64_t seed) {
  random_stream random(seed, 0, 0);
  std::vector<order_family> families;
  for (const genome& base : bases) {
    order_family f{base, {(1u << order_table::most) - 1, (1u << order_table::most) - 1}};
    for (std::uint32_t& set : f.orders) {
      if (families.empty()) break;
      set = 1u << random.below(order_table::most) | 1u << random.below(order_table::most);
    }
    families.push_back(f);
  }
  return families;
}

/// Every mapping of families, written out loop by loop.
inline std::vector<genome> mappings_of(std::span<const order_family> families,
                                       const order_table& table) {
  std::vector<genome> all;
  for (const order_family& f : families) {
    for (int outer = 0; outer < order_table::most; ++outer) {
      for (int inner = 0; inner < order_table::most; ++inner) {
        if ((f.orders[0] >> outer & 1) == 0 || (f.orders[1] >> inner & 1) == 0) continue;
        genome g = f.base;
        for (int level = 0; level < 2; ++level) {
          genome of;
          of.loops[0] = table.order[static_cast<std::size_t>(level)]
                                   [static_cast<std::size_t>(level == 0 ? outer : inner)];
          for (int p = 0; p < gene_dimension_count; ++p) set_order(g, level, p, order(of, 0, p));
        }
        all.push_back(g);
      }
    }
  }
  return all;
}

/// The first of the best scored mappings.
inline std::optional<numbered_mapping> first_best(std::span<const genome> genomes,
                                                  std::span<const cost> costs,
                                                  std::span<const accelerator> accelerators,
                                                  objective by) {
  std::optional<numbered_mapping> best;
  double least = 0;
  for (std::size_t i = 0; i < genomes.size(); ++i) {
    if (costs[i].status != 0) continue;
    const accelerator& a = accelerators[genomes[i].accelerator_index];
    const double v = value(by, scored_mapping{costs[i], a, pes_of(genomes[i], a)});
    if (best && v >= least) continue;
    best = numbered_mapping{i, genomes[i], costs[i]};
    least = v;
  }
  return best;
}

}  // namespace cugamma
