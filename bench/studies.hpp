#pragma once

#include <vector>

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

}  // namespace cugamma
