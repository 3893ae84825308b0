// Every back end against the reference, over population sizes that tile its work badly.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory_resource>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/evaluate/ranking.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/mapping/random_mapping.hpp"
#include "cugamma/search/islands.hpp"
#include "cugamma/search/search_run.hpp"
#include "evaluate/family_cases.hpp"
#include "launch_policy.hpp"
#include "models/tile_count/tile_count_model.hpp"
#include "small_problems.hpp"

namespace cugamma {
namespace {

// A population over a whole network and two accelerators, scored once by the reference; a test of
// size n takes its first n. The reference is slow, so that larger populations repeat it.
class scored_population {
 public:
  static const scored_population& of_model(const cost_model& model) {
    static std::map<std::string_view, scored_population> all;
    const auto found = all.find(model.name);
    return found != all.end() ? found->second
                              : all.emplace(model.name, scored_population(model)).first->second;
  }

  std::vector<genome> genomes(std::size_t count) const {
    std::vector<genome> out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = genomes_[i % genomes_.size()];
    return out;
  }
  const cost& expected(std::size_t i) const { return costs_[i % costs_.size()]; }
  batch of(std::span<const genome> genomes) const { return {layers_, accelerators_, genomes}; }

 private:
  explicit scored_population(const cost_model& model)
      : accelerators_(2), genomes_(20011), costs_(20011) {
    for (const char* network : {"vgg16", "mobilenet_v2", "bert_base"}) {
      for (const network_layer& n : read_network(find_model(network)).layers) {
        layers_.push_back(unit_stride(n.l));
      }
    }
    accelerators_[0].num_pes = 168;
    accelerators_[1].noc_bw = 64;
    draw_mappings(11, 0, layers_, accelerators_, genomes_);
    make_evaluator("reference", {.model = &model})->evaluate(of(genomes_), costs_);
  }

  std::vector<layer> layers_;
  std::vector<accelerator> accelerators_;
  std::vector<genome> genomes_;
  std::vector<cost> costs_;
};

bool gpu_is_required() {
  const char* value = std::getenv("CUGAMMA_REQUIRE_GPU");
  return value != nullptr && std::string_view(value) == "1";
}

// Every cost model on every back end that has it.
struct conformance_case {
  const cost_model* model;
  std::string back_end;
};

void PrintTo(const conformance_case& c, std::ostream* out) {
  *out << c.model->name << " on " << c.back_end;
}

std::vector<conformance_case> conformance_cases() {
  static const bool is_registered = [] {
    register_cost_model(tile_count_model);
    return true;
  }();
  static_cast<void>(is_registered);
  std::vector<conformance_case> cases;
  for (const cost_model* model : cost_models()) {
    for (const std::string& name : known_evaluators()) {
      if (has_cost_model(name, *model)) cases.push_back({model, name});
    }
  }
  return cases;
}

class Conformance : public testing::TestWithParam<conformance_case> {
 protected:
  void SetUp() override {
    const auto obstacle = evaluator_obstacle(name(), model());
    if (!obstacle) return;
    if (gpu_is_required()) FAIL() << "CUGAMMA_REQUIRE_GPU=1, but " << name() << ": " << *obstacle;
    GTEST_SKIP() << name() << ": " << *obstacle;
  }

