#include "cugamma/search/network_search.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "cugamma/error.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/formats/network_file.hpp"

namespace cugamma {
namespace {

using nlohmann::json;

network_search_request small_request() {
  network_search_request request;
  const network net = read_network(CUGAMMA_SOURCE_DIR "/models/alexnet.csv");
  request.model = net.name;
  request.layers = net.layers;
  request.machine.num_pes = 168;
  request.machine.l1_size_elems = 2048;
  request.machine.l2_size_elems = 108000;
  request.stop.evaluations = 300;
  request.back_end = "cpu";
  return request;
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return text;
}

/// Without what differs from run to run.
json figures_of(const std::string& text) {
  json result = json::parse(text);
  for (const char* key :
       {"command", "seconds", "time", "individuals_per_second", "mappings_per_second"}) {
    result.erase(key);
  }
  for (json& l : result["layers"]) l.erase("seconds");
  return result;
}

TEST(NetworkSearch, GivesTheFiguresOfTheCommandLine) {
  network_search_request request = small_request();
  request.constraint = read_constraint(find_constraint("dla"));
  request.search.seed = 7;
  const json told = figures_of(output_of(
      fmt::format("CUGAMMA_MODELS_DIR='{}/models' '{}' search --model alexnet --accelerator "
                  "gamma --l1-size 2048 --l2-size 108000 --evaluations 300 --backend cpu "
                  "--constraint dla --seed 7 --format json --log-level 0",
                  CUGAMMA_SOURCE_DIR,
                  CUGAMMA_PROGRAM)));
  EXPECT_EQ(figures_of(result_json(search_network(request))), told);
}

TEST(NetworkSearch, EqualLayersAreSearchedOnceAndWeighed) {
  network_search_request request = small_request();
  const network_layer first = request.layers[2];
  network_layer again = first;
  again.name = "again";
  again.count = 3;
  request.layers = {first, again};
  std::int64_t generations = 0;
  const network_search_result found =
      search_network(request, [&](const run_summary&, const std::string&) { ++generations; });
  ASSERT_EQ(found.layers.size(), 2u);
  EXPECT_EQ(found.distinct_shapes, 1u);
  EXPECT_EQ(found.run.evaluations, 300);
  EXPECT_EQ(generations, found.run.generations);
  ASSERT_TRUE(found.all_found());
  EXPECT_EQ(found.layers[0].best->mapping, found.layers[1].best->mapping);
  const auto cycles = static_cast<double>(found.layers[0].best->figures.runtime_cycles);
  EXPECT_EQ(found.network().latency(), 4 * cycles);
  EXPECT_EQ(found.macs(), 4 * static_cast<double>(layer_macs(found.layers[0].mapped)));
}

TEST(NetworkSearch, WhatIsLeftOpenIsFilledInOnce) {
  network_search_request open = small_request();
  open.stop = {};
  open.search.trust = belief::strict;
  const network_search_request once = completed(open);
  EXPECT_EQ(once.search.population, 64);
  EXPECT_EQ(once.search.rates, rates_for(belief::strict));
  EXPECT_EQ(once.stop.evaluations, default_evaluations);
  EXPECT_EQ(once.space.levels_min, 2);
  EXPECT_EQ(once.space.levels_max, 2);
  const network_search_request twice = completed(once);
  EXPECT_EQ(twice.search.population, once.search.population);
  EXPECT_EQ(twice.search.rates, once.search.rates);
  EXPECT_EQ(twice.stop.evaluations, once.stop.evaluations);
}

TEST(NetworkSearch, RatesThatWereChosenStay) {
  network_search_request request = small_request();
  request.search.rates.gene_mutations = 1;
  EXPECT_EQ(completed(request).search.rates, request.search.rates);
}

TEST(NetworkSearch, AConstraintDecidesTheLevelsUnlessGiven) {
  network_search_request request = small_request();
  request.constraint = read_constraint(find_constraint("dla"));
  request.constraint->levels.resize(3);
  EXPECT_EQ(completed(request).space.levels_min, 3);
  EXPECT_EQ(completed(request).space.levels_max, 3);
  request.space.levels_min = 1;
  EXPECT_EQ(completed(request).space.levels_min, 1);
  EXPECT_EQ(completed(request).space.levels_max, 3);
}

TEST(NetworkSearch, WhatCannotBeSearchedIsNamed) {
  const auto message = [](const auto& change) {
    network_search_request request = small_request();
    change(request);
    try {
      search_network(request);
    } catch (const input_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message([](auto& r) { r.layers.clear(); }), "layers: found none, expected one or more");
  EXPECT_EQ(message([](auto& r) { r.stop.evaluations = 0; }),
            "evaluations: found 0, expected 1 or more");
  EXPECT_EQ(message([](auto& r) { r.search.population = 1; }),
            "population: found 1, expected 2 or more");
  EXPECT_NE(message([](auto& r) { r.algorithm = "magic"; }).find("\"magic\""), std::string::npos);
  EXPECT_NE(message([](auto& r) { r.search_pes = true; }).find("--area-budget is missing"),
            std::string::npos);
}

}  // namespace
}  // namespace cugamma
