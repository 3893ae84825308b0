// MAESTRO takes the edges of an inner level from its full tile (docs/model.md, "What MAESTRO
// miscounts"): edges_come_from() in the closed and the walked form.
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "models/maestro/walked/walk.hpp"

namespace cugamma {
namespace {

layer pointwise(int k) {
  layer l;
  l.size[index_of(dimension::K)] = k;
  l.size[index_of(dimension::C)] = 2;
  return l;
}

// K in tiles of 7, and those in tiles of 4: a full tile ends with an edge of 3.
genome nested_k_tiles() {
  genome g;
  set_level_count(g, 2);
  for (int level = 0; level < 2; ++level) {
    for (int p = 0; p < gene_dimension_count; ++p) {
      const auto d = static_cast<dimension>(p);
      set_order(g, level, p, d);
      set_tile(g, level, d, 1);
    }
    set_parallel(g, level, dimension::C);
  }
  set_tile(g, 0, dimension::K, 7);
  set_tile(g, 1, dimension::K, 4);
  set_cluster_size(g, 1, 1);
  return g;
}

cost evaluated(std::string_view back_end, int k, const accelerator& a) {
  const layer l = pointwise(k);
  const genome g = nested_k_tiles();
  std::vector<cost> costs(1);
  make_evaluator(back_end)->evaluate({{&l, 1}, {&a, 1}, {&g, 1}}, costs);
  return costs[0];
}

cost walked(int k, const accelerator& a) {
  const layer_totals totals = totals_of(pointwise(k));
  const auto l = core::make_layer_facts<double>(pointwise(k));
  const auto m = core::make_machine_facts<double>(a);
  core::walk_memory<double, 1> memory;
  core::walk(core::one_lane(), nested_k_tiles(), l, m, a.num_pes, memory);
  return core::walked_cost(l, memory, {totals, a}, a.num_pes);
}

// Of K = 12 an edge tile of 5 is left, which is 4 and 1. MAESTRO counts 4 and 3, as of the full
// tile of 7. So K = 12 takes as long as K = 14, which is two full tiles. K = 11 leaves 4, which is
// exact.
template <class Score>
void expect_edges_of_the_full_tile(const Score& score) {
  accelerator a;
  a.num_pes = 2;
  // The cpu's closed form takes mappings on PEs of one SIMD lane, its stepwise form the others.
  for (const int simd_lanes : {1, 2}) {
    a.simd_lanes = simd_lanes;
    const cost whole = score(14, a), miscounted = score(12, a), exact = score(11, a);
    ASSERT_TRUE(is_legal(whole.status));
    EXPECT_EQ(whole.doubt, 0);
    EXPECT_EQ(miscounted.doubt, 2.0f / 5.0f);
    EXPECT_EQ(exact.doubt, 0);
    EXPECT_EQ(miscounted.runtime_cycles, whole.runtime_cycles) << simd_lanes;
    EXPECT_EQ(exact.runtime_cycles, whole.runtime_cycles - (simd_lanes == 1 ? 3 : 2));
  }
}

TEST(InnerEdges, TheReferenceTakesThemFromTheFullTile) {
  expect_edges_of_the_full_tile(
      [](int k, const accelerator& a) { return evaluated("reference", k, a); });
}

TEST(InnerEdges, TheClosedFormTakesThemFromTheFullTile) {
  expect_edges_of_the_full_tile([](int k, const accelerator& a) { return evaluated("cpu", k, a); });
}

TEST(InnerEdges, TheWalkedFormTakesThemFromTheFullTile) { expect_edges_of_the_full_tile(walked); }

}  // namespace
}  // namespace cugamma