  const cost_model& model() const { return *GetParam().model; }
  const std::string& name() const { return GetParam().back_end; }
  std::unique_ptr<evaluator> make(std::string_view back_end) const {
    return make_evaluator(back_end, {.model = &model()});
  }
  std::unique_ptr<evaluator> make() const { return make(name()); }
  const scored_population& population() const { return scored_population::of_model(model()); }
  /// The largest population that a device reads in place. The reference has one way for all sizes,
  /// and is slow.
  std::size_t turning_size() const { return name() == "reference" ? 500 : mapped_limit; }
  void expect_reference(evaluator& e, std::size_t count) const;
};

void Conformance::expect_reference(evaluator& e, std::size_t count) const {
  const scored_population& p = population();
  const std::vector<genome> genomes = p.genomes(count);
  std::vector<cost> costs(count);
  e.evaluate(p.of(genomes), costs);
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(costs[i], p.expected(i)) << e.name() << ", mapping " << i << " of " << count;
  }
}

TEST_P(Conformance, EveryPopulationSizeCostsWhatTheReferenceSays) {
  const auto e = make();
  EXPECT_EQ(e->name(), name());
  for (const std::size_t count : {std::size_t{0},
                                  std::size_t{1},
                                  std::size_t{31},
                                  std::size_t{32},
                                  std::size_t{33},
                                  turning_size() - 1,
                                  turning_size(),
                                  turning_size() + 1}) {
    expect_reference(*e, count);
  }
}

TEST_P(Conformance, FamiliesHaveTheBestMappingOfPlainEnumeration) {
  const scored_population& p = population();
  const auto e = make(), reference = make("reference");
  const order_table table = every_order();
  for (const std::size_t count : {std::size_t{1}, std::size_t{33}, std::size_t{400}}) {
    const std::vector<genome> bases = p.genomes(count);
    const std::vector<order_family> families = draw_families(bases, count);
    const std::vector<genome> genomes = mappings_of(families, table);
    std::vector<cost> costs(genomes.size());
    const batch all = p.of(genomes);
    reference->evaluate(all, costs);
    for (const objective by : {objective::latency, objective::edp}) {
      EXPECT_EQ(e->evaluate_families({all.layers, all.accelerators, families, table}, by),
                first_best(genomes, costs, all.accelerators, by))
          << e->name() << ", " << count << " families, " << name_of(by);
    }
  }
}

TEST_P(Conformance, AMillionMappingsCostWhatTheReferenceSays) {
  expect_reference(*make(), name() == "reference" ? 20000 : 1000000);
}

TEST_P(Conformance, ABackEndsOwnMemoryHoldsTheSameCosts) {
  const auto e = make();
  const scored_population& p = population();
  for (const std::size_t count : {std::size_t{33}, turning_size() + 1}) {
    const std::vector<genome> drawn = p.genomes(count);
    const std::pmr::vector<genome> genomes(drawn.begin(), drawn.end(), e->memory());
    std::pmr::vector<cost> costs(count, e->memory());
    e->evaluate(p.of(genomes), costs);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(costs[i], p.expected(i)) << i;
  }
}

TEST_P(Conformance, MemoryThatIsUsedAgainIsReadAgain) {
  const auto e = make();
  const scored_population& p = population();
  constexpr std::size_t rounds = 4;
  for (std::pmr::memory_resource* memory : {e->memory(), std::pmr::get_default_resource()}) {
    for (const std::size_t count : {std::size_t{40}, turning_size() + 1}) {
      const std::vector<genome> all = p.genomes(rounds * count);
      std::pmr::vector<genome> genomes(count, memory);
      std::pmr::vector<cost> costs(count, memory);
      for (std::size_t round = 0; round < rounds; ++round) {
        std::copy_n(all.begin() + round * count, count, genomes.begin());
        e->evaluate(p.of(genomes), costs);
        for (std::size_t i = 0; i < count; ++i) {
          ASSERT_EQ(costs[i], p.expected(round * count + i)) << count << ", round " << round;
        }
      }
    }
  }
}

TEST_P(Conformance, OneEvaluatorServesChangingBatches) {
  const auto e = make();
  expect_reference(*e, 5000);
  const layer other;
  const accelerator a;
  const genome g;
  cost first, second;
  e->evaluate({{&other, 1}, {&a, 1}, {&g, 1}}, {&first, 1});
  make("reference")->evaluate({{&other, 1}, {&a, 1}, {&g, 1}}, {&second, 1});
  EXPECT_EQ(first, second);
  expect_reference(*e, 5001);
}

TEST_P(Conformance, TheBestOfAPopulationAreTheSame) {
  const auto e = make();
  const scored_population& p = population();
  std::vector<genome> genomes = p.genomes(2 * turning_size());
  std::vector<cost> costs;
  for (std::size_t i = 0; i < genomes.size(); ++i) costs.push_back(p.expected(i));
  for (std::size_t i = 0; i < turning_size() / 2; ++i) {  // duplicates
    genomes.push_back(genomes[i]);
    costs.push_back(costs[i]);
  }
  for (const auto& objectives :
       std::vector<std::vector<objective>>{{objective::latency},
                                           {objective::energy, objective::latency}}) {
    const ranking_rule rule = make_ranking_rule(objectives);
    for (const std::size_t count : {std::size_t{100}, genomes.size()}) {
      EXPECT_EQ(e->evaluate_best(p.of(genomes), rule, count),
                rank_best(p.of(genomes), costs, rule, count));
    }
  }
}

// The parents that two islands end with, one being bred while the other is scored.
std::vector<genome> parents_bred_with(evaluator& e,
                                      const cost_model& model,
                                      std::int64_t population,
                                      std::int32_t noc_bw) {
  const layer l = vgg16_8();
  accelerator a = small_machine();
  a.noc_bw = noc_bw;
  search_options options;
  options.population = population;
  options.model = &model;
  std::vector<genetic_search> searches;
  for (const search_options& own : split_into_islands(options, 2)) {
    searches.emplace_back(make_search_space(l, a), a, own);
  }
  run_options run;
  run.stop.generations = 5;
  run.islands = 2;
  run.migration_interval = 2;
  run.groups = 2;
  evaluator* const all[] = {&e};
  run_searches(searches, {&l, 1}, {&a, 1}, all, run);
  std::vector<genome> parents;
  for (const genetic_search& search : searches) {
    parents.insert(parents.end(), search.parents().begin(), search.parents().end());
  }
  return parents;
}

TEST_P(Conformance, ASearchEndsWithTheSameParents) {
  const auto e = make();
  const auto expected_from = make(has_cost_model("cpu", model()) ? "cpu" : "reference");
  for (const std::int32_t noc_bw : {81920000, 64}) {
    for (const std::size_t size : {std::size_t{200}, 2 * turning_size() + 2}) {
      const auto population = static_cast<std::int64_t>(size);
      const auto expected = parents_bred_with(*expected_from, model(), population, noc_bw);
      EXPECT_FALSE(expected.empty());
      EXPECT_EQ(parents_bred_with(*e, model(), population, noc_bw), expected) << population;
    }
  }
}

TEST_P(Conformance, TheFirstMappingThatIsNotInTheTablesIsNamed) {
  const layer l;
  const accelerator a;
  const auto e = make();
  for (const std::size_t count : {std::size_t{100}, std::size_t{200000}}) {
    std::vector<genome> genomes(count);
    const batch b{{&l, 1}, {&a, 1}, genomes};
    const std::size_t first = count / 3;
    genomes[count - 1].layer_index = 1;
    genomes[first].accelerator_index = 7;
    const auto expect_named = [&](const auto& call) {
      try {
        call();
        FAIL() << "a mapping of an unknown accelerator was scored";
      } catch (const input_error& error) {
        EXPECT_NE(std::string(error.what()).find(fmt::format("mapping {} names", first)),
                  std::string::npos)
            << error.what();
      }
    };
    std::vector<cost> costs(count);
    expect_named([&] { e->evaluate(b, costs); });
    expect_named([&] { e->evaluate_best(b, ranking_rule(), 10); });
  }
  expect_reference(*e, 100);
}

INSTANTIATE_TEST_SUITE_P(Models,
                         Conformance,
                         testing::ValuesIn(conformance_cases()),
                         [](const auto& param) {
                           return fmt::format("{}_{}",
                                              param.param.model->name,
                                              param.param.back_end);
                         });

}  // namespace
}  // namespace cugamma
