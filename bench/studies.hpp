#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cxxopts.hpp>
#include <exception>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/objective.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// A layer and an objective that the search is measured on.
struct study {
  const char* name;
  layer l;
  objective goal;
  double gamma_median;  ///< GAMMA, population 20, 400 evaluations, median of 10 seeds
};

inline layer make_layer(layer_type type, int k, int c, int y, int x, int r, int s) {
  layer l;
  l.size = {k, c, y, x, r, s, 1, 1};
  l.type = type;
  return l;
}

inline std::vector<study> studies() {
  using enum layer_type;
  const layer vgg8 = make_layer(conv, 512, 256, 28, 28, 3, 3);
  return {{"vgg16 1", make_layer(conv, 64, 3, 224, 224, 3, 3), objective::latency, 513442},
          {"vgg16 8", vgg8, objective::latency, 4.839e6},
          {"vgg16 13", make_layer(conv, 512, 512, 14, 14, 3, 3), objective::latency, 2.134e6},
          {"resnet18 8", make_layer(conv, 128, 64, 56, 56, 1, 1), objective::latency, 154722},
          {"mobilenet_v2 2", make_layer(dsconv, 1, 32, 112, 112, 3, 3), objective::latency, 22629},
          {"BERT 1", make_layer(gemm, 768, 768, 512, 1, 1, 1), objective::latency, 1.851e6},
          {"vgg16 8", vgg8, objective::maestro_energy, 27733},
          {"vgg16 8", vgg8, objective::maestro_edp, 2.37e11}};
}

/// The machine that they are mapped onto.
inline accelerator study_accelerator() {
  accelerator a;
  a.num_pes = 168;
  a.l1_size_elems = 512;
  a.l2_size_elems = 108000;
  return a;
}

/// Cycles that the MACs of a study take if all PEs always work.
inline double bound_of(const study& s) {
  return static_cast<double>(layer_macs(s.l)) / study_accelerator().num_pes;
}

/// What every program over the studies can be told.
struct study_settings {
  int seeds;
  std::string back_end;
  int only;             ///< number of the one study that is run, 0: all
  std::string results;  ///< CSV file that the figures are appended to, may be empty
};

inline void add_study_options(cxxopts::Options& options, const char* seeds, const char* back_end) {
  auto add = options.add_options();
  add("seeds", "independent searches of each", cxxopts::value<int>()->default_value(seeds));
  add("backend", "evaluator", cxxopts::value<std::string>()->default_value(back_end));
  add("only", "number of the study, 0: all", cxxopts::value<int>()->default_value("0"));
  add("results",
      "CSV file to append the figures to",
      cxxopts::value<std::string>()->default_value(""));
}

/// Throws input_error for a number that no study has, or no seeds.
inline study_settings read_study_settings(const cxxopts::ParseResult& given) {
  const study_settings set{given["seeds"].as<int>(),
                           given["backend"].as<std::string>(),
                           given["only"].as<int>(),
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
