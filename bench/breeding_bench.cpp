// Children bred per second and core, without selection and evaluation.

#include <benchmark/benchmark.h>

#include <vector>

#include "cugamma/breeding.hpp"
#include "cugamma/seeding.hpp"

namespace cugamma {
namespace {

search_space vgg16_conv4_1(int levels_max) {
  layer l;
  l.size = {512, 256, 30, 30, 3, 3, 1, 1};
  accelerator a;
  a.num_pes = 168;
  a.l1_size_elems = 512;
  a.l2_size_elems = 108000;
  return make_search_space(l, a, {.levels_max = levels_max});
}

std::vector<genome> some_parents(const search_space& space) {
  std::vector<genome> parents;
  for (std::uint64_t i = 0; i < 4096; ++i) {
    random_stream random(1, 0, i);
    parents.push_back(draw_fitting(space, {}, random));
  }
  return parents;
}

void breed_children(benchmark::State& state, int levels_max, const breeding_rates& rates) {
  const search_space space = vgg16_conv4_1(levels_max);
  const std::vector<genome> parents = some_parents(space);
  std::vector<genome> children(4096);
  std::uint32_t generation = 0;
  for (auto _ : state) {
    ++generation;
    for (std::uint64_t i = 0; i < children.size(); ++i) {
      random_stream random(1, generation, i);
      children[i] = breed(parents, space, rates, random);
    }
    benchmark::DoNotOptimize(children.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(children.size()));
}

void draw_first(benchmark::State& state) {
  const search_space space = vgg16_conv4_1(2);
  std::uint64_t i = 0;
  for (auto _ : state) {
    random_stream random(1, 0, ++i);
    benchmark::DoNotOptimize(draw_guided(space, {}, random));
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(breed_children, two_levels, 2, breeding_rates{})->Name("breed/two_levels");
BENCHMARK_CAPTURE(breed_children, to_three, 3, breeding_rates{})->Name("breed/two_to_three_levels");
BENCHMARK_CAPTURE(breed_children, plain, 2, plain_gamma_rates)->Name("breed/plain_gamma");
BENCHMARK(draw_first)->Name("draw/guided");

}  // namespace
}  // namespace cugamma

BENCHMARK_MAIN();
