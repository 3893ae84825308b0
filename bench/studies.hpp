#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cxxopts.hpp>
#include <exception>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/objective.hpp"
#include "cugamma/models/cost_model.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "cugamma/search/genetic_search.hpp"

namespace cugamma {

/// A layer and an objective that the search is measured on.
struct study {
  const char* name;
  layer l;
  objective goal;
  double optimum;  ///< least figure of two-level mappings by the exact model, proven
};

inline layer make_layer(layer_type type, int k, int c, int y, int x, int r, int s) {
  layer l;
  l.size = {k, c, y, x, r, s, 1, 1};
  l.type = type;
  return l;
}

/// The optima are those of tests/models/exact/golden/optima.json.
inline std::vector<study> studies() {
  using enum layer_type;
  using enum objective;
  const layer vgg1 = make_layer(conv, 64, 3, 224, 224, 3, 3);
  const layer vgg8 = make_layer(conv, 512, 256, 28, 28, 3, 3);
  const layer vgg13 = make_layer(conv, 512, 512, 14, 14, 3, 3);
  const layer resnet = make_layer(conv, 128, 64, 56, 56, 1, 1);
  const layer mobilenet = make_layer(dsconv, 1, 32, 112, 112, 3, 3);
  const layer bert = make_layer(gemm, 768, 768, 512, 1, 1, 1);
  return {{"vgg16 1", vgg1, latency, 511561},
          {"vgg16 8", vgg8, latency, 4867345},
          {"vgg16 13", vgg13, latency, 2046031},
          {"resnet18 8", resnet, latency, 154127},
          {"mobilenet_v2 2", mobilenet, latency, 21329},
          {"BERT 1", bert, latency, 1802381},
          {"vgg16 1", vgg1, energy, 182780.77655040004},
          {"vgg16 8", vgg8, energy, 1452043.5896319998},
          {"vgg16 13", vgg13, energy, 632378.7413504},
          {"resnet18 8", resnet, energy, 51563.2226304},
          {"mobilenet_v2 2", mobilenet, energy, 13708.7891392},
          {"BERT 1", bert, energy, 567437.5446528001},
          {"vgg16 1", vgg1, edp, 93828519476.59033},
          {"vgg16 8", vgg8, edp, 7186794426440.649},
          {"vgg16 13", vgg13, edp, 1316399069945.6665},
          {"resnet18 8", resnet, edp, 8381002915.300147},
          {"mobilenet_v2 2", mobilenet, edp, 296390518.889696},
          {"BERT 1", bert, edp, 1044224520086.3821}};
}

/// The accelerator that they are mapped onto.
inline accelerator study_accelerator() {
  accelerator a;
  a.num_pes = 168;
  a.l1_size_elems = 512;
  a.l2_size_elems = 108000;
  return a;
}

/// Who searches: a cost model that is believed, and operators.
struct searcher {
  std::string name;  ///< "exact", "strict" or "gamma"
  const cost_model* model;
  belief trust;
  bool is_plain;  ///< GAMMA's operators alone
};

/// Throws input_error for a name that no searcher has.
inline searcher find_searcher(const std::string& name) {
  if (name == "exact") return {name, &find_cost_model("exact"), belief::strict, false};
  if (name == "strict") return {name, &find_cost_model("maestro"), belief::strict, false};
  if (name == "gamma") return {name, &find_cost_model("maestro"), belief::maestro, true};
  throw input_error(fmt::format("--searcher: found \"{}\", expected exact, strict or gamma", name));
}

/// What a searcher minimises for the sake of an objective: GAMMA reads MAESTRO's energy column.
inline objective goal_of(const searcher& who, objective goal) {
  if (who.name != "gamma") return goal;
  if (goal == objective::energy) return objective::maestro_energy;
  return goal == objective::edp ? objective::maestro_edp : goal;
}

/// How a searcher goes about an objective; the population and the seed are the caller's.
inline search_options options_of(const searcher& who, objective goal) {
  search_options options = who.is_plain ? plain_gamma_options() : search_options{};
  if (!who.is_plain) options.rates = rates_for(who.trust);
  options.objectives = {goal_of(who, goal)};
  options.model = who.model;
  options.trust = who.trust;
  return options;
}

/// What every program over the studies can be told.
struct study_settings {
  int seeds;
  std::string back_end;
  int only;  ///< number of the one study that is run, 0: all
  searcher who;
  std::string results;  ///< CSV file that the figures are appended to, may be empty
};

inline void add_study_options(cxxopts::Options& options, const char* seeds, const char* back_end) {
  auto add = options.add_options();
  add("seeds", "independent searches of each", cxxopts::value<int>()->default_value(seeds));
  add("backend", "evaluator", cxxopts::value<std::string>()->default_value(back_end));
  add("only", "number of the study, 0: all", cxxopts::value<int>()->default_value("0"));
  add("searcher",
      "exact: the default; strict: believes MAESTRO's model where it passes four tests; gamma: "
      "GAMMA's operators, believes all that MAESTRO says",
      cxxopts::value<std::string>()->default_value("exact"));
  add("results",
      "CSV file to append the figures to",
      cxxopts::value<std::string>()->default_value(""));
}

/// Throws input_error for a number that no study has, or no seeds.
inline study_settings read_study_settings(const cxxopts::ParseResult& given) {
  const study_settings set{given["seeds"].as<int>(),
                           given["backend"].as<std::string>(),
                           given["only"].as<int>(),
                           find_searcher(given["searcher"].as<std::string>()),
                           given["results"].as<std::string>()};
  const auto count = static_cast<int>(studies().size());
  if (set.only < 0 || set.only > count) {
    throw input_error(fmt::format("--only: found {}, expected 0 to {}", set.only, count));
  }
  if (set.seeds < 1) {
    throw input_error(fmt::format("--seeds: found {}, expected 1 or more", set.seeds));
  }
  return set;
}

/// The studies that are run.
inline std::vector<study> chosen_studies(const study_settings& set) {
  const std::vector<study> all = studies();
  return set.only == 0 ? all : std::vector<study>{all[static_cast<std::size_t>(set.only - 1)]};
}

/// A path for results: "latency/vgg16_1".
inline std::string path_of(const study& s) {
  std::string path = fmt::format("{}/{}", name_of(s.goal), s.name);
  std::ranges::replace(path, ' ', '_');
  return path;
}

/// Runs a program; an exception is printed, and makes the exit status 1.
inline int run_program(const char* name, void (*run)(int, char**), int argc, char** argv) {
  try {
    run(argc, argv);
    return 0;
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}: {}\n", name, e.what());
    return 1;
  }
}

}  // namespace cugamma
