// Individuals made per second and core, without duplicates turned away, selection and evaluation.

#include <benchmark/benchmark.h>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "mapping/operators/seeding.hpp"
#include "rates.hpp"
#include "search/breeding/breeding_engine.hpp"

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

raw_vector<genome> some_parents(const search_space& space, std::size_t count) {
  raw_vector<genome> parents;
  for (std::uint64_t i = 0; i < count; ++i) {
    random_stream random(1, 0, i);
    parents.push_back(draw_fitting(space, {}, random));
  }
  return parents;
}

struct operator_mix {
  int levels_max = 2;
  breeding_rates rates;
  double immigrants = 0.02;
  std::size_t parents = 4096;  ///< below 2: all are drawn
};

void propose(benchmark::State& state, const breeding_lanes& lanes, const operator_mix& mix) {
  const breeding_plan plan = make_breeding_plan(vgg16_conv4_1(mix.levels_max), mix.rates);
  const raw_vector<genome> parents = some_parents(plan.space, mix.parents);
  std::vector<genome> children(proposal_block);
  std::vector<std::uint64_t> identities(proposal_block);
  std::vector<std::uint32_t> numbers(proposal_block);
  std::iota(numbers.begin(), numbers.end(), 0);
  proposal_job job;
  job.plan = &plan;
  job.parents = parents.data();
  job.parent_count = static_cast<std::uint32_t>(parents.size());
  job.immigrants = chance_of(mix.immigrants);
  job.draws = {4096, 4096, 1};
  for (auto _ : state) {
    ++job.generation;
    lanes.propose(job, numbers.data(), numbers.size(), children.data(), identities.data());
    benchmark::DoNotOptimize(children.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(proposal_block));
}

operator_mix without(probability breeding_rates::*rate) {
  operator_mix mix;
  mix.rates.*rate = {0};
  return mix;
}

operator_mix unfitted() {
  operator_mix mix;
  mix.rates.fit_buffers = false;
  return mix;
}

operator_mix to_three_levels() {
  operator_mix mix;
  mix.levels_max = 3;
  return mix;
}

operator_mix plain_gamma() {
  operator_mix mix;
  mix.rates = plain_gamma_rates;
  mix.immigrants = 0;
  return mix;
}

operator_mix parents_and_immigrants(std::size_t parents, double immigrants) {
  operator_mix mix;
  mix.parents = parents;
  mix.immigrants = immigrants;
  return mix;
}

void register_all() {
  const std::pair<const char*, operator_mix> mixes[] = {
      {"default", {}},
      {"to_three_levels", to_three_levels()},
      {"plain_gamma", plain_gamma()},
      {"without_immigrants", parents_and_immigrants(4096, 0)},
      {"without_guided", without(&breeding_rates::guided)},
      {"without_mutations", without(&breeding_rates::gene_mutation)},
      {"without_fitting", unfitted()},
      {"a_million_parents", parents_and_immigrants(1000000, 0.02)},
      {"drawn", parents_and_immigrants(0, 0)}};
  for (const auto& [name, mix] : mixes) {
    for (const breeding_lanes* lanes : usable_breeding_lanes()) {
      const std::string path = std::string("breed/") + name + "/" + lanes->name;
      benchmark::RegisterBenchmark(path.c_str(), [lanes, mix](benchmark::State& state) {
        propose(state, *lanes, mix);
      });
    }
  }
}

}  // namespace
}  // namespace cugamma

int main(int argc, char** argv) {
  cugamma::register_all();
  return cugamma::run_benchmarks(argc, argv, false);
}
