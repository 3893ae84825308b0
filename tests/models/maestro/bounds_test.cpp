#include "cugamma/models/bounds.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "mapping/operators/seeding.hpp"
#include "small_problems.hpp"

namespace cugamma {
namespace {

TEST(Bounds, HandWorked) {
  const layer l = make_layer(layer_type::conv, 4, 2, 5, 5, 3, 3);  // 648 MACs, 50 + 72 elements
  accelerator a;
  a.num_pes = 10;
  a.simd_lanes = 2;
  a.noc_bw = 5;
  a.offchip_bw = 1;
  EXPECT_EQ(bounds_of(l, a, 10), (cycle_bounds{33, 61}));
  a.offchip_bw = 100;
  EXPECT_EQ(bounds_of(l, a, 10), (cycle_bounds{33, 25}));
  a.noc_hop_latency = 0;
  EXPECT_EQ(bounds_of(l, a, 10), (cycle_bounds{33, 12}));
  EXPECT_EQ(bounds_of(l, a, 10).larger(), 33);
}

// Bounds must hold for every plausible mapping: narrow accelerators, where traffic decides, and
// searches that push the runtime down.
TEST(Bounds, NoPlausibleMappingIsFaster) {
  using enum layer_type;
  const std::vector<layer> layers{make_layer(conv, 64, 32, 14, 14, 3, 3),
                                  make_layer(conv, 512, 512, 1, 1, 1, 1),
                                  make_layer(dsconv, 1, 32, 30, 30, 3, 3),
                                  make_layer(gemm, 96, 64, 48, 1, 1, 1)};
  const auto score = make_evaluator("cpu");
  for (const layer& l : layers) {
    for (const std::int32_t bw : {1, 3, 16}) {
      for (const std::int32_t latency : {0, 1, 5}) {
        accelerator a;
        a.num_pes = 1024;
        a.noc_bw = a.offchip_bw = bw;
        a.noc_hop_latency = latency;
        search_options options;
        options.population = 200;
        options.objectives = {objective::latency};
        genetic_search search(make_search_space(l, a, {.levels_min = 1, .levels_max = 3}),
                              a,
                              options);
        for (int generation = 0; generation < 15; ++generation) {
          const auto asked = search.ask(200);
          std::vector<cost> costs(asked.size());
          score->evaluate({{&l, 1}, {&a, 1}, asked}, costs);
          search.tell(costs);
        }
        ASSERT_TRUE(search.best());
        EXPECT_GE(search.best()->figures.runtime_cycles, bounds_of(l, a, 1024).larger())
            << "bandwidth " << bw << ", latency " << latency;
      }
    }
  }
}

}  // namespace
}  // namespace cugamma
